"""Alerts reach those who are to be told, once: addresses that change, unreadable files, slow services, full disks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.alerts import notifying, sending
from flows.alerts.listing import alert_lines, status_line
from flows.alerts.notifying import notify, record_failure_to_begin, record_run
from flows.alerts.sending import Message, addresses_of_home, send_to_all
from flows.cli import main
from flows.console.context import Reporter
from flows.orchestration.watching import notify_of_runs
from tests.support.patience import HANG_SECONDS
from tests.support.webhook import Webhook, running_webhook
from warehouse.errors import LakeError
from warehouse.runs.journal import Journal
from warehouse.runs.outbox import Alert, Outbox
from warehouse.settings.addresses import new_sender, set_timeouts

NOW = datetime(2026, 1, 23, 23, 30, tzinfo=UTC)
GONE = "json://127.0.0.1:1/gone"


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


def settings(home: Path, *addresses: str) -> None:
    (home / "breadthwise.toml").write_text(f"alerts = {list(addresses)}\n")


def run(home: Path, code: int = 0, session: str = "2026-01-23", kind: str = "daily", **arguments: Any) -> None:
    with record_run(home, kind, arguments or {"session": session}, NOW, Reporter(quiet=True)) as running:
        running.exit_code, running.message = code, "what came of it"


def listed(home: Path) -> list[str]:
    return list(alert_lines(home, addresses_of_home(home), 10))


def forget_addresses() -> None:
    """As in a process that has read no settings yet."""
    sending._read_last.clear()


def test_what_waits_for_an_address_that_is_mended_goes_to_the_mended_one_once(home: Path, hook: Webhook) -> None:
    settings(home, GONE)
    run(home, code=1)
    settings(home, hook.address)
    shown = listed(home)
    assert (
        "1 alert waits for an address that is no longer named: the next start of a run sends to those that are" in shown
    )
    assert "UTC  waits  Breadthwise" in shown[-1]
    for _ in range(2):
        notify(home, Reporter())
    assert hook.subjects == ["Breadthwise: daily run of 2026-01-23 failed"]
    assert "UTC  sent   Breadthwise" in listed(home)[-1]


def test_what_one_address_has_is_not_told_it_again_when_another_is_gone(home: Path, hook: Webhook) -> None:
    settings(home, hook.address, GONE)
    run(home, code=1)
    settings(home, hook.address)
    notify(home, Reporter())
    assert len(hook.posts) == 1
    assert Outbox(home).list_waiting() == []


@pytest.mark.parametrize("text", ["alerts = [\n", 'alerts = "json://host"\n'])
def test_while_the_settings_cannot_be_read_nothing_is_dropped_or_accounted_for(
    home: Path, hook: Webhook, text: str
) -> None:
    hook.status = 500
    run(home, code=1)
    hook.status = 200
    hook.posts.clear()
    (home / "breadthwise.toml").write_text(text)
    forget_addresses()
    run(home, code=3)
    notify_of_runs(home, Reporter(), "30 18 * * 1-5", NOW, is_settled=False)
    assert hook.posts == []
    settings(home, hook.address)
    notify(home, Reporter())
    (subject,) = hook.subjects
    assert subject.startswith("Breadthwise: daily run of 2026-01-23 ended with gaps (run 2 in a row")
    assert subject.endswith(", and 1 earlier")


def test_a_process_that_read_the_settings_before_they_were_broken_tells_whom_it_read(home: Path, hook: Webhook) -> None:
    (home / "breadthwise.toml").write_text("alerts = [\n")
    forget_addresses()
    # a run under cron: it cannot be told of, but it is recorded
    assert main(["--home", str(home), "run", "--session", "2026-01-23"]) == 2
    assert hook.posts == []
    assert Journal(home).list_runs()[0]["status"] == "failed"
    settings(home, hook.address)
    addresses_of_home(home)
    (home / "breadthwise.toml").write_text("alerts = [\n")
    notify_of_runs(home, Reporter(), "30 18 * * 1-5", NOW, is_settled=False)
    assert hook.subjects == ["Breadthwise: daily run of 2026-01-23 failed"]
    assert "is not valid TOML" in hook.posts[0]["message"]


def test_runs_that_ended_while_nobody_was_named_are_not_listed_as_sent(home: Path, hook: Webhook) -> None:
    settings(home)
    run(home, code=3)
    settings(home, hook.address)
    assert status_line(home) == "1 address; nothing to tell so far"
    run(home, code=3)
    assert len(hook.posts) == 1
    shown = listed(home)
    assert "UTC  sent       Breadthwise" in shown[1]
    assert "UTC  to nobody  Breadthwise" in shown[2]


def test_a_service_may_take_as_long_as_the_limit_unless_its_address_says_less() -> None:
    # what was not even connected has taken nothing; of mail the first number is for each step
    cases = [
        ("json://host/x", 10.0, 20.0),
        ("json://host/x?rto=7", 10.0, 7.0),
        ("mailto://a:b@example.org", 20.0, 20.0),
    ]
    for address, connect, patience in cases:
        sender, _ = new_sender(address)
        assert sender is not None
        assert set_timeouts(sender, 20.0) == [patience]
        assert [one.request_timeout for one in sender] == [(connect, patience)]


def test_an_address_that_is_too_slow_is_not_asked_the_same_at_each_try(
    home: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()
    hook.on_post = lambda: (ended.wait(HANG_SECONDS), None)[1]
    monkeypatch.setattr(sending.send_to_all, "__defaults__", (0.3,))
    run(home, code=3)
    notify(home, Reporter())
    assert len(hook.posts) == 1
    assert Outbox(home).list_waiting()[0].error.startswith("no answer within 0 s, and it may have taken it")
    ended.set()
    monkeypatch.setattr(sending.send_to_all, "__defaults__", (HANG_SECONDS,))
    # what it was not asked before is not held back
    run(home, code=1)
    assert hook.subjects[1:] == [
        "Breadthwise: daily run of 2026-01-23 failed (run 2 in a row, since that of 2026-01-23)"
    ]
    # it answers, so that it is asked again what it may lack
    notify(home, Reporter())
    assert len(hook.posts) == 3
    assert Outbox(home).list_waiting() == []


def test_pauses_double_up_to_a_day_and_end_with_an_answer(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.begin([], NOW)
    for tries in range(12):
        outbox.pause("a", NOW)
        length = min(timedelta(minutes=10) * 2**tries, timedelta(days=1))
        assert outbox.paused_addresses(NOW + length - timedelta(seconds=1)) == {"a"}
        assert outbox.paused_addresses(NOW + length) == set()
    outbox.end_pause("a")
    assert outbox.paused_addresses(NOW) == set()


def test_three_silent_services_take_no_longer_than_one(hook: Webhook, tmp_path: Path) -> None:
    ended = threading.Event()
    hook.on_post = lambda: (ended.wait(HANG_SECONDS), None)[1]
    settings(tmp_path, *(f"{hook.address}?n={n}" for n in range(3)))
    waits: list[float] = []

    class Silent(threading.Thread):
        def join(self, timeout: float | None = None) -> None:
            waits.append(timeout or 0.0)
            time.sleep(min(0.1, timeout or 0.0))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading, "Thread", Silent)
        reasons = send_to_all([(one, Message("s", "b", "info")) for one in addresses_of_home(tmp_path)], 0.15)
    ended.set()
    assert len(reasons) == 3
    assert waits[0] > waits[1] > waits[2] == 0.0


def test_a_run_that_the_journal_has_no_word_of_is_notified_directly(
    home: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise LakeError("the journal cannot be written: database or disk is full")

    # all that is noted before can be read, and there is nothing else to note
    monkeypatch.setattr(Journal, "_begin_run", refuse)
    with pytest.raises(LakeError):
        run(home)
    (post,) = hook.posts
    assert post["title"] == "Breadthwise: daily run of 2026-01-23 failed"
    assert post["message"].startswith("the journal cannot be written: database or disk is full\nhome ")


@pytest.mark.parametrize("is_damaged", [True, False])
def test_where_nothing_can_be_written_down_it_is_notified_directly_once(
    home: Path, hook: Webhook, is_damaged: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: Any) -> None:
        raise LakeError("the journal cannot be written: database or disk is full")

    if is_damaged:
        for path in home.glob("journal.sqlite*"):
            path.unlink()
        (home / "journal.sqlite").write_bytes(b"no database " * 400)
    else:
        monkeypatch.setattr(Journal, "execute_statements", refuse)
    capsys.readouterr()
    for _ in range(2):
        with pytest.raises(LakeError):
            run(home, code=1)
    (post,) = hook.posts
    assert post["title"] == "Breadthwise: daily run of 2026-01-23 failed"
    assert ("it is damaged" if is_damaged else "disk is full") in post["message"]
    assert capsys.readouterr().err.count("alerts: LakeError") == 2
    notifying._notified_directly.clear()
    # what could not begin either
    with pytest.raises(LakeError, match="no Prefect server"):
        with record_failure_to_begin(home, "daily", {"session": date(2026, 1, 23)}, NOW, Reporter()):
            raise LakeError("no Prefect server")
    assert len(hook.posts) == 2


def test_a_run_that_could_not_begin_is_of_the_session_that_was_due(home: Path, hook: Webhook) -> None:
    for day in (21, 22, 23):
        # at 20:00 in New York the day in UTC is the next one
        now = datetime(2026, 1, day + 1, 1, 0, tzinfo=UTC)
        with pytest.raises(LakeError):
            with record_failure_to_begin(home, "daily", {"session": None}, now, Reporter()):
                raise LakeError("no Prefect server")
        notify_of_runs(home, Reporter(), "30 18 * * 1-5", now + timedelta(minutes=10))
    run(home, session="2026-01-26")
    assert [one.split(" (")[0] for one in hook.subjects] == [
        *(f"Breadthwise: daily run of 2026-01-{day} failed" for day in (21, 22, 23)),
        "Breadthwise: daily run of 2026-01-26 is whole again",
    ]


def test_a_whole_run_of_an_older_session_ends_no_fault_of_a_newer_one(home: Path, hook: Webhook) -> None:
    run(home, code=3, session="2026-01-22")
    run(home, session="2026-01-20")
    assert len(hook.posts) == 1
    run(home, session="2026-01-22")
    assert hook.subjects[1:] == ["Breadthwise: daily run of 2026-01-22 is whole again"]


def test_a_fault_of_a_backfill_is_over_with_a_whole_one_of_its_range_and_datasets(home: Path, hook: Webhook) -> None:
    def backfill(start: str, end: str, code: int = 0, datasets: Any = ("equity_bars",)) -> None:
        run(home, code, kind="backfill", start=start, end=end, datasets=list(datasets))

    backfill("2016-01-04", "2016-12-30", 1)
    backfill("2026-01-20", "2026-01-23")
    backfill("2016-01-04", "2016-12-30", datasets=["index_bars"])
    backfill("2025-01-06", "2025-01-10", 1)
    backfill("2016-01-04", "2017-12-29", datasets=["index_bars", "equity_bars"])
    assert hook.subjects == [
        "Breadthwise: backfill of 2016-01-04 to 2016-12-30 failed",
        "Breadthwise: backfill of 2025-01-06 to 2025-01-10 failed",
        "Breadthwise: backfill of 2016-01-04 to 2017-12-29 is whole again",
    ]


def test_refused_settings_are_told_of_for_maintenance_too(home: Path, hook: Webhook) -> None:
    (home / "lake").mkdir()
    with (home / "breadthwise.toml").open("a") as file:
        file.write("cmf_window = 1\n")
    assert main(["--home", str(home), "compact"]) == 2
    (post,) = hook.posts
    assert "maintenance of " in post["title"]
    assert "cmf_window = 1; expected a whole number from 2 to 252" in post["message"]
    # whoever reads it is in no folder of this process
    assert f" --home {home} status" in post["message"]
    assert "../" not in post["message"]


def test_several_alerts_in_one_message_have_the_worst_sign_of_them() -> None:
    fault = Alert("a", "daily", "fault", "", subject="A failed", body="a")
    whole = Alert("b", "daily", "whole", "", subject="B is whole again", body="b")
    message = notifying._message([whole, fault])
    assert (message.subject, message.kind) == ("B is whole again, and 1 earlier (1 of faults)", "failure")


def test_a_run_under_way_when_the_first_address_is_named_is_told_of(tmp_path: Path, hook: Webhook) -> None:
    with Journal(tmp_path).record_run("daily", {"session": "2026-01-23"}, NOW) as running:
        settings(tmp_path, hook.address)
        notify(tmp_path, Reporter())
        running.exit_code = 1
    notify(tmp_path, Reporter())
    assert hook.subjects == ["Breadthwise: daily run of 2026-01-23 failed"]
