"""Daily bars of indices, ETFs and stocks, with splits and dividends, from Yahoo's chart API (no key, unofficial).

Yahoo's prices and volumes are adjusted for all later splits. They are made raw again here with the splits that the
same answer states, so every request runs to the present: what an answer of an older range leaves out is noted. Some
splits are stated and never applied to the prices before them; the step of their day shows it, and nothing is undone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sources.base import PLANNED, Parsed, Request
from sources.parsing.adjustment import unapplied_splits
from sources.parsing.documents import require_member
from sources.parsing.finality import end_of_day, exchange_close, is_final, is_long_over
from sources.parsing.rows import Rows
from sources.parsing.values import NEW_YORK, BadCell, quote_value, read_instant, read_number, read_whole_number
from sources.parsing.yahoo import CHART_HOST, HEADERS, find_result, to_yahoo_symbol
from sources.parsing.yahoo_chart import (
    PRICES,
    Chart,
    list_events,
    parse_chart,
    price_columns,
    read_timestamps,
    require_certain_days,
)
from warehouse.errors import ChangedShape

if TYPE_CHECKING:
    from sources.http.client import Client

NAME = "yahoo_bars"
DATASETS = ("index_bars", "sector_bars", "equity_bars", "splits", "dividends")
HOSTS = (CHART_HOST,)
PACE = 2.0
NEEDS_KEY: str | None = None

_OTHER_EVENTS = ("capitalGains", "earnings")
_TO_THE_PRESENT = "9999999999"


def requests_for(dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]:
    """One request a symbol, however long the time."""
    return [Request(NAME, dataset, PLANNED, symbol=symbol, start=start, end=end) for symbol in symbols]


def fetch(client: Client, request: Request) -> tuple[bytes, Request]:
    """The bars from `request.start` to the present, so that every split after them is told."""
    symbol = to_yahoo_symbol(request.symbol or "", request.dataset)
    begin = datetime.combine(request.start or date(1927, 1, 3), time(0), NEW_YORK)
    answer = client.get(
        f"https://{CHART_HOST}/v8/finance/chart/{quote(symbol, safe='')}",
        {
            "interval": "1d",
            "period1": str(int(begin.timestamp())),
            "period2": _TO_THE_PRESENT,
            "events": "div|split",
            "includePrePost": "false",
        },
        HEADERS,
        expect="json",
        pace=PACE,
    )
    return answer.body, replace(request, fetched_at=answer.fetched_at, url=answer.url)


def parse(payload: bytes, request: Request) -> Parsed:
    """Bars with basis raw, splits and dividends (raw too). `request.dataset` decides the dataset, else the kind.

    A null bar is rejected as a lost session; of two bars of one day the later stamped stands; an open, high or low of
    0 is null. Raises NoData, NotFound, RateLimited, AccessRefused, MalformedAnswer, ChangedShape.
    """
    what = f"{NAME} {request.symbol or ''}".strip()
    result = find_result(payload, "chart", what)
    meta = require_member(result, "meta", dict, what)
    stamps = read_timestamps(result, what)
    found = [_read_stamp(stamp) for stamp in stamps]
    instants = [at for at in found if isinstance(at, datetime)]
    if meta.get("dataGranularity") not in (None, "1d"):
        raise ChangedShape(
            f"{what}: the bars are of {quote_value(meta['dataGranularity'])}, not of a day; check the request"
        )
    chart = parse_chart(result, request, what)
    rows = Rows(NAME, chart.dataset, "splits", "dividends")
    require_certain_days(chart, instants, what)
    columns = price_columns(result, len(stamps), what)
    days = list(_values_by_day(rows, chart, list(zip(stamps, found, strict=True)), columns))
    never_applied = unapplied_splits(chart.splits, _readable_closes(days))
    chart = replace(chart, never_applied=never_applied, last_bar_at=max(instants, default=None))
    for ex_date in sorted(chart.never_applied):
        rows.count_note(f"split of {ex_date} not applied by the vendor to the prices before it")
    _add_bars(rows, chart, days)
    if not days:
        rows.require_rows(chart.dataset, what)
    _add_events(rows, chart, result)
    return rows.to_parsed()


def _read_stamp(stamp: Any) -> datetime | BadCell:
    """The instant, or why it is none."""
    if stamp is None:
        return BadCell("timestamp is missing")
    try:
        return read_instant(stamp, "timestamp")
    except BadCell as bad:
        return bad


def _readable_closes(days: list[tuple[date, dict[str, Any]]]) -> list[tuple[date, float]]:
    """The closes that can be read; the others are rejected where their bars are."""
    found = []
    for day, values in days:
        try:
            close = read_number(values["close"], "close")
        except BadCell:
            continue
        if close is not None and close > 0:
            found.append((day, close))
    return found


def _add_bars(rows: Rows, chart: Chart, days: list[tuple[date, dict[str, Any]]]) -> None:
    newest = chart.request.start or date.min
    for day, values in days:
        newest = max(newest, day)
        if not _is_in_request(chart.request, day):
            rows.count_note("outside the request")
            continue
        raw = {"symbol": chart.symbol, "session_date": str(day), **values}
        if values["close"] is None:
            rows.reject_row(chart.dataset, raw, "lost session: the vendor gives a bar without a close", is_hole=True)
            continue
        rows.read_row(chart.dataset, raw, partial(_bar_row, rows, chart, day, values))
    traded = chart.last_traded_at
    if chart.kind not in ("INDEX", "FUTURE") and traded is not None and newest < chart.session_of_stamp(traded):
        rows.count_note("splits after this answer are unknown")


def _values_by_day(
    rows: Rows, chart: Chart, stamps: list[tuple[Any, datetime | BadCell]], columns: dict[str, list[Any]]
) -> Iterator[tuple[date, dict[str, Any]]]:
    """(session, values) for each day; of two bars of one day the later one that has a close. A stamp stands beside what it
    was read as."""
    best: dict[date, tuple[datetime, dict[str, Any]]] = {}
    for position, (stamp, at) in enumerate(stamps):
        values = {name: column[position] for name, column in columns.items()}
        if isinstance(at, BadCell):
            rows.reject_row(chart.dataset, {"symbol": chart.symbol, "timestamp": stamp, **values}, str(at))
            continue
        day = chart.session_of_stamp(at)
        if day in best:
            rows.count_note("second bar of a day")
            known = best[day]
            if (values["close"] is not None, at) < (known[1]["close"] is not None, known[0]):
                continue
        best[day] = (at, values)
    for day in sorted(best):
        yield day, best[day][1]


def _is_in_request(request: Request, day: date) -> bool:
    return (request.start or date.min) <= day <= (request.end or date.max)


def _bar_row(rows: Rows, chart: Chart, day: date, values: dict[str, Any]) -> dict[str, Any]:
    factor = chart.split_factor(day)
    bar: dict[str, Any] = {"symbol": chart.symbol, "session_date": day, "basis": "raw"}
    for name in PRICES:
        price = rows.read_price(values[name], name)
        bar[name] = None if price is None else _multiply_price(price, factor)
    volume = read_whole_number(values["volume"], "volume")
    if volume is not None and factor != 1:
        volume = read_whole_number(round(volume / factor), "volume before its splits")
    bar["volume"] = volume
    bar["is_final"] = _is_final_bar(chart, day)
    return bar


def _multiply_price(price: float, factor: Fraction) -> float:
    """Rounded once, so that two vendors who both divided agree again. Both parts of the factor are small."""
    if factor.denominator == 1:
        return price * factor.numerator
    if factor.numerator == 1:
        return price / factor.denominator
    return float(Fraction(price) * factor)


def _is_final_bar(chart: Chart, day: date) -> bool:
    """Fetched after the close, and the last trade that Yahoo knows of is not one from before the close."""
    if chart.kind == "FUTURE":
        closes_at = end_of_day(day, NEW_YORK, hour=17)
    elif chart.zone == NEW_YORK:
        closes_at = exchange_close(day)
    else:
        closes_at = datetime.combine(day + timedelta(days=1), time(0), chart.zone).astimezone(UTC)
    if not is_final(day, chart.request, closes_at):
        return False
    return not _is_stale_answer(chart, day, closes_at)


def _is_stale_answer(chart: Chart, day: date, closes_at: datetime) -> bool:
    """An answer out of a cache: it was made while `day` was still traded, whenever it was fetched. Where it does not say
    when it was made, that holds for its newest day until it is long over."""
    traded, opened = chart.last_traded_at, chart.session_opened_at
    if traded is None or opened is None:
        is_newest = chart.last_bar_at is not None and day == chart.session_of_stamp(chart.last_bar_at)
        return is_newest and not is_long_over(day, chart.request)
    return chart.session_of_stamp(opened) <= day == chart.session_of_stamp(traded) and traded < closes_at


def _add_events(rows: Rows, chart: Chart, result: dict[str, Any]) -> None:
    others = result.get("events")
    for name in others if isinstance(others, dict) else ():
        if name not in ("splits", "dividends"):
            rows.count_note(f"events not read: {name}" if name in _OTHER_EVENTS else "events of an unknown kind")
    for ex_date, ratio in chart.splits:
        if _is_in_request(chart.request, ex_date):
            rows.add_row(
                "splits",
                {
                    "symbol": chart.symbol,
                    "ex_date": ex_date,
                    "numerator": ratio.numerator,
                    "denominator": ratio.denominator,
                },
            )
    for event in list_events(result, "dividends"):
        rows.read_row("dividends", event, partial(_dividend_row, chart, event))


def _dividend_row(chart: Chart, event: Any) -> dict[str, Any] | None:
    if not isinstance(event, dict):
        raise BadCell(f"a dividend is {quote_value(event)}")
    ex_date = chart.session_of_stamp(read_instant(event.get("date"), "date"))
    amount = read_number(event.get("amount"), "amount")
    if not _is_in_request(chart.request, ex_date):
        return None
    if amount is None:
        raise BadCell("amount is missing")
    currency = event.get("currency") or chart.meta.get("currency")
    if currency not in (None, "USD"):
        raise BadCell(f"the amount is in {quote_value(currency)}, and dividends are kept in USD")
    return {
        "symbol": chart.symbol,
        "ex_date": ex_date,
        "amount_usd": _multiply_price(amount, chart.split_factor(ex_date)),
    }
