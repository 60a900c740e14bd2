"""The functions of reports that find texts by a key that is put together: reasons in words, names of universes."""

from __future__ import annotations

import duckdb
import pytest

from transforms.engine.databases import create_functions

TEXTS = {
    "en": {
        "reasons.no close": "no close",
        "reasons.fewer than # of # closes": "only {2} closes, not {1}",
        "columns.return_5d": "5 days, %",
        "columns.return_1y": "A year, % a year",
        "notes.and": " and ",
        "notes.of": ": ",
        "notes.next": "; ",
        "names.band.mega": "Mega caps",
        "names.sector.Energy": "Energy",
        "names.universe.of_sector": "{sector} (S&P 500)",
        "names.universe.all": "All stocks",
    }
}


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    create_functions(con, TEXTS)
    con.execute("set search_path = 'memory.lake'")
    return con


def value(con: duckdb.DuckDBPyConnection, expression: str) -> str | None:
    found: str | None = con.execute(f"select {expression}").fetchall()[0][0]
    return found


@pytest.mark.parametrize(
    ("reason", "note"),
    [
        ("'no close'", "no close"),
        ("'fewer than 5 of 2.5 closes'", "only 2.5 closes, not 5"),
        ("'return_5d, return_1y: no close'", "5 days and A year: no close"),
        # what has no column of its own is printed as it is where the words come first, and left out where they do not
        ("'no close: return_5d, other'", "5 days and other: no close"),
        ("'return_5d, other: no close'", "5 days: no close"),
        ("'other: no close'", None),
        ("'other: no close; no close'", "no close"),
        ("'words without a text'", "words without a text"),
        ("null", None),
    ],
)
def test_a_reason_is_printed_in_words(con: duckdb.DuckDBPyConnection, reason: str, note: str | None) -> None:
    assert value(con, f"note('en', {reason})") == note


def test_there_is_no_note_in_a_language_without_texts(con: duckdb.DuckDBPyConnection) -> None:
    assert value(con, "note('fr', 'no close')") is None


@pytest.mark.parametrize(
    ("universe", "label"),
    [
        ("'cap:mega'", "Mega caps"),
        ("'cap:odd'", "cap:odd"),
        ("'sector:Energy'", "Energy (S&P 500)"),
        ("'sector:Odd'", "Odd (S&P 500)"),
        ("'nasdaq_sector:Energy'", "nasdaq_sector:Energy"),
        ("'all'", "All stocks"),
        ("'mine'", "mine"),
        ("null", None),
    ],
)
def test_a_universe_has_its_name_or_its_key(con: duckdb.DuckDBPyConnection, universe: str, label: str | None) -> None:
    assert value(con, f"universe_label('en', {universe})") == label


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        ("'no close: 1d, 5d, 10d'", "no close: 5d"),
        ("'no close: 1d'", None),
        ("'no close: 1d; no series'", "no series"),
        ("'a: 5d; b: 1d; c: 21d, 5d'", "a: 5d; c: 21d, 5d"),
        ("null", None),
    ],
)
def test_a_reason_is_cut_to_the_printed_windows(con: duckdb.DuckDBPyConnection, reason: str, kept: str | None) -> None:
    assert value(con, f"reason_of_windows({reason}, ['5d', '21d'])") == kept


def test_a_text_is_filled_and_what_is_not_known_is_left_out_of_a_line(con: duckdb.DuckDBPyConnection) -> None:
    assert value(con, "filled('{a} of {b}, {a}', 'a', 1.5, 'b', 'two')") == "1.5 of two, 1.5"
    assert value(con, "filled('{a}', 'a', null)") is None
    assert value(con, "filled(null, 'a', 1)") is None
    assert value(con, "filled_from('{a} of {b}', ['a=x=y', 'b=2'])") == "x=y of 2"
    assert value(con, "joined_by(', ', 'a', null, 'b')") == "a, b"
    assert value(con, "joined_by(', ', null, null)") is None
