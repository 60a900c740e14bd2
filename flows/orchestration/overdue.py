"""Under `serve`: whether the daily run that was due has begun. One that has not, though an hour has passed, is told of."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flows.alerts.missed import session_due
from flows.alerts.telling import tell_of_missed
from flows.console.context import Reporter
from warehouse.errors import SettingsError
from warehouse.settings import Settings, load_home_settings

# a run waits for the one before it, and after a pause Prefect begins a late one within minutes
GRACE = timedelta(hours=1)
_EVERY_SECONDS = 300.0


def watch_for_overdue_runs(home: Path, reporter: Reporter, cron: str, stopping: threading.Event) -> threading.Thread:
    """Ask every few minutes, from an hour after the start on, until `stopping` is set."""

    def watch() -> None:
        if stopping.wait(GRACE.total_seconds()):
            return
        while not stopping.wait(_EVERY_SECONDS):
            tell_if_overdue(home, reporter, cron, datetime.now(UTC))

    thread = threading.Thread(target=watch, name="overdue runs", daemon=True)
    thread.start()
    return thread


def tell_if_overdue(home: Path, reporter: Reporter, cron: str, now: datetime) -> None:
    """Tell, once, of a daily run that was due by `cron` an hour before `now` or earlier and has not begun. Never raises."""
    settings = Settings()
    with suppress(SettingsError):
        settings = load_home_settings(home)
    session = session_due(cron, now - GRACE, settings.close_margin_minutes)
    if session is not None:
        tell_of_missed(home, reporter, session, f"it was due by {cron} New York time, and has not begun an hour later")
