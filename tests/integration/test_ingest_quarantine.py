"""Rows in quarantine: counted, shown, and released as facts; by functions and by the command line."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.suite import Validated
from flows.cli import main
from flows.console.context import Reporter
from flows.ingest.ingest import ingest_payloads
from flows.inspect import quarantine
from sources.base import Parsed, Rejected, Request, table_from_rows
from tests.support.payloads import taken_in
from warehouse.errors import UsageError
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal
from warehouse.settings import Settings

NOW = datetime(2026, 1, 24, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
FETCHED = datetime(2026, 1, 23, 23, tzinfo=UTC)
ROWS: list[dict[str, Any]] = [
    {"symbol": "SPX", "close": 6915.61, "volume": 5},
    {"symbol": "LOW", "close": 10.5, "low": 10.6, "high": 11.25},
    {"symbol": "NAN", "close": float("nan")},
    {"symbol": "NONE", "close": None},
]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose quarantine holds a row out of order, a NaN, a row without a close, and an unreadable one."""
    monkeypatch.setattr(
        "expectations.suite.validate_batch", lambda contract, table, checked: Validated(contract.name, 0, 0, {})
    )
    bring(tmp_path)
    return tmp_path


def parse(payload: bytes, request: Request) -> Parsed:
    common = {"session_date": date(2026, 1, 23), "basis": "raw", "is_final": True}
    rejected = [Rejected("index_bars", "what; is this", "no number in column close")]
    return Parsed(
        {"index_bars": table_from_rows("index_bars", [{**common, **row} for row in ROWS], "vendor")}, rejected
    )


def bring(home: Path, limit: float = 0.9) -> None:
    payload = taken_in(home, b"bytes", Request("vendor", "index_bars", FETCHED), parse)
    with Journal(home).record_run("import", {}, NOW) as run:
        ingest_payloads(
            home, Settings(refused_share_limit={"index_bars": limit}), run, [payload], NOW, Reporter(quiet=True)
        )


def row_id(home: Path, rule: str) -> str:
    [row] = quarantine.list_refused_rows(home, rule=rule)
    return str(row["row_id"])


def release(home: Path, name: str) -> None:
    with Journal(home).record_run("release", {}, LATER) as run:
        quarantine.release_row(home, run, name, LATER)


def facts(home: Path) -> list[Any]:
    lake = Lake(home)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        lake.attach_views(con, lake.manifest())
        return con.execute(
            "select symbol, close, low, high, volume, source, known_at from lake.index_bars order by symbol"
        ).fetchall()


def test_counts_by_dataset_and_rule(home: Path) -> None:
    found = [(row["dataset"], row["rule"], row["rows"], row["released"]) for row in quarantine.count_refused_rows(home)]
    assert found == [
        ("index_bars", "close_finite", 1, 0),
        ("index_bars", "close_required", 1, 0),
        ("index_bars", "low_not_above_close", 1, 0),
        ("index_bars", "unreadable", 1, 0),
    ]


def test_rows_can_be_listed_and_shown(home: Path) -> None:
    assert [row["rule"] for row in quarantine.list_refused_rows(home, dataset="index_bars", limit=2)] == [
        "close_finite",
        "close_required",
    ]
    assert quarantine.list_refused_rows(home, dataset="equity_bars") == []
    name = row_id(home, "low_not_above_close")
    [row] = quarantine.show_refused_row(home, name[:8])
    assert (row["row_id"], row["value"], row["is_released"]) == (name, "low = 10.6, close = 10.5", False)


def test_a_released_row_is_a_fact_known_from_its_release(home: Path) -> None:
    release(home, row_id(home, "low_not_above_close"))
    assert facts(home) == [
        ("LOW", 10.5, 10.6, 11.25, None, "vendor", LATER),
        ("SPX", 6915.61, None, None, 5, "vendor", FETCHED),
    ]
    assert quarantine.list_refused_rows(home, rule="low_not_above_close") == []
    assert [
        (row["rows"], row["released"])
        for row in quarantine.count_refused_rows(home)
        if row["rule"] == "low_not_above_close"
    ] == [(1, 1)]
    [run] = Journal(home).list_runs(1)
    assert (run["kind"], run["fetched"], run["accepted"]) == ("release", 1, 1)


def test_a_released_row_stays_released_when_its_file_comes_again(home: Path) -> None:
    name = row_id(home, "low_not_above_close")
    release(home, name)
    bring(home)
    assert quarantine.list_refused_rows(home, rule="low_not_above_close") == []
    assert [row[0] for row in facts(home)] == ["LOW", "SPX"]
    with pytest.raises(UsageError, match="is released already"):
        release(home, name)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("close_finite", "has close = nan: only a finite number can be a fact"),
        ("close_required", "has no close: without it it can be no fact"),
        ("unreadable", r"cannot be read \(unreadable: no number in column close\): mend the file"),
    ],
)
def test_what_can_be_no_fact_is_not_released(home: Path, rule: str, message: str) -> None:
    before = Lake(home).manifest()
    with pytest.raises(UsageError, match=message):
        release(home, row_id(home, rule))
    assert Lake(home).manifest() == before


def test_a_stopped_payload_is_released_by_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "expectations.suite.validate_batch", lambda contract, table, checked: Validated(contract.name, 0, 0, {})
    )
    bring(tmp_path, limit=0.05)
    with pytest.raises(
        UsageError, match="raise refused_share_limit.index_bars in breadthwise.toml and import it again"
    ):
        release(tmp_path, row_id(tmp_path, "batch_stopped"))


def test_unknown_and_unclear_ids(home: Path) -> None:
    for name in ("zzz", "", "'; drop table x"):
        with pytest.raises(UsageError, match="in quarantine"):
            quarantine.show_refused_row(home, name)
    ids = [row["row_id"] for row in quarantine.list_refused_rows(home)]
    firsts = [one[0] for one in ids]
    twice = next((first for first in firsts if firsts.count(first) > 1), None)
    if twice is not None:
        with pytest.raises(UsageError, match="give more of it"):
            quarantine.show_refused_row(home, twice)


def test_an_empty_home_has_nothing_in_quarantine(tmp_path: Path) -> None:
    assert (quarantine.count_refused_rows(tmp_path), quarantine.list_refused_rows(tmp_path)) == ([], [])


def test_the_command_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def output_of(*arguments: str, code: int = 0) -> str:
        assert main(["--home", str(home), "quarantine", *arguments]) == code
        captured = capsys.readouterr()
        return captured.out if code == 0 else captured.err

    assert output_of("list").splitlines()[2].split() == ["index_bars", "low_not_above_close", "1"]
    name = row_id(home, "low_not_above_close")
    assert output_of("list", "--rule", "low_not_above_close") == (
        f"{name}  index_bars  low_not_above_close  LOW 2026-01-23 vendor raw  low = 10.6, close = 10.5\n"
    )
    shown = output_of("show", name).splitlines()
    assert shown[2] == ("reason   low_not_above_close (low does not exceed close): low = 10.6, close = 10.5")
    assert "  close                10.5" in shown
    assert output_of("release", name) == (
        f"{name} is a fact of index_bars now (low_not_above_close waived); `breadthwise build` shows it\n"
    )
    assert "is released already" in output_of("release", name, code=2)
    assert output_of("list").splitlines()[2].split() == ["index_bars", "low_not_above_close", "1,", "1", "released"]
    assert output_of("show", "zzz", code=2) == (
        "breadthwise quarantine: no row 'zzz' in quarantine; `breadthwise quarantine list --rows` names them\n"
    )
