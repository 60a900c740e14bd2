"""Nasdaq Trader's symbol directory: both files by the names of their columns, and the footer as proof of wholeness."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sources.base import Parsed, Request
from sources.providers import nasdaq_symbols
from tests.sources.recorder import Recorder
from tests.sources.seeds import seed
from warehouse.errors import ChangedShape, MalformedAnswer, NoData, SourceError

LISTED = seed("nasdaq_symbols.txt").payload
OTHER = seed("nasdaq_symbols.other.txt").payload
AT = datetime(2026, 1, 24, 3, 0, tzinfo=UTC)


def parsed(payload: bytes, series: str | None = None) -> Parsed:
    return nasdaq_symbols.parse(payload, Request("nasdaq_symbols", "securities", AT, series=series))


def listed(found: Parsed) -> list[tuple[str, str, str]]:
    return [(r["symbol"], r["name"], r["exchange"]) for r in found.tables["securities"].to_pylist()]


def test_nasdaqs_own_list() -> None:
    found = parsed(LISTED)
    assert listed(found) == [
        ("ABCD", "Abcd Inc. - Common Stock", "NASDAQ"),
        ("ABETF", 'Ab "Quality" ETF', "NASDAQ"),
    ]
    assert {r["first_seen"] for r in found.tables["securities"].to_pylist()} == {date(2026, 1, 23)}
    assert found.notes == {"test issue left out": 1}


def test_the_other_exchanges_spell_classes_and_preferreds_in_their_way() -> None:
    assert listed(parsed(OTHER)) == [
        ("XY/B", "Xy Holdings Class B", "NYSE"),
        ("XY^C", "Xy Holdings Preferred C", "NYSE American"),
    ]


def test_columns_are_read_by_name() -> None:
    swapped = b"Test Issue|Security Name|Symbol\nN|Abcd Inc.|ABCD\nFile Creation Time: 0123202621:31||\n"
    assert listed(parsed(swapped)) == [("ABCD", "Abcd Inc.", "NASDAQ")]


def test_the_list_of_all_that_trades() -> None:
    body = (
        b"Nasdaq Traded|Symbol|Security Name|Listing Exchange|ETF|Test Issue|NASDAQ Symbol\n"
        b"Y|A|Agil Inc.|N|N|N|A\nY|ABCD|Abcd Inc.|Q|N|N|ABCD\nFile Creation Time: 0123202621:31|||||\n"
    )
    assert listed(parsed(body)) == [("A", "Agil Inc.", "NYSE"), ("ABCD", "Abcd Inc.", "NASDAQ")]


def test_bad_lines_are_refused_alone() -> None:
    body = LISTED.replace(b"ABETF|", b"A B|").replace(b"ZTEST|NASDAQ TEST STOCK|G|Y|N|100|N|N", b"ZZZZ|short")
    found = parsed(body)
    assert [row[0] for row in listed(found)] == ["ABCD"]
    assert [r.reason for r in found.rejected] == ["symbol 'A B' is no symbol", "2 cells where the header has 8"]


LINES = LISTED.splitlines(keepends=True)
ERRORS: list[tuple[bytes, type[SourceError], str]] = [
    (b"", MalformedAnswer, "is empty"),
    (b"\r\n\r\n<!DOCTYPE html PUBLIC><html></html>", MalformedAnswer, "HTML"),
    (b"".join(LINES[:-1]), MalformedAnswer, "cut off"),
    (LISTED[:200], MalformedAnswer, "cut off"),
    (LISTED.replace(b"0123202621:31", b"1323202621:31"), ChangedShape, "footer cannot be read"),
    (LISTED.replace(b"0123202621:31", b"yesterday"), ChangedShape, "footer cannot be read"),
    (LISTED.replace(b"Test Issue", b"Test"), ChangedShape, "no column Test Issue"),
    (OTHER.replace(b"|Exchange|", b"|Exch|"), ChangedShape, "no column Exchange"),
    (LINES[0] + LINES[-1], NoData, "lists nothing"),
    (b'{"error": "not found"}', SourceError, "not found"),
]


@pytest.mark.parametrize(("payload", "kind", "words"), ERRORS)
def test_error_matrix(payload: bytes, kind: type[SourceError], words: str) -> None:
    with pytest.raises(kind, match=words):
        parsed(payload)


def test_a_test_issue_is_marked_by_y_or_n_alone() -> None:
    found = parsed(OTHER.replace(b"|100|N|XY.B", b"|100|y|XY.B"))
    assert [row[0] for row in listed(found)] == ["XY^C"]
    assert [r.reason for r in found.rejected] == ["Test Issue is 'y', neither Y nor N"]


def test_the_file_is_the_one_asked() -> None:
    assert len(listed(parsed(OTHER, "otherlisted"))) == len(listed(parsed(LISTED, "nasdaqlisted"))) == 2
    for payload, asked in ((OTHER, "nasdaqlisted"), (LISTED, "otherlisted")):
        with pytest.raises(MalformedAnswer, match=f"'{asked}' was asked .*; have the two files been mixed up"):
            parsed(payload, asked)


def test_fetch_asks_for_both_files() -> None:
    client = Recorder({"https://www.nasdaqtrader.com/dynamic/symdir/": LISTED})
    requests = nasdaq_symbols.requests_for("securities", [], date(2026, 1, 1), date(2026, 1, 23))
    for request in requests:
        nasdaq_symbols.fetch(client, request)
    assert [url.rsplit("/", 1)[1] for url, _, _ in client.asked] == ["nasdaqlisted.txt", "otherlisted.txt"]
