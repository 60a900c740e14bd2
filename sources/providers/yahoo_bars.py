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
from sources.parsing.adjustment import never_applied
from sources.parsing.documents import member
from sources.parsing.finality import end_of_day, exchange_close, is_final
from sources.parsing.rows import Rows
from sources.parsing.values import NEW_YORK, BadCell, instant, number, quoted, whole
from sources.parsing.yahoo import CHART_HOST, HEADERS, result_of, to_yahoo
from sources.parsing.yahoo_chart import PRICES, Chart, chart_of, columns_of, events_of, stamps_of
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
    symbol = to_yahoo(request.symbol or "", request.dataset)
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
    result = result_of(payload, "chart", what)
    meta = member(result, "meta", dict, what)
    stamps = stamps_of(result, what)
    if meta.get("dataGranularity") not in (None, "1d"):
        raise ChangedShape(
            f"{what}: the bars are of {quoted(meta['dataGranularity'])}, not of a day; check the request"
        )
    chart = chart_of(result, request, what)
    rows = Rows(NAME, chart.dataset, "splits", "dividends")
    days = list(_by_day(rows, chart, stamps, columns_of(result, len(stamps), what)))
    chart = replace(chart, never_applied=never_applied(chart.splits, _closes(days)))
    for ex_date in sorted(chart.never_applied):
        rows.note(f"split of {ex_date} not applied by the vendor to the prices before it")
    _add_bars(rows, chart, days)
    _add_events(rows, chart, result)
    return rows.parsed()


def _closes(days: list[tuple[date, dict[str, Any]]]) -> list[tuple[date, float]]:
    """The closes that can be read; the others are rejected where their bars are."""
    found = []
    for day, values in days:
        try:
            close = number(values["close"], "close")
        except BadCell:
            continue
        if close is not None and close > 0:
            found.append((day, close))
    return found


def _add_bars(rows: Rows, chart: Chart, days: list[tuple[date, dict[str, Any]]]) -> None:
    newest = chart.request.start or date.min
    for day, values in days:
        newest = max(newest, day)
        if not _within(chart.request, day):
            rows.note("outside the request")
            continue
        raw = {"symbol": chart.symbol, "session_date": str(day), **values}
        if values["close"] is None:
            rows.reject(chart.dataset, raw, "lost session: the vendor gives a bar without a close", is_hole=True)
            continue
        rows.read(chart.dataset, raw, partial(_bar, rows, chart, day, values))
    traded = chart.traded_at
    if chart.kind not in ("INDEX", "FUTURE") and traded is not None and newest < chart.day_of(traded):
        rows.note("splits after this answer are unknown")


def _by_day(
    rows: Rows, chart: Chart, stamps: list[Any], columns: dict[str, list[Any]]
) -> Iterator[tuple[date, dict[str, Any]]]:
    """(session, values) for each day; of two bars of one day the later one that has a close."""
    best: dict[date, tuple[datetime, dict[str, Any]]] = {}
    for position, stamp in enumerate(stamps):
        values = {name: column[position] for name, column in columns.items()}
        try:
            at = instant(stamp, "timestamp") if stamp is not None else None
            if at is None:
                raise BadCell("timestamp is missing")
        except BadCell as bad:
            rows.reject(chart.dataset, {"symbol": chart.symbol, "timestamp": stamp, **values}, str(bad))
            continue
        day = chart.day_of(at)
        if day in best:
            rows.note("second bar of a day")
            known = best[day]
            if (values["close"] is not None, at) < (known[1]["close"] is not None, known[0]):
                continue
        best[day] = (at, values)
    for day in sorted(best):
        yield day, best[day][1]


def _within(request: Request, day: date) -> bool:
    return (request.start or date.min) <= day <= (request.end or date.max)


def _bar(rows: Rows, chart: Chart, day: date, values: dict[str, Any]) -> dict[str, Any]:
    factor = chart.factor(day)
    bar: dict[str, Any] = {"symbol": chart.symbol, "session_date": day, "basis": "raw"}
    for name in PRICES:
        price = rows.price(values[name], name)
        bar[name] = None if price is None else _times(price, factor)
    volume = whole(values["volume"], "volume")
    if volume is not None and factor != 1:
        volume = whole(round(volume / factor), "volume before its splits")
    bar["volume"] = volume
    bar["is_final"] = _is_final(chart, day)
    return bar


def _times(price: float, factor: Fraction) -> float:
    """Rounded once, so that two vendors who both divided agree again. Both parts of the factor are small."""
    if factor.denominator == 1:
        return price * factor.numerator
    if factor.numerator == 1:
        return price / factor.denominator
    return float(Fraction(price) * factor)


def _is_final(chart: Chart, day: date) -> bool:
    """Fetched after the close, and the last trade that Yahoo knows of is not one from before the close."""
    if chart.kind == "FUTURE":
        closes_at = end_of_day(day, NEW_YORK, hour=17)
    elif chart.zone == NEW_YORK:
        closes_at = exchange_close(day)
    else:
        closes_at = datetime.combine(day + timedelta(days=1), time(0), chart.zone).astimezone(UTC)
    if not is_final(day, chart.request, closes_at):
        return False
    return not _is_stale(chart, day, closes_at)


def _is_stale(chart: Chart, day: date, closes_at: datetime) -> bool:
    """An answer out of a cache: it was made while `day` was still traded, whenever it was fetched."""
    traded, opened = chart.traded_at, chart.opened_at
    if traded is None or opened is None:
        return False
    return chart.day_of(opened) <= day == chart.day_of(traded) and traded < closes_at


def _add_events(rows: Rows, chart: Chart, result: dict[str, Any]) -> None:
    others = result.get("events")
    for name in others if isinstance(others, dict) else ():
        if name not in ("splits", "dividends"):
            rows.note(f"events not read: {name}" if name in _OTHER_EVENTS else "events of an unknown kind")
    for ex_date, ratio in chart.splits:
        if _within(chart.request, ex_date):
            rows.add(
                "splits",
                {
                    "symbol": chart.symbol,
                    "ex_date": ex_date,
                    "numerator": ratio.numerator,
                    "denominator": ratio.denominator,
                },
            )
    for event in events_of(result, "dividends"):
        rows.read("dividends", event, partial(_dividend, chart, event))


def _dividend(chart: Chart, event: Any) -> dict[str, Any] | None:
    if not isinstance(event, dict):
        raise BadCell(f"a dividend is {quoted(event)}")
    ex_date = chart.day_of(instant(event.get("date"), "date"))
    amount = number(event.get("amount"), "amount")
    if not _within(chart.request, ex_date):
        return None
    if amount is None:
        raise BadCell("amount is missing")
    currency = event.get("currency") or chart.meta.get("currency")
    if currency not in (None, "USD"):
        raise BadCell(f"the amount is in {quoted(currency)}, and dividends are kept in USD")
    return {"symbol": chart.symbol, "ex_date": ex_date, "amount_usd": _times(amount, chart.factor(ex_date))}
