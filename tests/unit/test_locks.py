"""Locks: one holder at a time whatever becomes of the file, a wait that names who is waited for, and a lake that two hold."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.lake_support import at, bar, table, view
from tests.support.lock_waits import event_of_wait
from tests.support.patience import HANG_SECONDS
from warehouse import durable_io
from warehouse.builds.publish import WORK_LOCK, prune_builds
from warehouse.durable_io import Holder, hold_lock, holder_text, try_lock
from warehouse.errors import LakeError
from warehouse.lake.commit import lock_path
from warehouse.lake.lake import Lake


class Waiter(threading.Thread):
    """Takes the lock once it is free, and keeps it until `may_end`."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self.path, self.is_ours, self.may_end = path, threading.Event(), threading.Event()

    def run(self) -> None:
        with hold_lock(self.path):
            self.is_ours.set()
            self.may_end.wait(HANG_SECONDS)


@pytest.fixture
def is_waiting(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    return event_of_wait(monkeypatch)


def test_a_lock_whose_file_was_removed_while_one_waited_keeps_others_out(
    tmp_path: Path, is_waiting: threading.Event
) -> None:
    path = tmp_path / "lock"
    waiter = Waiter(path)
    with hold_lock(path):
        waiter.start()
        assert is_waiting.wait(HANG_SECONDS)
        path.unlink()
    assert waiter.is_ours.wait(HANG_SECONDS)
    with try_lock(path) as holder:
        assert holder is not None
    waiter.may_end.set()
    waiter.join(HANG_SECONDS)
    with try_lock(path) as holder:
        assert holder is None


def test_a_long_wait_says_who_holds_the_lock(
    tmp_path: Path, is_waiting: threading.Event, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(durable_io, "FIRST_NOTICE_SECONDS", 0.0)
    said = threading.Event()

    def text(holder: Holder | None) -> str:
        said.set()
        return holder_text(holder)

    monkeypatch.setattr(durable_io, "holder_text", text)
    path = tmp_path / "lock"
    waiter = Waiter(path)
    with hold_lock(path):
        waiter.start()
        assert said.wait(HANG_SECONDS)
    assert waiter.is_ours.wait(HANG_SECONDS)
    waiter.may_end.set()
    waiter.join(HANG_SECONDS)
    assert f"waiting for {path}, which process {os.getpid()} holds\n" in capfd.readouterr().err


def test_a_holder_that_is_stopped_is_called_so() -> None:
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as process:
        assert holder_text(Holder(process.pid, 0)) == f"process {process.pid}"
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        stopped = f"process {process.pid}, which is stopped (`kill -CONT {process.pid}` lets it go on),"
        assert holder_text(Holder(process.pid, 0)) == stopped
        process.kill()
    assert holder_text(None) == holder_text(Holder(0, 0)) == "another process"


def test_what_another_has_committed_beside_a_lost_lock_is_never_overwritten(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.commit("first", {"equity_bars": table([bar(1.0, at(1), "a")])})

    def commit_beside(_manifest: object) -> dict[str, object]:
        lock_path(tmp_path).unlink()
        lake.commit("other", {"equity_bars": table([bar(2.0, at(2), "b", symbol="BBB")])})
        return {"equity_bars": table([bar(3.0, at(3), "c", symbol="CCC")])}

    with pytest.raises(LakeError, match=r"manifest.lock was removed; nothing was written: run the same again"):
        lake.commit("mine", commit_beside)
    assert view(lake, "symbol") == [("AAA",), ("BBB",)]
    lake.commit("mine", {"equity_bars": table([bar(3.0, at(3), "c", symbol="CCC")])})
    assert view(lake, "symbol") == [("AAA",), ("BBB",), ("CCC",)]


def test_the_folder_of_a_build_under_way_stays_whatever_number_its_process_has(tmp_path: Path) -> None:
    # as of a process of another container, whose number is nobody's here
    folder = tmp_path / "builds" / ".b.duckdb.999999999.work"
    folder.mkdir(parents=True)
    with hold_lock(folder / WORK_LOCK):
        prune_builds(tmp_path, 14, datetime(2026, 1, 24, tzinfo=UTC))
        assert folder.exists()
    prune_builds(tmp_path, 14, datetime(2026, 1, 24, tzinfo=UTC))
    assert not folder.exists()
    # of an earlier release, and one that was just made
    folder.mkdir()
    (folder / "scratch.duckdb").touch()
    made = folder.with_name(".c.duckdb.999999999.work")
    made.mkdir()
    prune_builds(tmp_path, 14, datetime(2026, 1, 24, tzinfo=UTC))
    assert not folder.exists()
    assert made.exists()
