"""FRED's series: the CSV of its graphs (no key) and, with a key, the JSON API with its vintages.

The CSV is read by position: its first column was `DATE` until Dec 2024 and is `observation_date` since.
A missing observation is `.` or empty. https://fred.stlouisfed.org/docs/api/fred/series_observations.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sources.base import PLANNED, Parsed, Request
from sources.parsing.answers import count_lacking, refuse_other_subject, refuse_part, require_last_line_end
from sources.parsing.documents import csv_rows, parse_json, refuse_envelope, require_member
from sources.parsing.finality import is_final
from sources.parsing.publication_times import parse_compact_day, parse_iso_day, public_instant
from sources.parsing.rows import Rows
from sources.parsing.values import BadCell, quote_value, read_number
from warehouse.calendar import FIRST_DAY, LAST_DAY
from warehouse.errors import ChangedShape, MalformedAnswer, NoData

if TYPE_CHECKING:
    from sources.http.client import Client

NAME = "fred"
DATASETS = ("macro_observations", "index_bars")
HOSTS = ("fred.stlouisfed.org", "api.stlouisfed.org")
PACE = 2.0
NEEDS_KEY: str | None = None
KEY = "FRED_API_KEY"  # optional: with it the JSON API is asked

LATEST = "latest"
SERIES_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")
_DATASET = "macro_observations"
# Closes of indices, for want of bars; FRED has ten years of SP500 and DJIA.
_INDEX_SERIES = {"SPX": "SP500", "COMP": "NASDAQCOM", "DJI": "DJIA", "NDX": "NASDAQ100", "VIX": "VIXCLS"}
_VINTAGE_COLUMN = re.compile(r"^(?P<series>.+)_(?P<day>[0-9]{8})$")
_MISSING = (".", "", "#N/A", "ND")


def requests_for(dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]:
    """One request a series; of indices those that FRED has."""
    if dataset == "index_bars":
        return [
            Request(NAME, dataset, PLANNED, symbol=symbol, series=_INDEX_SERIES[symbol], start=start, end=end)
            for symbol in symbols
            if symbol in _INDEX_SERIES
        ]
    return [Request(NAME, dataset, PLANNED, series=series, start=start, end=end) for series in symbols]


def fetch(client: Client, request: Request) -> tuple[bytes, Request]:
    """The observations of `request.series` from `request.start` to `request.end`. Raises SourceErrors."""
    series = requested_series(request)
    key = os.environ.get(KEY)
    if key:
        params = {"series_id": series, "file_type": "json", "api_key": key}
        params |= requested_dates(request, "observation_start", "observation_end")
        answer = client.get("https://api.stlouisfed.org/fred/series/observations", params, expect="json", pace=PACE)
    else:
        params = {"id": series, **requested_dates(request, "cosd", "coed")}
        answer = client.get("https://fred.stlouisfed.org/graph/fredgraph.csv", params, expect="csv", pace=PACE)
    return answer.body, replace(request, fetched_at=answer.fetched_at, url=answer.url)


def parse(payload: bytes, request: Request) -> Parsed:
    """Rows of macro_observations: from the CSV and from plain JSON answers vintage `latest`, else the day's vintage.
    A request for index_bars gives the observations as closes.

    Raises MalformedAnswer where it is not whole, NoData where there is no value at all, NotFound, AccessRefused and
    RateLimited for the API's envelopes, ChangedShape for another series or a transformed one (units other than `lin`).
    """
    parsed = _parse_observations(payload, request)
    return _to_index_bars(parsed, request) if request.dataset == "index_bars" else parsed


def _to_index_bars(parsed: Parsed, request: Request) -> Parsed:
    symbols = {series: symbol for symbol, series in _INDEX_SERIES.items()}
    rows = Rows(NAME, "index_bars")
    for row in parsed.tables[_DATASET].to_pylist():
        day = row["period_date"]
        if row["value"] is None:
            continue
        if row["series_id"] in symbols and FIRST_DAY <= day <= LAST_DAY:
            bar = {"symbol": symbols[row["series_id"]], "session_date": day, "basis": "raw", "close": row["value"]}
            rows.add_row("index_bars", {**bar, "is_final": is_final(day, request)})
        else:
            rows.reject_row("index_bars", row, "no index that we know, or no day of the calendar")
    bars = rows.to_parsed()
    refused = [replace(old, dataset="index_bars") for old in parsed.rejected]
    return Parsed(bars.tables, (*refused, *bars.rejected), parsed.notes)


def _parse_observations(payload: bytes, request: Request) -> Parsed:
    if payload.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return _parse_json(payload, request)
    what = f"fred {request.series or ''}".strip()
    table = csv_rows(payload, what)
    require_last_line_end(payload, what)
    series = _series_columns(table[0], request, what)
    return parse_columns(table, [(name, LATEST) for name in series], NAME, what)


def requested_series(request: Request) -> str:
    if request.series is None or not SERIES_ID.match(request.series):
        raise MalformedAnswer(f"{quote_value(request.series)} names no series; give its id, such as DGS10")
    return request.series


def requested_dates(request: Request, first: str, last: str) -> dict[str, str]:
    asked = {first: request.start, last: request.end}
    return {name: day.isoformat() for name, day in asked.items() if day is not None}


def names_after_date(header: list[str], what: str) -> list[str]:
    """The names after the date column. Raises ChangedShape where the first column is none."""
    names = [name.strip() for name in header]
    if len(names) < 2 or "date" not in names[0].lower():
        raise ChangedShape(f"{what}: the header is {quote_value(names, 200)}; expected observation_date and a series")
    return names[1:]


def parse_columns(table: list[list[str]], columns: list[tuple[str, str]], source: str, what: str) -> Parsed:
    """A CSV of observations, one series (with its vintage) a column after the date. Of several series an empty cell is
    the place of another one's date, and no row."""
    rows = Rows(source, _DATASET)
    are_several = len({series for series, _ in columns}) > 1
    for line in table[1:]:
        if len(line) != len(columns) + 1:
            rows.reject_row(_DATASET, line, f"{len(line)} cells where the header has {len(columns) + 1}")
            continue
        for (series, vintage), cell in zip(columns, line[1:], strict=True):
            if are_several and cell.strip() in _MISSING:
                rows.count_note("missing_observations")
                continue
            add_observation(rows, series, line[0].strip(), vintage, cell)
    return finish_parsing(rows, what)


