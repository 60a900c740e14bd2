"""Imports that are taken back: as if they had never come, whatever else gave the same rows, and however the lake was kept."""

from __future__ import annotations

import shutil
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from expectations.suite import Validated
from flows.console.context import Reporter
from flows.ingest.ingest import ingest_payloads
from flows.ingest.undo import undo_run
from flows.inspect.quarantine import list_refused_rows, release_row
from flows.inspect.status import status_lines
from tests.integration.ingesting import NOW, balance, facts, item, lines, taken
from tests.support.lock_waits import event_of_wait
from tests.support.patience import HANG_SECONDS
from warehouse.errors import UsageError
from warehouse.lake.lake import Committed, Lake
from warehouse.runs.journal import Journal
from warehouse.settings import Settings

A, B, C = (("SPX", f"2026-01-{day}", 6900.0 + day) for day in (20, 21, 22))
B_CORRECTED = ("SPX", "2026-01-21", 6950.0)
SETTINGS = Settings(refused_share_limit={"index_bars": 0.9})


@pytest.fixture(autouse=True)
def _without_gx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "expectations.suite.validate_batch", lambda contract, table, checked: Validated(contract.name, 0, 0, {})
    )


def hour(number: int) -> datetime:
    return NOW + timedelta(hours=number)


def take(home: Path, at: int, *rows: tuple[str, str, float], known_at: datetime | None = None) -> str:
    """Import the rows in the hour `at`, as a file of their own; the run's name."""
    body = lines(*rows)
    arguments = {"known_at": str(known_at)} if known_at else {}
    with Journal(home).record_run("import", arguments, hour(at)) as run:
        items = taken(home, [item(body, fetched_at=known_at or hour(at))])
        ingest_payloads(home, SETTINGS, run, items, hour(at), Reporter(quiet=True))
        return run.run_id


def undo(home: Path, at: int, run_id: str) -> tuple[str, list[str]]:
    """The undo's run, and what it says."""
    *said, last = undo_run(home, run_id, hour(at))
    return last.removeprefix("run "), said


def test_rows_that_another_import_gave_too_stay(tmp_path: Path) -> None:
    first = take(tmp_path, 0, A, B)
    second = take(tmp_path, 1, B, C)
    undone, said = undo(tmp_path, 2, first)
    assert facts(tmp_path) == [B, C]
    assert said == [
        "index_bars: 0 rows say again what stood before, 1 are withdrawn",
        "index_bars: 1 rows stay, for another run gives the same",
    ]
    # the second alone bears it now
    again, _ = undo(tmp_path, 3, second)
    assert facts(tmp_path) == []
    undo(tmp_path, 4, undone)
    assert facts(tmp_path) == [A, B]
    undo(tmp_path, 5, again)
    assert facts(tmp_path) == [A, B, C]


def test_a_correction_that_was_confirmed_stays(tmp_path: Path) -> None:
    first = take(tmp_path, 0, A, B)
    second = take(tmp_path, 1, B_CORRECTED)
    third = take(tmp_path, 2, B_CORRECTED, C)
    undo(tmp_path, 3, second)
    assert facts(tmp_path) == [A, B_CORRECTED, C]
    undo(tmp_path, 4, third)
    assert facts(tmp_path) == [A, B]
    undo(tmp_path, 5, first)
    assert facts(tmp_path) == []


@pytest.mark.parametrize("is_compacted", [False, True])
def test_a_row_that_an_undone_import_repeated_falls_with_both(tmp_path: Path, is_compacted: bool) -> None:
    first = take(tmp_path, 0, A, B)
    second = take(tmp_path, 1, B, C)
    undo(tmp_path, 2, second)
    assert facts(tmp_path) == [A, B]
    if is_compacted:
        Lake(tmp_path).compact(hour(30), grace=timedelta(0))
    undone, _ = undo(tmp_path, 31, first)
    assert facts(tmp_path) == []
    with pytest.raises(UsageError, match=f"run {first} was taken back by run {undone}"):
        undo(tmp_path, 32, first)


def test_a_row_that_was_turned_from_a_confirmation_into_a_fact_is_its_own_imports(tmp_path: Path) -> None:
    take(tmp_path, 0, A)
    take(tmp_path, 2, A, C)
    between = take(tmp_path, 4, ("SPX", "2026-01-20", 1000.0), known_at=hour(1))
    assert facts(tmp_path) == [A, C]
    undo(tmp_path, 5, between)
    assert facts(tmp_path) == [A, C]


def test_an_import_whose_rows_an_older_one_gives_has_nothing_to_take_back(tmp_path: Path) -> None:
    first = take(tmp_path, 0, A, B)
    take(tmp_path, 1, A, B, C, known_at=hour(-5))
    Lake(tmp_path).compact(hour(30), grace=timedelta(0))
    _, said = undo(tmp_path, 31, first)
    assert said == ["index_bars: 2 rows stay, for another run gives the same: there is nothing to take back"]
    assert facts(tmp_path) == [A, B, C]


def test_after_compaction_an_undone_import_dated_by_hand_stays_undone(tmp_path: Path) -> None:
    first = take(tmp_path, 0, A, B)
    dated = take(tmp_path, 1, B_CORRECTED, C, known_at=hour(1))
    undone, _ = undo(tmp_path, 2, dated)
    Lake(tmp_path).compact(hour(30), grace=timedelta(0))
    gone, _ = undo(tmp_path, 31, first)
    # what the undo gave back is its last word, now that nobody can tell the dated rows from others
    assert facts(tmp_path) == [B]
    undo(tmp_path, 32, gone)
    assert facts(tmp_path) == [A, B]
    undo(tmp_path, 33, undone)
    assert facts(tmp_path) == [A, B_CORRECTED, C]


