"""`breadthwise run`: the daily flow, once, through Prefect."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from flows.console.context import Context
from warehouse.errors import UsageError
from warehouse.instants import parse_day

HELP = "Run the daily flow once: fetch, validate, build and publish the last completed session."
EXAMPLES = """  breadthwise run
  breadthwise run --session 2026-01-23
  breadthwise run --with-history 260"""

_MOST = 10_000  # forty years


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--session", type=parse_day, help="the session (default: the last completed one)")
    parser.add_argument(
        "--with-history",
        type=int,
        default=0,
        metavar="N",
        help="fill the last N sessions of bars too, where the lake misses them (260: all that breadth needs)",
    )


def run(arguments: argparse.Namespace, context: Context) -> int:
    from flows.alerts.notifying import record_failure_to_begin
    from flows.orchestration.local_runs import run_daily

    if not 0 <= arguments.with_history <= _MOST:
        raise UsageError(f"--with-history should be 0 to {_MOST:,} sessions, and is {arguments.with_history}")
    asked = {"session": arguments.session}
    with record_failure_to_begin(context.home, "daily", asked, datetime.now(UTC), context.reporter):
        return run_daily(context.home, context.settings, context.reporter, arguments.session, arguments.with_history)
