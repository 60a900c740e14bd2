"""Reference rates of the Federal Reserve Bank of New York: EFFR with the target range, SOFR and its averages.

The answer is `refRates[]`, newest first. The rate of a day is published on the next working day's morning. Series have
FRED's names: DFEDTARL and DFEDTARU for the target range, SOFR30DAYAVG and SOFRINDEX for the averages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from sources.base import PLANNED, Parsed, Request
from sources.parsing.answers import refuse_other_subject, require_fields
from sources.parsing.documents import parse_json, refuse_envelope, require_member
from sources.parsing.publication_times import next_fed_morning, parse_iso_day
from sources.parsing.rows import Rows
from sources.parsing.values import BadCell, read_number, read_words
from warehouse.errors import ChangedShape, NoData, NotFound

if TYPE_CHECKING:
    from sources.http.client import Client

NAME = "nyfed_rates"
DATASETS = ("macro_observations",)
HOSTS = ("markets.newyorkfed.org",)
PACE = 2.0
NEEDS_KEY: str | None = None

_DATASET = "macro_observations"
_PATHS = {
    "EFFR": "unsecured/effr",
    "OBFR": "unsecured/obfr",
    "SOFR": "secured/sofr",
    "BGCR": "secured/bgcr",
    "TGCR": "secured/tgcr",
    "DFEDTARL": "unsecured/effr",
    "DFEDTARU": "unsecured/effr",
}
_RATES = ("EFFR", "OBFR", "SOFR", "BGCR", "TGCR")
_AVERAGES = {
    "average30day": "SOFR30DAYAVG",
    "average90day": "SOFR90DAYAVG",
    "average180day": "SOFR180DAYAVG",
    "index": "SOFRINDEX",
}
_MISSING = ("NA", "N/A", "*", "-")
# the first year in which the target was a range all along
_RANGE_SINCE = "2009"


def requests_for(dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]:
    """One request for each rate that serves some of `symbols`; other series are no business of this source."""
    wanted = {_PATHS[series]: series for series in sorted(symbols, reverse=True) if series in _PATHS}
    return [Request(NAME, dataset, PLANNED, series=series, start=start, end=end) for series in wanted.values()]


def fetch(client: Client, request: Request) -> tuple[bytes, Request]:
    """The rates of `request.series` (EFFR or SOFR as a rule) in its dates. Raises SourceErrors."""
    path = _PATHS.get(request.series or "")
    if path is None:
        raise NotFound(f"nyfed_rates: no series {request.series!r}; choose from {', '.join(_PATHS)}")
    asked = {"startDate": request.start, "endDate": request.end}
    params = {name: day.isoformat() for name, day in asked.items() if day is not None}
    url = f"https://markets.newyorkfed.org/api/rates/{path}/search.json"
    answer = client.get(url, params, expect="json", pace=PACE)
    return answer.body, replace(request, fetched_at=answer.fetched_at, url=answer.url)


def parse(payload: bytes, request: Request) -> Parsed:
    """Rows of macro_observations, one for each rate of each day; a revised rate replaces the first one of its day.

    Raises NoData for an empty list, MalformedAnswer for another rate than the one asked, ChangedShape where no entry can be
    read or all lack a field.
    """
    what = f"nyfed_rates {request.series or ''}".strip()
    document = parse_json(payload, what)
    refuse_envelope(document, what)
    entries = require_member(document, "refRates", list, what)
    if not entries:
        raise NoData(f"{what}: no rates in these dates; they are published on the next working day")
    _require_asked_rate(entries, request, what)
    rows = Rows(NAME, _DATASET)
    for entry in _without_replaced(entries, rows):
        _read_entry(rows, entry)
    if rows.count_rows(_DATASET) == 0:
        if rows.rejected:
            raise ChangedShape(f"{what}: not one rate can be read: {rows.rejected[0].reason}")
        raise NoData(f"{what}: no rate has a value in these dates")
    return rows.to_parsed()


def _require_asked_rate(entries: list[Any], request: Request, what: str) -> None:
    """Raise MalformedAnswer where the answer is about another rate than the one asked, ChangedShape where its rates since
    2009 have lost the target range."""
    named = {str(entry.get("type")).strip().upper() for entry in entries if isinstance(entry, dict)}
    kinds = named & {*_RATES, "SOFRAI"}
    path = _PATHS.get(request.series or "")
    asked = path.rpartition("/")[2].upper() if path else None
    if kinds and asked not in kinds:
        refuse_other_subject(asked, min(kinds), what, "is it the answer for another rate?")
    recent = [
        entry
        for entry in entries
        if isinstance(entry, dict) and entry.get("type") == "EFFR" and str(entry.get("effectiveDate")) >= _RANGE_SINCE
    ]
    if recent:
        require_fields(recent, ("targetRateFrom", "targetRateTo"), what)


def _without_replaced(entries: list[Any], rows: Rows) -> Iterator[Any]:
    """Of two entries of one day and type, the one that is marked as a revision counts alone."""
    revised = {_rate_identity(e) for e in entries if isinstance(e, dict) and _is_revision(e)}
    for entry in entries:
        if isinstance(entry, dict) and not _is_revision(entry) and _rate_identity(entry) in revised:
            rows.count_note("replaced_by_a_revision")
        else:
            yield entry


def _rate_identity(entry: dict[str, Any]) -> tuple[str, str]:
    return str(entry.get("effectiveDate"))[:40], str(entry.get("type"))[:40]


def _is_revision(entry: dict[str, Any]) -> bool:
    marker = entry.get("revisionIndicator")
    return isinstance(marker, str) and marker.strip().lower() in ("r", "[r]")


def _read_entry(rows: Rows, entry: Any) -> None:
    """The values that one entry holds, each a row."""
    if not isinstance(entry, dict):
        rows.reject_row(_DATASET, entry, "an entry of refRates should be an object")
        return
    try:
        kind = (read_words(entry.get("type"), "type") or "").upper()
        day = parse_iso_day(entry.get("effectiveDate"), "effectiveDate")
    except BadCell as bad:
        rows.reject_row(_DATASET, entry, str(bad))
        return
    series = _values_by_series(kind, entry)
    if not series:
        rows.reject_row(_DATASET, entry, f"no rate that we know: type {kind[:20]!r}")
    for name, value in series.items():
        if value is None or (isinstance(value, str) and value.strip() in ("", *_MISSING)):
            rows.count_note("missing_observations")
            continue
        rows.read_row(_DATASET, entry, partial(_observation_row, name, day, value))


def _observation_row(series: str, day: date, value: Any) -> dict[str, Any]:
    return {
        "series_id": series,
        "period_date": day,
        "vintage": "latest",
        "value": read_number(value, "the rate"),
        "available_at": next_fed_morning(day),
    }


def _values_by_series(kind: str, entry: dict[str, Any]) -> dict[str, Any]:
    if kind == "SOFRAI":
        return {series: entry[name] for name, series in _AVERAGES.items() if name in entry}
    if kind not in _RATES or "percentRate" not in entry:
        return {}
    found = {kind: entry["percentRate"]}
    if kind == "EFFR":
        # days with a single target (before Dec 2008) give no upper end
        for name, series in (("targetRateFrom", "DFEDTARL"), ("targetRateTo", "DFEDTARU")):
            if entry.get(name) is not None:
                found[series] = entry[name]
    return found
