"""Financial Modeling Prep: analysts' grades and price targets (a key is needed).

`/stable/grades` gives the grade and no target, `/stable/price-target-news` a target and no grade: such a row has no
`to_grade`. The older v3 and v4 addresses answer 403 "Legacy Endpoint" to new keys.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import partial
from typing import TYPE_CHECKING, Any

from sources.base import PLANNED, Parsed, Request
from sources.parsing.answers import IS_RENAMED, refuse_other_subject, require_fields
from sources.parsing.documents import parse_json, refuse_envelope
from sources.parsing.publication_times import new_york_date, parse_iso_day, public_instant
from sources.parsing.rows import Rows
from sources.parsing.values import (
    FIRST_YEAR,
    LAST_YEAR,
    BadCell,
    quote_value,
    read_grade,
    read_number,
    read_symbol,
    read_words,
)
from warehouse.errors import AccessRefused, ChangedShape, MalformedAnswer, NoData

if TYPE_CHECKING:
    from sources.http.client import Client

NAME = "fmp_ratings"
DATASETS = ("rating_actions",)
HOSTS = ("financialmodelingprep.com",)
PACE = 4.0
NEEDS_KEY: str | None = "FMP_API_KEY"

_DATASET = "rating_actions"
_PATHS = {"grades": "grades", "targets": "price-target-news"}
_FIELDS = {
    "grades": ("symbol", "date", "gradingCompany", "previousGrade", "newGrade", "action"),
    "targets": ("symbol", "publishedDate", "analystCompany", "priceTarget"),
}
# an instant, written out: other forms of ISO 8601 leave open whether a time is meant
_INSTANT = re.compile(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", re.ASCII)
_ACTIONS = {
    "upgrade": "up",
    "up": "up",
    "downgrade": "down",
    "down": "down",
    "initialise": "init",
    "initialize": "init",
    "initiate": "init",
    "initiated": "init",
    "initiation": "init",
    "init": "init",
    "maintain": "main",
    "maintained": "main",
    "hold": "main",
    "main": "main",
    "reiterate": "reit",
    "reiterated": "reit",
    "reit": "reit",
}


def requests_for(dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]:
    """Two requests a symbol, grades and targets; both give the whole history."""
    return [
        Request(NAME, dataset, PLANNED, symbol=symbol, series=series, start=start, end=end)
        for symbol in symbols
        for series in _PATHS
    ]


def fetch(client: Client, request: Request) -> tuple[bytes, Request]:
    """Grades of `request.symbol`, or its targets where `request.series` is `targets`. Raises SourceErrors."""
    key = os.environ.get("FMP_API_KEY")
    if not key:
        raise AccessRefused("fmp_ratings: no key; put it in the environment as FMP_API_KEY")
    path = _PATHS.get(request.series or "grades")
    if path is None or request.symbol is None:
        raise MalformedAnswer("fmp_ratings: a symbol is wanted, and as series grades or targets")
    params = {"symbol": request.symbol.replace("/", "-"), "apikey": key}
    if path == "price-target-news":
        params |= {"page": "0", "limit": "100"}
    answer = client.get(f"https://financialmodelingprep.com/stable/{path}", params, expect="json", pace=PACE)
    return answer.body, replace(request, fetched_at=answer.fetched_at, url=answer.url)


def parse(payload: bytes, request: Request) -> Parsed:
    """Rows of rating_actions from either address.

    Raises AccessRefused (no plan, legacy address, wrong key) and RateLimited as the host's words say, NoData for an
    empty list (an unknown symbol gives one too), MalformedAnswer for ratings of another symbol, ChangedShape.
    """
    what = f"fmp_ratings {request.symbol or ''}".strip()
    document = parse_json(payload, what)
    refuse_envelope(document, what)
    if not isinstance(document, list):
        raise ChangedShape(f"{what}: a list was expected, and an object came: {quote_value(document)}")
    if not document:
        raise NoData(f"{what}: no ratings; the vendor follows no such symbol, or nobody rates it")
    require_fields(document, _FIELDS[_kind_of_answer(document, request)], what)
    rows = Rows(NAME, _DATASET)
    for entry in document:
        _refuse_other_symbol(entry, request, what)
        rows.read_row(_DATASET, entry, partial(_rating_row, entry, rows))
    if rows.count_rows(_DATASET) == 0:
        raise ChangedShape(f"{what}: not one rating can be read: {rows.rejected[0].reason}")
    return rows.to_parsed()


def _kind_of_answer(document: list[Any], request: Request) -> str:
    """Grades or targets, as asked, else as the date is called."""
    is_target = any(isinstance(entry, dict) and "publishedDate" in entry for entry in document)
    return request.series if request.series in _PATHS else "targets" if is_target else "grades"


def _refuse_other_symbol(entry: Any, request: Request, what: str) -> None:
    """A symbol that is none is a matter of its row."""
    if isinstance(entry, dict) and request.symbol:
        with suppress(BadCell):
            refuse_other_subject(request.symbol, read_symbol(entry.get("symbol")), what, IS_RENAMED)


def _rating_row(entry: Any, rows: Rows) -> dict[str, Any] | None:
    if not isinstance(entry, dict):
        raise BadCell("a rating should be an object")
    at, is_day_only = _parse_instant(entry.get("publishedDate") or entry.get("date"))
    to_grade = read_grade(entry.get("newGrade"), "newGrade", 60)
    target = read_number(entry.get("priceTarget"), "priceTarget")
    if to_grade is None and not target:
        if read_words(entry.get("newGrade"), "newGrade", 60):
            rows.count_note("coverage_words_no_rating")
            return None
        raise BadCell("neither a grade nor a target")
    if target is not None and target <= 0:
        raise BadCell(f"priceTarget is {target:g}")
    action = (read_words(entry.get("action"), "action", 60) or "").lower()
    if action and action not in _ACTIONS:
        rows.count_note("action_in_unknown_words")
    day = at.date() if is_day_only else new_york_date(at)
    return {
        "symbol": read_symbol(entry.get("symbol")),
        "rated_at": at,
        "rating_date": day,
        "firm": read_words(entry.get("gradingCompany") or entry.get("analystCompany"), "the firm", 120),
        "to_grade": to_grade,
        "from_grade": read_grade(entry.get("previousGrade"), "previousGrade", 60),
        "action": _ACTIONS.get(action),
        "price_target_usd": target,
        "available_at": public_instant(day) if is_day_only else at,
    }


def _parse_instant(value: Any) -> tuple[datetime, bool]:
    """The instant that is meant, and whether it is midnight UTC of a day of which no hour is known: who writes midnight,
    by whatever clock, means the day that stands beside it."""
    if not isinstance(value, str):
        raise BadCell(f"the date is {quote_value(value)}, no date")
    text = value.strip()
    if len(text) == 10:
        return datetime.combine(parse_iso_day(text), time(0), UTC), True
    try:
        if not _INSTANT.match(text):
            raise ValueError("no day and time")
        found = datetime.fromisoformat(text)
        is_day_only = found.time() == time(0)
        aware = found.replace(tzinfo=UTC) if is_day_only or found.tzinfo is None else found
        instant = aware.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadCell(f"the date is {quote_value(value)}, no instant of ISO 8601") from error
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise BadCell(f"the date is {quote_value(value)}, beyond reason")
    return instant, is_day_only
