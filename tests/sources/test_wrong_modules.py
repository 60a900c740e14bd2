"""The error of a wrong module of `sources/providers` names its file and what it lacks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sources import catalog, payloads, providers
from sources.base import Parsed, Request, Row
from sources.parsing.rows import Rows
from warehouse.errors import ParserFailed, SourceModuleError, UsageError

GOOD = """NAME = "made_up"
DATASETS = ("index_bars",)


def parse(payload, request):
    return None
"""
LIVE = GOOD + "HOSTS = ()\nPACE = 1.0\nNEEDS_KEY = None\nrequests_for = fetch = parse\n"
BAR: Row = {"symbol": "SPX", "session_date": date(2026, 1, 23), "basis": "raw", "close": 6900.0, "is_final": True}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose modules are providers too, while the test lasts."""
    monkeypatch.setattr(providers, "__path__", [*providers.__path__, str(tmp_path)])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("sources.providers."):
            del sys.modules[name]


def test_two_files_of_one_name_are_both_named(folder: Path) -> None:
    (folder / "made_up_a.py").write_text(GOOD)
    assert catalog.find_parser("made_up").DATASETS == ("index_bars",)
    (folder / "made_up_b.py").write_text(GOOD)
    both = "sources/providers/made_up_a.py and sources/providers/made_up_b.py have the same NAME, 'made_up'"
    with pytest.raises(SourceModuleError, match=both):
        catalog.parsers_by_name()


@pytest.mark.parametrize(
    ("text", "old", "message"),
    [
        (GOOD, 'NAME = "made_up"', " has no NAME; a source has NAME, DATASETS, parse"),
        (GOOD, 'DATASETS = ("index_bars",)', " has no DATASETS; a source has NAME, DATASETS, parse"),
        (GOOD, "def parse", " has no parse; a source has NAME, DATASETS, parse"),
        (LIVE, "NEEDS_KEY = None", " has no NEEDS_KEY; a source has NAME, DATASETS, parse, HOSTS, PACE"),
        (GOOD, "bars", ": 'index_' is no dataset; did you mean index_bars?"),
        (GOOD, ",)", ": DATASETS is 'index_bars'; write a tuple"),
    ],
)
def test_what_a_module_lacks_is_named(folder: Path, text: str, old: str, message: str) -> None:
    new = {"def parse": "def other", ",)": ")", "bars": ""}.get(old, "")
    (folder / "made_up.py").write_text(text.replace(old, new, 1))
    with pytest.raises(SourceModuleError) as caught:
        catalog.find_parser("made_up")
    assert str(caught.value).startswith(f"sources/providers/made_up.py{message}")
    # whoever asks for another one by its file's name is not kept from it
    assert catalog.find_parser("files").NAME == "files"


def test_other_names_are_unknown_as_before(folder: Path) -> None:
    (folder / "made_up.py").write_text(LIVE)
    with pytest.raises(UsageError, match=r"choose from .*made_up"):
        catalog.find_parser("nope")


def parse_wrong_dataset(_body: bytes, request: Request) -> Parsed:
    return Rows(request.source, "index_barz").to_parsed()


def parse_undeclared(_body: bytes, request: Request) -> Parsed:
    rows = Rows(request.source, "sector_bars")
    rows.add_row("index_bars", BAR)
    return rows.to_parsed()


def parse_wrong_column(_body: bytes, request: Request) -> Parsed:
    rows = Rows(request.source, "index_bars")
    rows.add_row("index_bars", {**BAR, "closs": 1.0})
    return rows.to_parsed()


@pytest.mark.parametrize(
    ("parser", "message"),
    [
        (parse_wrong_dataset, "the parser of made_up: 'index_barz' is no dataset; did you mean index_bars?"),
        (parse_undeclared, "the parser of made_up gives a row of 'index_bars', which Rows(NAME, 'sector_bars') lacks"),
        (parse_wrong_column, "the parser of made_up gives index_bars a column 'closs'; did you mean close?"),
    ],
)
def test_a_parser_that_is_wrong_says_where_and_keeps_the_answer(parser: payloads.Parser, message: str) -> None:
    request = Request("made_up", "index_bars", datetime(2026, 1, 23, 22, tzinfo=UTC))
    with pytest.raises(SourceModuleError) as caught:
        parser(b"", request)
    assert str(caught.value) == message
    with pytest.raises(ParserFailed) as failed:
        payloads.parse_payload(payloads.payload_on_disk(b"", request), parser)
    assert message in str(failed.value)
