"""Alerts of real runs, on a webhook of one's own: failed, gaps, whole again, nobody listening, killed between end and alert."""

from __future__ import annotations

import gzip
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.alerts.messages import NEW_YORK
from flows.alerts.notifying import notify
from flows.cli import main
from flows.console.context import Reporter
from flows.orchestration.prefect_setup import use_home
from sources import plan
from sources.mock_api import MockApi
from sources.providers import simulated
from tests.integration.conftest import ROOT
from tests.support.patience import HANG_SECONDS
from tests.support.webhook import SECRET, Webhook, running_webhook
from warehouse.runs.journal import Journal

pytestmark = pytest.mark.server

SESSIONS = [date(2026, 1, day) for day in (21, 22, 23)]


@pytest.fixture(scope="module")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    use_home(tmp_path_factory.mktemp("prefect"))
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=int(HANG_SECONDS)):
        yield


@pytest.fixture(scope="module")
def api() -> Iterator[MockApi]:
    with MockApi(simulated.generate_market(end=SESSIONS[-1], symbols=60, years=1)) as running:
        yield running


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with running_webhook() as server:
        yield server


@pytest.fixture
def daily(prefect_server: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, date], Any]:
    """The daily flow of a home and session, whose client does not wait; returns its state."""
    import flows.daily.flow as module
    from sources.http.client import Client, HttpSettings

    def impatient(home: Path, settings: Any, clock: Any) -> Client:
        return Client(home, clock, HttpSettings(pace=settings.pace, backoff_seconds=0.01), settings.base_urls)

    monkeypatch.setattr(module, "make_client", impatient)
    monkeypatch.setattr(module, "ingest_dataset", module.ingest_dataset.with_options(retries=0))
    return lambda home, session: module.daily(session=session, home=str(home), quiet=True, return_state=True)


def home_told_by(home: Path, api: MockApi, address: str) -> Path:
    """A home that asks Yahoo for two indices, and for nothing else."""
    home.mkdir()
    lines = [f'alerts = ["{address}"]', 'symbols = { index_bars = ["SPX", "DJI"] }', "[sources]"]
    lines += [f"{name} = {['yahoo_bars'] if name == 'index_bars' else []}" for name in plan.ORDER]
    lines += ["[base_urls]", *(f'"{host}" = "{url}"' for host, url in api.base_urls.items())]
    (home / "breadthwise.toml").write_text("\n".join(lines))
    return home


def plain_bytes(path: Path) -> bytes:
    """What a file says, also a compressed one."""
    body = path.read_bytes()
    return gzip.decompress(body) if path.suffix == ".gz" else body


def fail_before_any_facts(daily: Callable[[Path, date], Any], home: Path, hook: Webhook) -> None:
    """Under a schedule: the settings are refused, and maintenance finds a damaged lake; each is told of."""
    from flows.maintenance.flow import maintenance

    text = (home / "breadthwise.toml").read_text()
    (home / "breadthwise.toml").write_text(f"cmf_window = 1\n{text}")
    assert daily(home, date(2026, 1, 20)).name == "Failed"
    (home / "breadthwise.toml").write_text(text)
    (home / "lake").mkdir()
    (home / "lake" / "manifest.json").write_text("damaged")
    state: Any = maintenance(home=str(home), return_state=True)
    assert state.is_failed()
    shutil.rmtree(home / "lake")
    assert hook.subjects == [
        "Breadthwise: daily run of 2026-01-20 failed",
        f"Breadthwise: maintenance of {datetime.now(NEW_YORK).date()} failed",
    ]
    assert "cmf_window = 1; expected a whole number from 2 to 252" in hook.posts[0]["message"]
    hook.posts.clear()


