"""A backfill by the plain functions, in this process or in one that a test kills."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path

from flows.backfill import runner
from flows.console.context import Reporter
from sources.http.client import Client, HttpSettings
from sources.settings import load_settings as load_settings
from warehouse.runs.attempts import open_attempts
from warehouse.runs.journal import Journal

NOW = datetime.fromisoformat("2026-01-23T23:00:00+00:00")
START, END = date(2025, 1, 2), date(2026, 1, 23)


def run(
    home: Path,
    *,
    start: date = START,
    end: date = END,
    now: datetime = NOW,
    most: int | None = None,
    again: bool = False,
    datasets: tuple[str, ...] = ("equity_bars",),
    newest_first: bool = False,
) -> tuple[runner.BackfillSummary, int]:
    """What it tells, and its exit code."""
    settings = load_settings(home)
    scope = runner.scope_of(home, settings, start, end, now, datasets, newest_first=newest_first)
    http = HttpSettings(pace=settings.pace, backoff_seconds=0.01, retry_after_cap_seconds=0.05)
    with (
        Journal(home).record_run("backfill", {}, now) as journaled,
        open_attempts(home, runner.attempts_since(now, again)) as attempts,
    ):
        client = Client(home, lambda: now, http, settings.base_urls, seed=1)
        work = runner.Backfill(home, settings, journaled, scope, attempts, client, Reporter(quiet=True), lambda: now)
        return runner.run_rounds(work, most=most), journaled.exit_code


if __name__ == "__main__":
    run(Path(sys.argv[1]))
