"""`breadthwise serve`: the schedule in one process."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta

from flows.console.context import Context
from warehouse.errors import UsageError
from warehouse.instants import parse_instant

HELP = "Run the daily flow by its schedule (18:30 New York, Monday to Friday) and the weekly maintenance, in this one process."
EXAMPLES = """  breadthwise serve
  breadthwise serve --cron "0 20 * * 1-5"
  breadthwise serve --also-at 2026-01-26T14:00:00Z"""

# cron with seconds or years is none of Prefect's
_FIELDS = 5
_JUST_NOW = timedelta(hours=1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from flows.orchestration.schedule import CRON

    parser.add_argument("--cron", default=CRON, help=f'when, in New York time (default "{CRON}")')
    parser.add_argument("--also-at", type=parse_instant, help="one run more at this instant, whatever the day")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from flows.orchestration.serve import serve_schedules

    _check_cron(arguments.cron)
    _check_instant(arguments.also_at, datetime.now(UTC))
    serve_schedules(context.home, context.reporter, cron=arguments.cron, also_at=arguments.also_at)
    return 0


def _check_instant(at: datetime | None, now: datetime) -> None:
    """Raises UsageError for an instant that has long passed; one of just now begins at once."""
    if at is not None and at < now - _JUST_NOW:
        raise UsageError(f"--also-at {at.isoformat()} has passed; `breadthwise run` runs at once")


def _check_cron(text: str) -> None:
    """Raises UsageError for what is no time of cron, before anything is started."""
    from cronsim import CronSim, CronSimError

    fields = len(text.split())
    try:
        CronSim(text, datetime.now())
        fault = "" if fields == _FIELDS else f"{fields} fields"
    except CronSimError as error:
        fault = f"{str(error)[:1].lower()}{str(error)[1:]}"
    if fault:
        raise UsageError(
            f'--cron {text!r}: {fault}; write minute, hour, day, month and weekday, such as "30 18 * * 1-5"'
        )
