"""The frame of a Yahoo chart answer: whose it is, in which time zone, its arrays and its splits."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from math import prod
from operator import mul
from typing import Any
from zoneinfo import ZoneInfo

from sources.base import Request
from sources.parsing.answers import IS_RENAMED, refuse_other_subject
from sources.parsing.documents import require_member
from sources.parsing.values import BadCell, quote_value, read_instant, read_number
from sources.parsing.yahoo import from_yahoo_symbol
from warehouse.errors import ChangedShape, MalformedAnswer, NoData

BARS = ("index_bars", "sector_bars", "equity_bars")
_LEAST = Fraction(1, 10**9)
PRICES = ("open", "high", "low", "close")
_BY_TYPE = {"INDEX": "index_bars", "FUTURE": "index_bars", "ETF": "sector_bars", "MUTUALFUND": "sector_bars"}
_ZONE = re.compile(r"^[A-Za-z_]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}$", re.ASCII)


@dataclass(frozen=True)
class Chart:
    """One answer, its frame checked; `splits` are (ex-date, ratio), ratio = new shares for one old share.

    `never_applied` are the ex-dates of splits that the answer states and its prices were not adjusted for, `last_bar_at`
    is the newest of its timestamps.
    """

    symbol: str
    kind: str
    dataset: str
    zone: tzinfo
    meta: dict[str, Any]
    splits: tuple[tuple[date, Fraction], ...]
    request: Request
    never_applied: frozenset[date] = frozenset()
    last_bar_at: datetime | None = None

    def session_of_stamp(self, stamp: datetime) -> date:
        return stamp.astimezone(self.zone).date()

    @cached_property
    def last_traded_at(self) -> datetime | None:
        """The last trade that the vendor knew of when it made the answer."""
        return self._meta_instant("regularMarketTime")

    @cached_property
    def session_opened_at(self) -> datetime | None:
        """The opening of the session that was the vendor's newest one."""
        return self._meta_instant("currentTradingPeriod", "regular", "start")

    def _meta_instant(self, *path: str) -> datetime | None:
        found: Any = self.meta
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        try:
            return read_instant(found, path[-1])
        except BadCell:
            return None

    def split_factor(self, day: date) -> Fraction:
        """What the vendor's price of `day` is multiplied with to be raw: the splits after it that were applied."""
        return self._split_factors[bisect_right(self.splits, day, key=lambda split: split[0])]

    @cached_property
    def _split_factors(self) -> list[Fraction]:
        """For each n the product of all splits from the n-th on that the prices were adjusted for."""
        applied = (Fraction(1) if day in self.never_applied else ratio for day, ratio in reversed(self.splits))
        backwards = accumulate(applied, mul, initial=Fraction(1))
        return list(backwards)[::-1]


def read_timestamps(result: dict[str, Any], what: str) -> list[Any]:
    """The timestamps. Raises NoData where Yahoo has no bars: the key is then absent, with status 200."""
    stamps = result.get("timestamp")
    if stamps is None or stamps == []:
        quotes = result.get("indicators")
        if isinstance(quotes, dict) and quotes.get("quote") not in ([{}], [], None):
            raise ChangedShape(f"{what}: there are quotes and no timestamps; the API has changed")
        raise NoData(f"{what}: no bars in this range; check the dates, or the symbol is not traded")
    return list(require_member(result, "timestamp", list, what))


def price_columns(result: dict[str, Any], count: int, what: str) -> dict[str, list[Any]]:
    """The five arrays. Raises MalformedAnswer where one is shorter than the timestamps: which of the bars it lacks nobody
    can tell, and filled up at its end it would move all later values by a session."""
    quotes = require_member(require_member(result, "indicators", dict, what), "quote", list, what)
    if quotes == [{}]:
        raise NoData(f"{what}: there are {count} timestamps without any quote; try again later")
    found = {}
    for name in (*PRICES, "volume"):
        column = require_member(quotes[0] if quotes else None, name, list, what)
        if len(column) > count:
            raise ChangedShape(f"{what}: {name} has {len(column)} values for {count} timestamps; the API has changed")
        if len(column) < count:
            raise MalformedAnswer(
                f"{what}: {name} has {len(column)} values for {count} timestamps, and nobody can tell which it lacks;"
                " download it again"
            )
        found[name] = column
    return found