def test_runs_are_told_of_with_since_when_also_after_nobody_listened(
    daily: Callable[[Path, date], Any], api: MockApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_webhook() as hook:
        home, port = home_told_by(tmp_path / "home", api, hook.address), hook.port
        fail_before_any_facts(daily, home, hook)
        api.faults.order_faults("*/chart/^*", "server_error", times=100)
        assert daily(home, SESSIONS[0]).name == "Failed"
        assert hook.subjects == [
            "Breadthwise: daily run of 2026-01-21 failed (run 2 in a row, since that of 2026-01-20)"
        ]
        failed = hook.posts[0]["message"].splitlines()
    assert failed[0] == "not one row came for 2026-01-21, and the lake is empty: there is nothing to build"
    assert failed[-1].startswith("look further: ")
    assert failed[-1].endswith(f" --home {home} status")
    api.faults.order_faults("*/chart/^*", "server_error", times=0)
    # nobody listens: the run is what it is, and one line says so
    capsys.readouterr()
    api.faults.order_faults("*/chart/^DJI", "html", times=100)
    assert daily(home, SESSIONS[1]).name == "Gaps"
    api.faults.order_faults("*/chart/^DJI", "html", times=0)
    run = Journal(home).list_runs()[0]
    assert (run["status"], run["exit_code"]) == ("gaps", 3)
    (said,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("alerts[0] (json) ")]
    assert said.startswith("alerts[0] (json) did not take an alert: A Connection error occurred sending JSON ")
    assert main(["--home", str(home), "status"]) == 0
    status = capsys.readouterr().out
    assert "alerts      1 address; last told: Breadthwise: daily run of 2026-01-22 ended with gaps" in status
    assert "  ! alerts[0] (json): 1 alert not sent yet: A Connection error" in status
    assert main(["--home", str(home), "alerts", "--try"]) == 1
    with running_webhook(port) as hook:
        whole = daily(home, SESSIONS[2])
        assert whole.name == "Completed"
        assert hook.subjects == [
            "Breadthwise: daily run of 2026-01-22 ended with gaps (run 3 in a row, since that of 2026-01-20)",
            "Breadthwise: daily run of 2026-01-23 is whole again",
        ]
        assert [post["type"] for post in hook.posts] == ["failure", "success"]
        notify(home, Reporter())
        assert len(hook.posts) == 2
        assert main(["--home", str(home), "alerts", "--try"]) == 0
        assert hook.subjects[2:] == ["Breadthwise: a test"]
    gaps, over, _ = [post["message"].splitlines() for post in hook.posts]
    noted = [one["line"] for one in Journal(home).list_notices(run["run_id"])]
    assert [line for line in noted if line.startswith("gap: index_bars DJI")] != []
    assert gaps[: 1 + len(noted)] == [run["message"], *(" ".join(line.split()) for line in noted)]
    assert over[0] == whole.message
    assert over[-1] == "3 runs before it were not, since that of 2026-01-20"
    shown = capsys.readouterr()
    assert SECRET not in shown.out + shown.err + said + status + str([gaps, over])
    files = [path for path in home.rglob("*") if path.is_file() and path.name != "breadthwise.toml"]
    assert [path for path in files if SECRET.encode() in plain_bytes(path)] == []


def test_what_a_kill_between_the_end_and_the_alert_left_is_sent_at_the_next_start_once(tmp_path: Path) -> None:
    """A run in a process of its own that is killed while its alert is under way; the next one sends that and its own."""
    home = tmp_path / "home"
    (home / "lake").mkdir(parents=True)
    (home / "lake" / "manifest.json").write_text("damaged")
    with running_webhook() as hook:
        (home / "breadthwise.toml").write_text(f'alerts = ["{hook.address}"]\n')
        command = [sys.executable, "-m", "flows.cli", "--home", str(home), "compact"]
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        killed = threading.Event()

        def kill() -> None:
            if not killed.is_set():
                process.kill()
                process.wait()
                killed.set()

        hook.on_post = kill
        assert process.wait(HANG_SECONDS) == -signal.SIGKILL
        assert len(hook.posts) == 1
        assert Journal(home).list_runs()[0]["status"] == "failed"
        hook.posts.clear()
        assert main(["--home", str(home), "compact"]) == 1
        today = datetime.now(NEW_YORK).date()
        assert hook.subjects == [
            f"Breadthwise: maintenance of {today} failed",
            f"Breadthwise: maintenance of {today} failed (run 2 in a row, since that of {today})",
        ]


def test_settings_that_are_refused_are_told_of_under_cron(hook: Webhook, tmp_path: Path) -> None:
    (tmp_path / "breadthwise.toml").write_text(f'cmf_window = 1\nalerts = ["{hook.address}"]\n')
    assert main(["--home", str(tmp_path), "run", "--session", "2026-01-23"]) == 2
    assert hook.subjects == ["Breadthwise: daily run of 2026-01-23 failed"]
    assert "cmf_window = 1; expected a whole number from 2 to 252" in hook.posts[0]["message"]
    # what nobody could run is told to who typed it
    (tmp_path / "breadthwise.toml").write_text(f'alerts = ["{hook.address}"]\n')
    assert main(["--home", str(tmp_path), "run", "--session", "2026-01-24"]) == 2
    assert len(hook.posts) == 1