def test_an_undo_that_a_restored_lake_has_lost_is_done_again(tmp_path: Path) -> None:
    home, backup = tmp_path / "home", tmp_path / "backup"
    wrong = take(home, 0, A, B)
    shutil.copytree(home / "lake", backup)
    undone, _ = undo(home, 1, wrong)
    shutil.rmtree(home / "lake")
    shutil.copytree(backup, home / "lake")
    assert facts(home) == [A, B]
    with pytest.raises(
        UsageError, match=f"the lake no longer holds what run {undone} wrote.* undo {wrong}` does it again"
    ):
        undo(home, 2, undone)
    again, said = undo(home, 3, wrong)
    assert said == ["index_bars: 0 rows say again what stood before, 2 are withdrawn"]
    assert facts(home) == []
    undo(home, 4, again)
    assert facts(home) == [A, B]


def test_a_row_released_from_quarantine_is_named(tmp_path: Path) -> None:
    holiday = ("SPX", "2026-01-19", 6900.0)
    run_id = take(tmp_path, 0, A, holiday)
    (refused,) = list_refused_rows(tmp_path)
    with Journal(tmp_path).record_run("release", {}, hour(1)) as run:
        release_row(tmp_path, run, refused["row_id"], hour(1))
    _, said = undo(tmp_path, 2, run_id)
    assert facts(tmp_path) == [holiday]
    assert said[-1].startswith("index_bars: symbol=SPX session_date=2026-01-19 ")
    assert said[-1].endswith("stays, for it was released from quarantine; `breadthwise withdraw` ends it")


def test_an_undo_in_a_home_without_imports_leaves_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there was no import yet"):
        undo_run(tmp_path, "20260123T000000-000000", NOW)
    assert not (tmp_path / "lake").exists()


def test_the_account_of_an_undo_calls_no_row_new(tmp_path: Path) -> None:
    undone, _ = undo(tmp_path, 1, take(tmp_path, 0, A, B))
    shown = list(status_lines(tmp_path, SETTINGS, hour(2)))
    (place,) = (number for number, line in enumerate(shown) if line.startswith(f"  {undone}"))
    assert "2 written, 0 known, 0 quarantined" in shown[place]
    # columns stand below each other, however long a run's kind
    (taken_in,) = (line for line in shown if "2 new, 0 known" in line)
    assert taken_in.index(" done ") == shown[place].index(" done ")
    assert taken_in.index("2 new") == shown[place].index("2 written")
    assert shown[place + 1].endswith("back: 0 rows say again what stood before, 2 are withdrawn")


def test_rows_behind_an_undo_are_named(tmp_path: Path) -> None:
    wrong = take(tmp_path, 0, A, B, known_at=hour(-9))
    take(tmp_path, 1, C)
    undo(tmp_path, 2, wrong)
    behind = (
        "index_bars: {} of these lie behind a newer fact or a withdrawal and do not count in what is built for today"
    )
    for known_at, counts in ((hour(-8), (3, 2, 1, 0)), (hour(-9), (2, 0, 2, 0))):
        with Journal(tmp_path).record_run("import", {}, hour(3)) as run:
            rows = [B_CORRECTED, A, C][: counts[0]] if counts[0] == 3 else [A, B]
            given = taken(tmp_path, [item(lines(*rows), fetched_at=known_at)])
            report = ingest_payloads(tmp_path, SETTINGS, run, given, hour(3), Reporter(quiet=True))
        assert balance(report) == {"index_bars": counts}
        assert report.without_effect == [behind.format(2)]
        assert report.summary_lines()[1:] == report.without_effect
        assert facts(tmp_path) == [C]
    # without --known-at it counts
    take(tmp_path, 4, A, B_CORRECTED)
    assert facts(tmp_path) == [A, B_CORRECTED, C]


def test_what_another_import_writes_while_one_is_taken_back_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class OvertakenLake(Lake):
        def commit(self, *given: Any, **named: Any) -> Committed:
            take(tmp_path, 1, B_CORRECTED)
            return super().commit(*given, **named)

    wrong = take(tmp_path, 0, A, B)
    monkeypatch.setattr("flows.ingest.undo.Lake", OvertakenLake)
    _, said = undo(tmp_path, 2, wrong)
    assert facts(tmp_path) == [B_CORRECTED]
    assert said[:2] == [
        "index_bars: 0 rows say again what stood before, 1 are withdrawn",
        "index_bars: 1 rows stay, for another run has changed them since:",
    ]


def test_of_two_who_take_the_same_import_back_at_once_the_second_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = take(tmp_path, 0, A, B)
    second: list[str] = []

    def undo_too() -> None:
        try:
            undo_run(tmp_path, wrong, hour(3))
        except UsageError as error:
            second.append(str(error))

    class OvertakenLake(Lake):
        def commit(self, *given: Any, **named: Any) -> Committed:
            if not workers:
                workers.append(threading.Thread(target=undo_too, daemon=True))
                workers[0].start()
                assert is_waiting.wait(HANG_SECONDS)
            return super().commit(*given, **named)

    workers: list[threading.Thread] = []
    is_waiting = event_of_wait(monkeypatch)
    monkeypatch.setattr("flows.ingest.undo.Lake", OvertakenLake)
    first, _ = undo(tmp_path, 2, wrong)
    workers[0].join(HANG_SECONDS)
    assert second == [f"run {wrong} was taken back by run {first}; taking that back brings its rows again"]
    assert facts(tmp_path) == []
