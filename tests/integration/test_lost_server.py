"""The Prefect server of a run goes away, or does not come up: a word on what it is, and the run goes on where it can."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flows.console.context import Reporter
from flows.orchestration.server import running_server
from flows.orchestration.server_faults import database_of
from tests.integration.waiting import ONE_SERIES, servers, waiting_run
from tests.support.patience import HANG_SECONDS, wait_until
from tests.support.silent import Silent
from warehouse.runs.journal import Journal

pytestmark = pytest.mark.server


@pytest.fixture
def host() -> Iterator[Silent]:
    with Silent() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.ended.set()
        server.shutdown()


def test_a_server_that_dies_is_started_again_and_the_run_comes_to_its_own_end(host: Silent, tmp_path: Path) -> None:
    home = tmp_path / "home"
    process = waiting_run(home, host, ONE_SERIES)
    (first,) = servers(home)
    os.killpg(first[0], signal.SIGKILL)
    assert wait_until(lambda: bool(set(servers(home)) - {first}))
    host.ended.set()
    _, output = process.communicate(timeout=HANG_SECONDS)
    assert output.count("the Prefect server ended (code -9") == 1
    assert "it is started again, and the work goes on" in output
    assert [sign for sign in ("Error logging", "ERROR", "ConnectError", "internal error") if sign in output] == []
    (run,) = Journal(home).list_runs()
    assert run["message"].startswith("not one row came")


def test_a_damaged_database_is_moved_aside_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    (tmp_path / "prefect").mkdir()
    database_of(tmp_path).write_bytes(b"no database, but long enough to be taken for one" * 400)
    with running_server(tmp_path, Reporter(), is_scheduling=False):
        (aside,) = (tmp_path / "prefect").glob("prefect.db.damaged-*")
        assert aside.read_bytes().startswith(b"no database")
        with closing(sqlite3.connect(database_of(tmp_path))) as con:
            assert con.execute("select count(*) from flow_run").fetchall() == [(0,)]
    said = capsys.readouterr().err.splitlines()
    assert said[1:] == [
        f"the Prefect database was damaged: it is now {aside}, and a new one is begun; only the history of flow runs is lost"
    ]
