"""Ctrl-C, SIGTERM and kill -9 while a run waits for a host: one line, no waiting, and no server that stays behind."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.cli import main
from tests.integration.waiting import servers, waiting_run
from tests.support.patience import HANG_SECONDS, wait_until
from tests.support.silent import Silent
from warehouse.durable_io import is_process_alive
from warehouse.runs.journal import Journal

pytestmark = pytest.mark.server
# twenty times the promise, and a fraction of what one who waits for the host needs: 30 s for each of four tries
STILL_STOPPING_SECONDS = 60.0
STOPPED = "breadthwise run: stopped; what was committed stays, run it again to go on"


@pytest.fixture
def host() -> Iterator[Silent]:
    with Silent() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.ended.set()
        server.shutdown()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_waits_for_no_host_and_says_one_line(
    number: signal.Signals, host: Silent, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    process = waiting_run(home, host)
    (server,) = servers(home)
    process.send_signal(number)
    # the host is silent still: who waited for its answers would not end within minutes
    _, output = process.communicate(timeout=STILL_STOPPING_SECONDS)
    assert not host.ended.is_set()
    # beside those that wait, the one dataset that has nobody to ask came to its end
    lines = [line for line in output.splitlines()[1:] if not line.strip().startswith("fundamentals:")]
    assert (process.returncode, lines) == (1, [STOPPED])
    assert servers(home) == []
    assert wait_until(lambda: not is_process_alive(*server))
    (run,) = Journal(home).list_runs()
    assert (run["status"], run["message"]) == ("failed", "stopped by Ctrl-C or a signal")


def test_the_server_of_a_killed_run_goes_with_the_next_command(host: Silent, tmp_path: Path) -> None:
    home = tmp_path / "home"
    process = waiting_run(home, host)
    (server,) = servers(home)
    assert main(["--home", str(home), "--quiet", "status"]) == 0
    assert is_process_alive(*server)  # its run is under way
    process.kill()
    process.communicate(timeout=HANG_SECONDS)
    assert is_process_alive(*server)
    assert main(["--home", str(home), "--quiet", "status"]) == 0
    assert servers(home) == []
    assert wait_until(lambda: not is_process_alive(*server))


def test_a_pid_that_was_given_out_again_is_left_alone(tmp_path: Path) -> None:
    """The record names this very process as the server, with a start time that is not its own."""
    record = tmp_path / "prefect" / "servers" / "1.json"
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps({"pid": os.getpid(), "started": 1, "by": os.getpid(), "by_started": 1}))
    assert main(["--home", str(tmp_path), "--quiet", "status"]) == 0
    assert not record.exists()
