"""Under `serve`, every few minutes: a run that was cut off, a daily run that was due and has not begun, what waits to be told."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flows.alerts.missed import session_due
from flows.alerts.notifying import notify, notify_of_missed
from flows.console.context import Reporter
from warehouse.errors import SettingsError
from warehouse.settings import Settings, load_home_settings

# a run waits for the one before it, and after a pause Prefect begins a late one within minutes
GRACE = timedelta(hours=1)
_EVERY_SECONDS = 300.0


def watch_runs(home: Path, reporter: Reporter, cron: str, stopping: threading.Event) -> None:
    """Look every few minutes until `stopping` is set, in a thread; for an overdue run from an hour after the start on."""
    began = datetime.now(UTC)

    def watch() -> None:
        while not stopping.wait(_EVERY_SECONDS):
            now = datetime.now(UTC)
            try:
                notify_of_runs(home, reporter, cron, now, is_settled=now - began >= GRACE)
            except Exception as error:  # noqa: BLE001 - the next look may find what this one did not
                reporter.print_problem(f"alerts: {type(error).__name__}: {error}; looked at again in minutes")

    threading.Thread(target=watch, name="alerts", daemon=True).start()


def notify_of_runs(home: Path, reporter: Reporter, cron: str, now: datetime, *, is_settled: bool = True) -> None:
    """Tell of runs that were cut off and send what waits; once `is_settled` also, once, of a daily run that was due by `cron` an
    hour before `now` or earlier and has not begun."""
    settings = Settings()
    with suppress(SettingsError):
        settings = load_home_settings(home)
    session = session_due(cron, now - GRACE, settings.close_margin_minutes) if is_settled else None
    if session is None:
        notify(home, reporter)
    else:
        notify_of_missed(
            home, reporter, session, f"it was due by {cron} New York time, and has not begun an hour later"
        )
