"""Ctrl-C, SIGTERM and kill -9 while a run waits for a host: one line, no waiting, and no server that stays behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from flows.cli import main
from tests.integration.conftest import ROOT
from tests.support.patience import HANG_SECONDS, wait_until
from warehouse.durable_io import is_process_alive
from warehouse.runs.journal import Journal

pytestmark = pytest.mark.server
# twenty times the promise, and a fraction of what one who waits for the host needs: 30 s for each of four tries
STILL_STOPPING_SECONDS = 60.0
STOPPED = "breadthwise run: stopped; what was committed stays, run it again to go on"


class Silent(ThreadingHTTPServer):
    """Gives a sign of life on the front page, and never answers anything else."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.is_waiting, self.ended = threading.Event(), threading.Event()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Silent)
        if self.path.strip("/").count("/"):
            self.server.is_waiting.set()
            self.server.ended.wait()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Silent: pytest's output is for tests."""


@pytest.fixture
def host() -> Iterator[Silent]:
    with Silent() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.ended.set()
        server.shutdown()


def _waiting_run(home: Path, host: Silent) -> subprocess.Popen[str]:
    """`breadthwise run`, up to where it waits for its host."""
    home.mkdir()
    (home / "breadthwise.toml").write_text(f'base_urls = {{ "*" = "http://127.0.0.1:{host.server_address[1]}" }}\n')
    command = [sys.executable, "-m", "flows.cli", "--home", str(home), "run", "--session", "2026-01-23"]
    process = subprocess.Popen(command, cwd=ROOT, env=_environment(), stderr=subprocess.PIPE, text=True)
    assert host.is_waiting.wait(HANG_SECONDS), process.poll()
    return process


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}


def _servers(home: Path) -> list[tuple[int, int]]:
    records = (home / "prefect" / "servers").glob("*.json")
    return [(known["pid"], known["started"]) for known in (json.loads(record.read_text()) for record in records)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_waits_for_no_host_and_says_one_line(
    number: signal.Signals, host: Silent, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    process = _waiting_run(home, host)
    (server,) = _servers(home)
    process.send_signal(number)
    # the host is silent still: who waited for its answers would not end within minutes
    _, output = process.communicate(timeout=STILL_STOPPING_SECONDS)
    assert not host.ended.is_set()
    # beside those that wait, the one dataset that has nobody to ask came to its end
    lines = [line for line in output.splitlines()[1:] if not line.strip().startswith("fundamentals:")]
    assert (process.returncode, lines) == (1, [STOPPED])
    assert _servers(home) == []
    assert wait_until(lambda: not is_process_alive(*server))
    (run,) = Journal(home).list_runs()
    assert (run["status"], run["message"]) == ("failed", "stopped by Ctrl-C or a signal")


def test_the_server_of_a_killed_run_goes_with_the_next_command(host: Silent, tmp_path: Path) -> None:
    home = tmp_path / "home"
    process = _waiting_run(home, host)
    (server,) = _servers(home)
    assert main(["--home", str(home), "--quiet", "status"]) == 0
    assert is_process_alive(*server)  # its run is under way
    process.kill()
    process.communicate(timeout=HANG_SECONDS)
    assert is_process_alive(*server)
    assert main(["--home", str(home), "--quiet", "status"]) == 0
    assert _servers(home) == []
    assert wait_until(lambda: not is_process_alive(*server))


def test_a_pid_that_was_given_out_again_is_left_alone(tmp_path: Path) -> None:
    """The record names this very process as the server, with a start time that is not its own."""
    record = tmp_path / "prefect" / "servers" / "1.json"
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps({"pid": os.getpid(), "started": 1, "by": os.getpid(), "by_started": 1}))
    assert main(["--home", str(tmp_path), "--quiet", "status"]) == 0
    assert not record.exists()
