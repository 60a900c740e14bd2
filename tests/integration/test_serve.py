"""`breadthwise serve` after a power cut, and told to stop while a run waits for a host."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.orchestration.dead_runs import MESSAGE
from flows.orchestration.serve import STOPPING
from tests.integration.conftest import ROOT
from tests.integration.waiting import environment, servers
from tests.support.patience import HANG_SECONDS, wait_until
from tests.support.silent import Silent
from tests.support.webhook import Webhook, running_webhook
from warehouse.runs.journal import CRASHED, Journal

pytestmark = pytest.mark.server


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with running_webhook() as server:
        yield server


@pytest.fixture
def host() -> Iterator[Silent]:
    with Silent() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.ended.set()
        server.shutdown()


def _serve_up_to_a_waiting_run(home: Path, host: Silent) -> subprocess.Popen[str]:
    """`breadthwise serve` with a run that is due at once, up to where the run waits for its host."""
    host.is_waiting.clear()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with (home / "serve.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.cli", "--home", str(home), "serve", "--also-at", now],
            cwd=ROOT,
            env=environment(),
            stdout=log,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    assert wait_until(lambda: host.is_waiting.is_set() or process.poll() is not None)
    assert process.poll() is None, (home / "serve.log").read_text()
    return process


def test_a_run_begins_after_a_power_cut_and_a_stop_is_said_at_once(host: Silent, hook: Webhook, tmp_path: Path) -> None:
    where = f'base_urls = {{ "*" = "http://127.0.0.1:{host.server_address[1]}" }}\n'
    (tmp_path / "breadthwise.toml").write_text(f'{where}alerts = ["{hook.address}"]\n')
    first = _serve_up_to_a_waiting_run(tmp_path, host)
    ((server, _),) = servers(tmp_path)
    # with the process of the run; before its server, whose end Prefect would write a traceback about
    os.killpg(first.pid, signal.SIGKILL)
    os.killpg(server, signal.SIGKILL)
    first.wait(timeout=HANG_SECONDS)
    # the dead run held the one slot of `daily`: nothing would begin
    second = _serve_up_to_a_waiting_run(tmp_path, host)
    assert MESSAGE in (tmp_path / "serve.log").read_text()
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=HANG_SECONDS) == 0
    said = (tmp_path / "serve.log").read_text()
    assert STOPPING in said.splitlines()
    assert said.splitlines()[-1] == "stopped serving"
    assert "Traceback" not in said
    # the run was told to stop, and ended by itself while its host was silent still
    assert not host.ended.is_set()
    stopped, killed = Journal(tmp_path).list_runs()
    assert (stopped["status"], stopped["message"]) == ("failed", "stopped by Ctrl-C or a signal")
    assert killed["status"] == "crashed"
    # who is told of runs hears at the next start of the one that was cut off, and nothing of the one that was stopped
    (post,) = hook.posts
    assert re.fullmatch(r"Breadthwise: daily run of \d{4}-\d\d-\d\d was cut off", post["title"])
    assert post["message"].splitlines()[0] == CRASHED
