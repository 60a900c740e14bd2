"""The journal: how runs end, in what order, and that dead ones are told from live ones."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.build.publish import _runs_with_this_one_ended
from tests.support.patience import HANG_SECONDS
from warehouse.errors import LakeError, UsageError
from warehouse.runs import liveness
from warehouse.runs.journal import CRASHED, Journal

NOW = datetime(2026, 1, 23, 23, 30, tzinfo=UTC)
REPOSITORY = Path(__file__).resolve().parents[2]


def test_a_run_is_kept_with_its_steps_batches_and_sums(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "home")
    with journal.record_run("import", {"path": "x.csv"}, NOW) as run:
        with run.record_step("parse"):
            assert journal.list_runs()[0]["status"] == "running"
        run.record_batch("equity_bars", "s", "ab", fetched=5, accepted=2, known=2, quarantined=1, warnings=4)
        run.record_batch("splits", "s", "cd", fetched=1, accepted=1, message="fine")
        run.exit_code, run.message = 3, "one gap"
    (row,) = journal.list_runs()
    assert row["run_id"].startswith("20260123T233000-")
    assert (row["kind"], row["arguments"], row["pid"]) == ("import", '{"path": "x.csv"}', os.getpid())
    assert (row["status"], row["exit_code"], row["message"]) == ("gaps", 3, "one gap")
    assert [row[n] for n in ("fetched", "accepted", "known", "quarantined", "warnings")] == [6, 3, 2, 1, 4]
    assert row["started_at"] == NOW
    assert NOW <= row["ended_at"] < NOW + timedelta(seconds=60)
    (step,) = journal.list_steps(row["run_id"])
    assert step["step"] == "parse"
    assert 0 <= step["seconds"] < 60
    assert step["peak_mb"] > 10
    assert [b["dataset"] for b in journal.list_batches(row["run_id"])] == ["equity_bars", "splits"]
    assert journal.list_batches("another") == []


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (UsageError("no such file"), 2, "no such file"),
        (KeyboardInterrupt(), 1, "stopped by Ctrl-C or a signal"),
        (ValueError("boo"), 1, "ValueError: boo"),
    ],
)
def test_an_error_ends_the_run_and_goes_on(tmp_path: Path, error: BaseException, code: int, message: str) -> None:
    journal = Journal(tmp_path)
    with pytest.raises(type(error)):
        with journal.record_run("build", "", NOW):
            raise error
    (row,) = journal.list_runs()
    assert (row["status"], row["exit_code"], row["message"]) == ("failed", code, message)


def test_a_batch_that_loses_rows_is_refused(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with pytest.raises(LakeError, match="5 rows fetched, but 2 accepted . 1 known . 1 refused: rows would be lost"):
        with journal.record_run("import", "", NOW) as run:
            run.record_batch("splits", fetched=5, accepted=2, known=1, quarantined=1)
    assert journal.list_batches() == []


def test_a_killed_run_is_shown_as_crashed_and_stays_so(tmp_path: Path) -> None:
    script = (
        "import sys, os, signal; from datetime import datetime, UTC; from pathlib import Path\n"
        "from warehouse.runs.journal import Journal\n"
        "with Journal(Path(sys.argv[1])).record_run('backfill', '', datetime(2026, 1, 22, tzinfo=UTC)) as run:\n"
        "    run.record_batch('splits', fetched=1, accepted=1)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=REPOSITORY, check=False)
    assert ended.returncode == -signal.SIGKILL
    journal = Journal(tmp_path)
    (row,) = journal.list_runs()
    assert (row["status"], row["message"], row["accepted"], row["ended_at"]) == ("crashed", CRASHED, 1, None)
    with journal.record_run("daily", "", NOW):
        pass
    with sqlite3.connect(journal.path) as con:
        assert con.execute("select kind, status from runs order by run_id").fetchall() == [
            ("backfill", "crashed"),
            ("daily", "done"),
        ]


def test_a_pid_that_was_given_out_again_is_no_sign_of_life(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with journal.record_run("daily", "", NOW) as run:
        journal.execute_statements([("update runs set pid_started = pid_started - 1 where run_id = ?", (run.run_id,))])
        assert journal.list_runs()[0]["status"] == "crashed"


def test_a_run_of_another_container_is_known_by_its_sign_of_life(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number of a process means nothing here, or is that of another one."""
    journal = Journal(tmp_path)
    for pid in (2**22 + 1, os.getpid()):
        monkeypatch.setattr(liveness, "here", lambda: "another container")
        run_of_another = journal.record_run("daily", "", NOW)
        run = run_of_another.__enter__()
        journal.execute_statements([("update runs set pid = ?, pid_started = 0 where run_id = ?", (pid, run.run_id))])
        monkeypatch.undo()
        assert journal.list_runs()[0]["status"] == "running"
        with journal.record_run("build", "", NOW):
            pass
        run_of_another.__exit__(None, None, None)
        assert [row["status"] for row in journal.list_runs(2)] == ["done", "done"]
    assert list((tmp_path / "running").iterdir()) == []


