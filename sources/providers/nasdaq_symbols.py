"""What is listed on US exchanges, from Nasdaq Trader's symbol directory: two pipe-separated files, made every night."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from sources.base import PLANNED, Parsed, Request
from sources.parsing.answers import refuse_other_subject
from sources.parsing.documents import csv_rows, find_columns
from sources.parsing.rows import Rows
from sources.parsing.values import BadCell, quote_value, read_day, read_symbol, read_words
from warehouse.errors import ChangedShape, MalformedAnswer, NoData

if TYPE_CHECKING:
    from sources.http.client import Client

NAME = "nasdaq_symbols"
DATASETS = ("securities",)
HOSTS = ("www.nasdaqtrader.com",)
PACE = 1.0
NEEDS_KEY: str | None = None

_FILES = ("nasdaqlisted", "otherlisted")
_FOOTER = "File Creation Time"
_MADE = re.compile(r"(\d{8})\d{2}:\d{2}")
_EXCHANGES = {"Q": "NASDAQ", "A": "NYSE American", "N": "NYSE", "P": "NYSE Arca", "Z": "Cboe BZX", "V": "IEX"}


def requests_for(dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]:
    """Two requests, one a file: the directory is as of now, the dates choose nothing."""
    return [Request(NAME, dataset, PLANNED, series=name) for name in _FILES]


def fetch(client: Client, request: Request) -> tuple[bytes, Request]:
    address = f"https://{HOSTS[0]}/dynamic/symdir/{request.series or _FILES[0]}.txt"
    answer = client.get(address, expect="csv", pace=PACE)
    return answer.body, replace(request, fetched_at=answer.fetched_at, url=answer.url)


def parse(payload: bytes, request: Request) -> Parsed:
    """One securities row a listed symbol, first seen on the day on which the file was made.

    Test issues are left out and noted. The last line says when the file was made: a file without it is cut off.
    Raises MalformedAnswer, ChangedShape, NoData.
    """
    lines = csv_rows(payload, NAME, delimiter="|", quoting=False)
    header = [name.strip() for name in lines[0]]
    key = "ACT Symbol" if "ACT Symbol" in header else "Symbol"
    # only Nasdaq's own file has no column for the exchange
    column = "Exchange" if key == "ACT Symbol" else "Listing Exchange" if "Nasdaq Traded" in header else None
    places = find_columns(header, (key, "Security Name", "Test Issue", *([column] if column else [])), NAME)
    if request.series in _FILES:
        answered = "otherlisted" if key == "ACT Symbol" else "nasdaqlisted"
        refuse_other_subject(request.series, answered, NAME, "have the two files been mixed up?")
    made = _creation_day(lines[-1])
    rows = Rows(NAME, "securities")
    for line in lines[1:-1]:
        if len(line) != len(header):
            rows.reject_row("securities", "|".join(line), f"{len(line)} cells where the header has {len(header)}")
        elif line[places["Test Issue"]].strip() == "Y":
            rows.count_note("test issue left out")
        else:
            cells = {name: line[place].strip() for name, place in places.items()}
            rows.read_row("securities", line, partial(_security_row, cells, key, column, made))
    if not rows.count_rows("securities") and not rows.rejected:
        raise NoData(f"{NAME}: the directory lists nothing; try again later")
    rows.require_rows("securities", NAME)
    return rows.to_parsed()


def _creation_day(footer: list[str]) -> date:
    if not footer[0].startswith(_FOOTER):
        raise MalformedAnswer(f"{NAME}: the last line does not say when the file was made; it was cut off, try again")
    found = _MADE.search(footer[0])
    try:
        if found is None:
            raise BadCell("no time in it")
        return read_day(found[1], "creation time", "%m%d%Y")
    except BadCell as bad:
        raise ChangedShape(f"{NAME}: the footer cannot be read ({bad}); the file's format has changed") from bad


def _security_row(cells: dict[str, str], key: str, column: str | None, made: date) -> dict[str, Any]:
    """`column` names the exchange; without one it is Nasdaq."""
    if cells["Test Issue"] != "N":
        raise BadCell(f"Test Issue is {quote_value(cells['Test Issue'])}, neither Y nor N")
    # a preferred share is BAC$L here and BAC^L in our spelling
    listed = cells[key].replace("$", "^")
    code = cells[column] if column else "Q"
    return {
        "symbol": read_symbol(listed),
        "first_seen": made,
        "name": read_words(cells["Security Name"], "Security Name"),
        "exchange": _EXCHANGES.get(code) or read_words(code, "Exchange"),
    }