def parse_chart(result: dict[str, Any], request: Request, what: str) -> Chart:
    """Raises ChangedShape, and MalformedAnswer where the answer is about another symbol than the one asked, or its prices
    are not in dollars (an index has no currency)."""
    meta = require_member(result, "meta", dict, what)
    kind = meta.get("instrumentType")
    kind = kind if isinstance(kind, str) else ""
    dataset = request.dataset if request.dataset in BARS else _BY_TYPE.get(kind, "equity_bars")
    is_index = dataset == "index_bars"
    try:
        symbol = from_yahoo_symbol(meta.get("symbol"), is_index)
        asked = from_yahoo_symbol(request.symbol, is_index) if request.symbol else symbol
    except BadCell as bad:
        raise ChangedShape(f"{what}: {bad}; the API has changed") from bad
    refuse_other_subject(asked, symbol, what, IS_RENAMED)
    if not is_index:
        _require_dollars(meta, what)
    zone = _exchange_zone(meta, what)
    return Chart(symbol, kind, dataset, zone, meta, _parse_splits(result, zone, what), request)


def _require_dollars(meta: dict[str, Any], what: str) -> None:
    currency = require_member(meta, "currency", str, what)
    if currency != "USD":
        raise MalformedAnswer(
            f"{what}: its prices are in {quote_value(currency)}, and bars of stocks and funds are kept in USD;"
            " ask for a US listing"
        )


def require_certain_days(chart: Chart, stamps: list[datetime], what: str) -> None:
    """Raise ChangedShape where the zone is an offset of today only, and a stamp lies within an hour of its midnight: with
    the clocks set an hour otherwise the bar would be of the day before, as those of a future are."""
    if isinstance(chart.zone, ZoneInfo):
        return
    doubtful = next((at for at in stamps if at.astimezone(chart.zone).hour in (0, 23)), None)
    if doubtful is not None:
        raise ChangedShape(
            f"{what}: no usable time zone, and by the offset alone the day of the bar at {doubtful:%Y-%m-%d %H:%M} UTC is"
            " not certain; the API has changed"
        )


def _exchange_zone(meta: dict[str, Any], what: str) -> tzinfo:
    name = meta.get("exchangeTimezoneName")
    if isinstance(name, str) and _ZONE.match(name):
        try:
            return ZoneInfo(name)
        except (OSError, ValueError, KeyError):
            pass  # an unknown name: the offset below is the next best
    offset = meta.get("gmtoffset")
    if isinstance(offset, int) and not isinstance(offset, bool) and abs(offset) < 86400:
        return timezone(timedelta(seconds=offset))
    raise ChangedShape(f"{what}: no usable time zone ({quote_value(name)}, {quote_value(offset)}); the API has changed")


def list_events(result: dict[str, Any], name: str) -> list[Any]:
    """The events of one kind, keyed by epoch in the answer; none is no error."""
    events = result.get("events")
    found = events.get(name) if isinstance(events, dict) else None
    if isinstance(found, dict):
        return list(found.values())
    return found if isinstance(found, list) else []


def _parse_splits(result: dict[str, Any], zone: tzinfo, what: str) -> tuple[tuple[date, Fraction], ...]:
    """Raises MalformedAnswer for a split that cannot be read: no earlier price could be made raw."""
    found: dict[date, Fraction] = {}
    for event in list_events(result, "splits"):
        try:
            if not isinstance(event, dict):
                raise BadCell(f"it is {quote_value(event)}")
            ex_date = read_instant(event.get("date"), "date").astimezone(zone).date()
            ratio = Fraction(_parse_shares(event, "numerator")) / Fraction(_parse_shares(event, "denominator"))
        except BadCell as bad:
            raise MalformedAnswer(f"{what}: a split cannot be read ({bad}), so no raw price can be told") from bad
        found[ex_date] = ratio
    if not _LEAST <= prod(found.values(), start=Fraction(1)) <= 1 / _LEAST:
        raise MalformedAnswer(
            f"{what}: its {len(found)} splits together are beyond reason, so no raw price can be told"
        )
    return tuple(sorted(found.items()))


def _parse_shares(event: dict[str, Any], name: str) -> Fraction:
    shares = read_number(event.get(name), name)
    if shares is None or not 1e-6 <= shares <= 1e6:
        raise BadCell(f"{name} is {quote_value(event.get(name))}")
    return Fraction(shares).limit_denominator(10**6)
