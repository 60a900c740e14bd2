"""`breadthwise compact`: fewer files with the same facts, old payloads packed, what nobody reads any more removed."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from flows.console.context import Context
from warehouse.errors import UsageError

HELP = "Merge the lake's files, pack old payloads, remove old builds and what killed runs left behind."
EXAMPLES = """  breadthwise compact --dry-run
  breadthwise compact --retention-days 90"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument(
        "--retention-days", type=float, default=30, metavar="N", help="pack payloads older than this (default 30)"
    )


def run(arguments: argparse.Namespace, context: Context) -> int:
    from flows.alerts.notifying import record_failure_to_begin, record_run
    from flows.maintenance.compact import compact_home, summary_lines
    from warehouse.lake.lake import Lake

    if not arguments.retention_days >= 0:
        raise UsageError(f"--retention-days should be 0 or more, and is {arguments.retention_days:g}")
    if not (context.home / "lake").is_dir():
        raise UsageError(f"there is no lake under {context.home}: nothing to compact; set --home or BREADTHWISE_HOME")
    now, days, asked = datetime.now(UTC), arguments.retention_days, {"retention_days": arguments.retention_days}
    if arguments.dry_run:
        found = Lake(context.home).compact(now, True, days, context.settings.keep_builds_days)
    else:
        with record_failure_to_begin(context.home, "compact", asked, now, context.reporter):
            settings = context.settings
        with record_run(context.home, "compact", asked, now, context.reporter) as run:
            found = compact_home(context.home, settings, run, now, context.reporter, days)
    for line in summary_lines(found, arguments.dry_run):
        print(line)
    return 0