def test_a_run_of_another_container_that_was_killed_has_crashed(tmp_path: Path) -> None:
    script = (
        "import sys, os, signal; from datetime import datetime, UTC; from pathlib import Path\n"
        "from warehouse.runs import liveness; from warehouse.runs.journal import Journal\n"
        "liveness.here = lambda: 'another container'; journal = Journal(Path(sys.argv[1]))\n"
        "with journal.record_run('daily', '', datetime(2026, 1, 22, tzinfo=UTC)):\n"
        "    journal.execute_statements([('update runs set pid = ?, pid_started = 0', (int(sys.argv[2]),))])\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    arguments = [sys.executable, "-c", script, str(tmp_path), str(os.getpid())]
    assert subprocess.run(arguments, cwd=REPOSITORY, check=False).returncode == -signal.SIGKILL
    journal = Journal(tmp_path)
    assert journal.list_runs()[0]["status"] == "crashed", "the process of that number is another one"
    with journal.record_run("daily", "", NOW):
        assert len(list((tmp_path / "running").iterdir())) == 1, "its lock is gone"


def test_where_no_sign_can_be_given_the_process_decides(tmp_path: Path) -> None:
    (tmp_path / "running").write_text("no folder")
    journal = Journal(tmp_path)
    with journal.record_run("daily", "", NOW):
        assert journal.list_runs()[0]["status"] == "running"


def test_runs_come_newest_first_and_limited(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for day in (1, 3, 2):
        with journal.record_run(f"k{day}", "", NOW + timedelta(days=day)):
            pass
    # the last begun first, though the clock was set back before it
    assert [run["kind"] for run in journal.list_runs(2)] == ["k2", "k3"]


def test_no_journal_reads_as_empty_and_makes_no_file(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "none")
    assert journal.list_runs() == journal.list_steps() == journal.list_batches() == []
    assert not (tmp_path / "none").exists()


def test_a_home_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LakeError, match="the journal .* cannot be written: .*see that the disk has space"):
        with Journal(tmp_path / "file").record_run("daily", "", NOW):
            pass


def test_many_processes_write_at_once(tmp_path: Path) -> None:
    script = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path\n"
        "from warehouse.runs.journal import Journal\n"
        "for i in range(5):\n"
        "    with Journal(Path(sys.argv[1])).record_run('daily', '', datetime(2026, 1, 22, tzinfo=UTC)) as run:\n"
        "        run.record_batch('splits', fetched=1, accepted=1)\n"
    )
    several = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], cwd=REPOSITORY) for _ in range(4)]
    assert [p.wait(HANG_SECONDS) for p in several] == [0, 0, 0, 0]
    rows = Journal(tmp_path).list_runs()
    assert [(r["status"], r["accepted"]) for r in rows] == [("done", 1)] * 20


def test_the_builds_own_run_does_not_end_when_it_began(tmp_path: Path) -> None:
    with Journal(tmp_path).record_run("daily", {}, NOW) as run:
        run.began -= 58
        (row,) = _runs_with_this_one_ended(tmp_path, run, 0).to_pylist()
    assert (row["status"], row["started_at"]) == ("done", NOW)
    assert NOW + timedelta(seconds=58) <= row["ended_at"] < NOW + timedelta(seconds=118)
