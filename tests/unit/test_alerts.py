"""Alerts: what a run is told as, to whom, how often; and that addresses, which are secrets, are said nowhere."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.alerts import notifying, sending
from flows.alerts.missed import session_due
from flows.alerts.notifying import notify, record_failure_to_begin, record_run
from flows.cli import main
from flows.console.context import Reporter
from flows.daily.notices import session_notices
from flows.orchestration.watching import notify_of_runs
from tests.support.house import ROOT
from tests.support.patience import HANG_SECONDS
from tests.support.webhook import SECRET, Webhook, running_webhook
from warehouse.errors import LakeError, UsageError
from warehouse.runs.journal import Journal
from warehouse.runs.outbox import Outbox

NOW = datetime(2026, 1, 23, 23, 30, tzinfo=UTC)


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with running_webhook() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, hook: Webhook) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    settings(folder, hook.address)
    notify(folder, Reporter())
    return folder


def settings(home: Path, *addresses: str, more: str = "") -> None:
    (home / "breadthwise.toml").write_text(f"alerts = {list(addresses)}\n{more}")


def run(home: Path, session: str = "2026-01-23", code: int = 0, notices: Any = (), **named: Any) -> None:
    kind = named.pop("kind", "daily")
    with record_run(home, kind, {"session": session}, NOW, Reporter(quiet=True)) as running:
        running.exit_code, running.message = code, named.get("message", "what came of it")
        running.notices += notices


def test_rows_set_aside_and_restated_figures_are_told_with_where_to_look(home: Path, hook: Webhook) -> None:
    notices = [("suspect", "set aside: index_bars 2026-01-23: 1 by unexplained_step: SPX"), ("restated", "SPX 1 -> 2")]
    run(home, notices=notices)
    (post,) = hook.posts
    assert post["title"] == "Breadthwise: daily run of 2026-01-23 has bars set aside and changed published figures"
    lines = post["message"].splitlines()
    assert lines[:3] == ["what came of it", *(line for _, line in notices)]
    assert lines[3].startswith(f"home {home} on ")
    assert "from marts.suspect_rows where is_set_aside and session_date = '2026-01-23'" in post["message"]
    assert lines[-1].endswith('sql "from ops.restatement_counts"')


def test_events_that_are_not_watched_are_not_told_and_end_no_fault(home: Path, hook: Webhook) -> None:
    settings(home, hook.address, more='alert_on = ["failed"]\n')
    run(home, code=1)
    run(home, code=3)
    run(home, notices=[("suspect", "SPX")])
    assert hook.subjects == ["Breadthwise: daily run of 2026-01-23 failed"]
    run(home)
    assert hook.subjects[1:] == ["Breadthwise: daily run of 2026-01-23 is whole again"]


def test_a_run_whose_arguments_are_no_json_is_told_with_its_day(home: Path, hook: Webhook) -> None:
    with record_run(home, "daily", "by hand", NOW, Reporter()) as running:
        running.exit_code = 1
    assert hook.subjects == ["Breadthwise: daily run of 2026-01-23 failed"]


def test_kinds_count_apart_and_imports_not_at_all(home: Path, hook: Webhook) -> None:
    run(home, code=1)
    run(home, kind="import", code=1)
    run(home, kind="backfill")
    assert len(hook.posts) == 1


def test_a_run_stopped_by_hand_is_not_told(home: Path, hook: Webhook) -> None:
    with pytest.raises(KeyboardInterrupt):
        with record_run(home, "daily", {"session": "2026-01-23"}, NOW, Reporter()):
            raise KeyboardInterrupt
    notify(home, Reporter())
    assert hook.posts == []


def test_a_run_that_died_is_told_at_the_next_start(home: Path, hook: Webhook) -> None:
    code = (
        "import os, sys; from datetime import datetime, UTC; from pathlib import Path\n"
        "from warehouse.runs.journal import Journal\n"
        "with Journal(Path(sys.argv[1])).record_run('daily', {'session': '2026-01-23'}, datetime.now(UTC)): os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(home)], cwd=ROOT, check=False)
    notify(home, Reporter())
    assert hook.subjects == ["Breadthwise: daily run of 2026-01-23 was cut off"]
    notify(home, Reporter())
    assert len(hook.posts) == 1


def test_only_the_address_that_did_not_take_it_is_told_again(
    home: Path, hook: Webhook, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_webhook() as other:
        settings(home, hook.address, other.address)
        other.status = 500
        run(home, code=1)
        run(home, code=3)
        assert (len(hook.posts), len(other.posts)) == (2, 3)
        assert capsys.readouterr().err.count("did not take an alert") == 2
        # tried again, as every few minutes under serve: the log has the reason already
        notify_of_runs(home, Reporter(), "30 18 * * 1-5", NOW, is_settled=False)
        assert (len(other.posts), capsys.readouterr().err) == (4, "")
        other.status = 200
        other.posts.clear()
        notify(home, Reporter())
        notify(home, Reporter())
        assert len(hook.posts) == 2
        assert other.subjects == [
            "Breadthwise: daily run of 2026-01-23 ended with gaps (run 2 in a row, since that of 2026-01-23), and 1 earlier"
        ]
        assert "\n\nBreadthwise: daily run of 2026-01-23 failed\n" in other.posts[0]["message"]


def test_runs_from_before_there_was_an_address_are_nobodys_news(tmp_path: Path, hook: Webhook) -> None:
    with Journal(tmp_path).record_run("daily", {"session": "2026-01-22"}, NOW) as old:
        old.exit_code = 1
    run(tmp_path, code=1)
    assert not Outbox(tmp_path).is_begun()
    settings(tmp_path, hook.address)
    notify(tmp_path, Reporter())
    assert hook.posts == []
    # an address that comes later gets what comes later
    with running_webhook() as other:
        run(tmp_path, code=1)
        settings(tmp_path, hook.address, other.address)
        notify(tmp_path, Reporter())
        assert (len(hook.posts), len(other.posts)) == (1, 0)


def test_a_silent_service_is_waited_for_a_limited_time(
    home: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = threading.Event()
    hook.on_post = lambda: (ended.wait(HANG_SECONDS), None)[1]
    monkeypatch.setattr(sending.send_to_all, "__defaults__", (0.2,))
    run(home, code=3)
    assert not ended.is_set()
    ended.set()
    assert "alerts[0] (json) did not take an alert: no answer within 0 s" in capsys.readouterr().err
    assert Journal(home).list_runs()[0]["status"] == "gaps"


def test_what_fails_in_telling_is_a_line_and_no_error(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("boo")

    monkeypatch.setattr(notifying, "_account_for_runs", fail)
    run(home)
    assert capsys.readouterr().err.splitlines()[0].startswith("alerts: RuntimeError: boo; the next start of a run ")
    assert Journal(home).list_runs()[0]["status"] == "done"


def test_what_could_not_even_begin_is_recorded_and_told_but_wrong_use_is_not(home: Path, hook: Webhook) -> None:
    for error in (LakeError("the Prefect server ended"), UsageError("2026-01-24 is no session")):
        with pytest.raises(type(error)):
            with record_failure_to_begin(home, "daily", {"session": date(2026, 1, 23)}, NOW, Reporter()):
                raise error
    (recorded,) = Journal(home).list_runs()
    assert (recorded["status"], recorded["message"]) == ("failed", "the Prefect server ended")
    assert hook.subjects == ["Breadthwise: daily run of 2026-01-23 failed"]


def test_sessions_without_a_run_are_told_once(home: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Outbox, "begun_at", lambda self: NOW - timedelta(days=9))
    run(home, "2026-01-15")
    # the 19th was a holiday
    run(home, "2026-01-21")
    run(home, "2026-01-20")
    run(home, "2026-01-22")
    assert hook.subjects == ["Breadthwise: no daily run took place for 2026-01-16 to 2026-01-20 (2 sessions)"]


def test_a_run_that_is_overdue_under_serve_is_told_once(home: Path, hook: Webhook) -> None:
    run(home, "2026-01-21")
    for _ in range(2):
        notify_of_runs(home, Reporter(), "30 18 * * 1-5", datetime(2026, 1, 23, 0, 40, tzinfo=UTC))
    (post,) = hook.posts
    assert post["title"] == "Breadthwise: no daily run took place for 2026-01-22"
    assert post["message"].startswith("it was due by 30 18 * * 1-5 New York time, and has not begun an hour later")
    run(home, "2026-01-22")
    notify_of_runs(home, Reporter(), "30 18 * * 1-5", datetime(2026, 1, 23, 0, 50, tzinfo=UTC))
    run(home, "2026-01-23")
    assert len(hook.posts) == 1


@pytest.mark.parametrize(
    ("cron", "now", "session"),
    [
        ("30 18 * * 1-5", "2026-01-22T23:29:00Z", date(2026, 1, 21)),
        ("30 18 * * 1-5", "2026-01-22T23:30:00Z", date(2026, 1, 22)),
        ("30 18 * * 1-5", "2026-01-20T01:00:00Z", date(2026, 1, 16)),
        ("0 7 * * 2-6", "2026-01-24T13:00:00Z", date(2026, 1, 23)),
        ("0 0 1 1 *", "2026-06-01T00:00:00Z", None),
    ],
)
def test_the_session_that_was_due(cron: str, now: str, session: date | None) -> None:
    assert session_due(cron, datetime.fromisoformat(now), 15) == session


@pytest.mark.parametrize(("grade", "told"), [("good", 1), ("fair", 3)])
def test_stocks_set_aside_are_told_where_the_session_is_not_graded_good(tmp_path: Path, grade: str, told: int) -> None:
    day = date(2026, 1, 23)
    with duckdb.connect(str(tmp_path / "build.duckdb")) as con:
        con.execute("create schema reports; create schema marts; create schema ops")
        con.execute("create table reports.data_quality (session_date date, item text, status text, note_en text)")
        con.execute("insert into reports.data_quality values (?, 'summary', ?, 'Data so so.')", [day, grade])
        con.execute(
            "create table marts.suspect_rows (session_date date, row_date date, dataset text, rule text, instrument_id text, "
            "symbol text, is_set_aside boolean)"
        )
        names = [("equity_bars", f"S{n}", True) for n in range(7)] + [("equity_bars", "T", False)]
        for dataset, name, is_out in [*names, ("index_bars", "SPX", True)] if grade == "fair" else names:
            con.execute(
                "insert into marts.suspect_rows values (?, ?, ?, 'r', ?, ?, ?)", [day, day, dataset, name, name, is_out]
            )
        con.execute(
            "create table ops.restatements (table_name text, key text, column_name text, old_value text, new_value text, "
            "cause text)"
        )
        con.execute("insert into ops.restatements values ('reports.headline_indices', 'k', 'close', null, '1', 'c')")
        con.execute("insert into ops.restatements values ('reports.headline_indices', 'k', 'close', '1', '2', 'c')")
    found = list(session_notices(tmp_path / "build.duckdb", day, ""))
    assert found[-1] == ("restated", "restated: k close 1 -> 2: c")
    assert (
        found[:-1]
        == [
            ("suspect", "set aside: equity_bars 2026-01-23: 7 by r: S0, S1, S2, S3, S4 and 2 more"),
            ("suspect", "set aside: index_bars 2026-01-23: 1 by r: SPX"),
            ("suspect", "data of 2026-01-23: Data so so."),
        ][: 3 * (told > 1)]
    )


def test_who_has_no_alerts_pays_nothing_for_them(tmp_path: Path) -> None:
    code = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path\n"
        "from flows.alerts.notifying import record_run; from flows.console.context import Reporter\n"
        "from sources.settings import load_settings; load_settings(Path(sys.argv[1]))\n"
        "with record_run(Path(sys.argv[1]), 'daily', {}, datetime.now(UTC), Reporter()): pass\n"
        "print([name for name in ('apprise', 'duckdb', 'prefect') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    of_runs = {"running", "journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"}
    assert {path.name for path in tmp_path.iterdir()} <= of_runs


def test_alerts_lists_who_is_told_what(home: Path, hook: Webhook, capsys: pytest.CaptureFixture[str]) -> None:
    run(home, code=1)
    capsys.readouterr()
    assert main(["--home", str(home), "alerts"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].split(maxsplit=2) == ["alerts[0]", "(json)", "has all that was told"]
    assert shown[1].endswith(" UTC  sent   Breadthwise: daily run of 2026-01-23 failed")
    assert SECRET not in "".join(shown)
    settings(home)
    assert main(["--home", str(home), "alerts", "--try"]) == 2
    assert "names no address; write alerts = [" in capsys.readouterr().err
