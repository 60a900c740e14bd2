"""ALFRED: a series as it stood on a day of the past (a vintage), from the CSV of its graphs, without a key.

The column must be ID_YYYYMMDD of the vintage asked: it is the only proof that the vintage was honoured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from sources.base import PLANNED, Parsed, Request
from sources.parsing.answers import require_last_line_end
from sources.parsing.documents import csv_rows
from sources.parsing.publication_times import parse_compact_day
from sources.parsing.values import BadCell, quote_value
from sources.providers.fred import SERIES_ID, names_after_date, parse_columns, requested_dates, requested_series
from warehouse.errors import ChangedShape, MalformedAnswer

if TYPE_CHECKING:
    from sources.http.client import Client

NAME = "alfred"
DATASETS = ("macro_observations",)
HOSTS = ("alfred.stlouisfed.org",)
PACE = 1.0
NEEDS_KEY: str | None = None


def requests_for(dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]:
    """One request a series: the vintage of `end`, whole, since a revision may reach back to the first observation."""
    return [Request(NAME, dataset, PLANNED, series=series, session=end, end=end) for series in symbols]


def fetch(client: Client, request: Request) -> tuple[bytes, Request]:
    """The vintage `request.session` (or option `vintage`) of `request.series`. Raises SourceErrors."""
    vintage = _requested_vintage(request)
    if vintage is None:
        raise MalformedAnswer("alfred: no vintage was asked; give the day whose state of knowledge is meant")
    params = {
        "id": requested_series(request),
        "vintage_date": vintage.isoformat(),
        **requested_dates(request, "cosd", "coed"),
    }
    answer = client.get("https://alfred.stlouisfed.org/graph/alfredgraph.csv", params, expect="csv", pace=PACE)
    return answer.body, replace(request, fetched_at=answer.fetched_at, url=answer.url)


def parse(payload: bytes, request: Request) -> Parsed:
    """Rows of macro_observations with the vintage in `vintage`, public by that day.

    Raises ChangedShape where the column does not name the vintage (and the series) asked, NoData where it is empty.
    """
    what = f"alfred {request.series or ''}".strip()
    table = csv_rows(payload, what)
    require_last_line_end(payload, what)
    wanted = _requested_vintage(request)
    columns = [_parse_column_name(name, request.series, wanted, what) for name in names_after_date(table[0], what)]
    if len(set(columns)) != len(columns):
        raise ChangedShape(f"{what}: a vintage stands twice in the header {quote_value(table[0], 200)}")
    return parse_columns(table, columns, NAME, what)


def _requested_vintage(request: Request) -> date | None:
    given = request.options.get("vintage")
    if given is None:
        return request.session
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise MalformedAnswer(f"alfred: the vintage {quote_value(given)} is no day; write YYYY-MM-DD") from error


def _parse_column_name(name: str, series: str | None, wanted: date | None, what: str) -> tuple[str, str]:
    """The series and vintage that a column names."""
    stem, _, tail = name.rpartition("_")
    try:
        vintage = parse_compact_day(tail, "the vintage")
    except BadCell as bad:
        raise ChangedShape(f"{what}: the column {quote_value(name)} names no vintage, so it was not honoured") from bad
    if not SERIES_ID.match(stem) or (series is not None and stem != series):
        raise ChangedShape(f"{what}: the column {quote_value(name)} is not of the series asked")
    if wanted is not None and vintage != wanted:
        raise ChangedShape(f"{what}: the vintage {wanted} was asked and {vintage} came")
    return stem, vintage.isoformat()