def add_observation(rows: Rows, series: str, period: Any, vintage: str, value: Any) -> None:
    """One observation; an unreadable one is rejected. A missing one is a row without a value, and noted: it takes back
    the value that an earlier answer or vintage gave for its period."""
    is_missing = value is None or (isinstance(value, str) and value.strip() in _MISSING)
    if is_missing:
        rows.count_note("missing_observations")

    def read_observation() -> dict[str, Any]:
        return {
            "series_id": series,
            "period_date": parse_iso_day(period, "the observation's date"),
            "vintage": vintage,
            "value": None if is_missing else read_number(value, "value"),
            "available_at": None if vintage == LATEST else public_instant(date.fromisoformat(vintage)),
        }

    rows.read_row(_DATASET, {"series": series, "date": period, "value": value}, read_observation)


def finish_parsing(rows: Rows, what: str) -> Parsed:
    """What was read. Raises NoData where no observation has a value, ChangedShape where none could be read."""
    if not rows.has_value(_DATASET, "value"):
        if rows.rejected:
            raise ChangedShape(f"{what}: not one observation can be read: {rows.rejected[0].reason}")
        missing = rows.notes["missing_observations"]
        raise NoData(f"{what}: no observation in these dates ({missing} are marked as missing)")
    return rows.to_parsed()


def _series_columns(header: list[str], request: Request, what: str) -> list[str]:
    names = names_after_date(header, what)
    for name in names:
        if not SERIES_ID.match(name):
            raise ChangedShape(f"{what}: the column {quote_value(name)} names no series")
    if request.series is not None and request.series not in names:
        raise ChangedShape(f"{what}: {request.series} was asked and {quote_value(names)} came")
    if len(set(names)) != len(names):
        raise ChangedShape(f"{what}: a series stands twice in the header {quote_value(names)}")
    return names


def _parse_json(payload: bytes, request: Request) -> Parsed:
    what = f"fred {request.series or ''}".strip()
    document = parse_json(payload, what)
    refuse_envelope(document, what)
    if isinstance(document, dict) and "seriess" in document and "observations" not in document:
        raise NoData(f"{what}: the answer describes the series and holds no observations; ask series/observations")
    observations = require_member(document, "observations", list, what)
    if document.get("units", "lin") != "lin":
        raise ChangedShape(
            f"{what}: the values are transformed (units {quote_value(document['units'])}); ask units=lin"
        )
    rows = Rows(NAME, _DATASET)
    latest = _is_latest(document, request)
    for entry in observations:
        if not isinstance(entry, dict):
            rows.reject_row(_DATASET, entry, "an observation should be an object")
        elif "value" in entry:
            _add_plain_observation(rows, entry, request, latest)
        else:
            _add_by_vintage(rows, entry, request, what)
    _check_count(observations, document.get("count"), rows, what)
    return finish_parsing(rows, what)


def _check_count(observations: list[Any], total: Any, rows: Rows, what: str) -> None:
    """Raise MalformedAnswer where a list of values is a part. Of objects with a member for each vintage (output types 2
    and 3) no recording shows what `count` counts: what it has more than they are is noted."""
    has_vintages_only = observations and not any(isinstance(one, dict) and "value" in one for one in observations)
    if not has_vintages_only:
        refuse_part(len(observations), total, what)
    elif lacking := count_lacking(len(observations), total):
        rows.count_note("more counted by the answer than dates came", lacking)


def _is_latest(document: dict[str, Any], request: Request) -> bool:
    """True for what is known now; False where vintages were asked: then each row's realtime_start is its vintage."""
    if request.options.get("vintage") or document.get("output_type", 1) not in (1, "1"):
        return False
    return bool(document.get("realtime_start") == document.get("realtime_end"))


def _add_plain_observation(rows: Rows, entry: dict[str, Any], request: Request, latest: bool) -> None:
    if request.series is None:
        rows.reject_row(_DATASET, entry, "the answer does not name its series; give it with the request (--series)")
        return
    vintage = LATEST
    if not latest:
        try:
            vintage = parse_iso_day(entry.get("realtime_start"), "realtime_start").isoformat()
        except BadCell as bad:
            rows.reject_row(_DATASET, entry, str(bad))
            return
    add_observation(rows, request.series, entry.get("date"), vintage, entry["value"])


def _add_by_vintage(rows: Rows, entry: dict[str, Any], request: Request, what: str) -> None:
    """Output types 2 and 3: one object a date, one member GDP_20140730 a vintage."""
    for name, value in sorted(entry.items()):
        match = _VINTAGE_COLUMN.match(name)
        if name == "date":
            continue
        if match is None or not SERIES_ID.match(match["series"]):
            rows.reject_row(_DATASET, {name: value}, f"{quote_value(name)} names no series and vintage")
            continue
        refuse_other_subject(request.series, match["series"], what, "is it the answer for another series?")
        try:
            vintage = parse_compact_day(match["day"], "the vintage").isoformat()
        except BadCell as bad:
            rows.reject_row(_DATASET, {name: value}, str(bad))
            continue
        add_observation(rows, match["series"], entry.get("date"), vintage, value)
