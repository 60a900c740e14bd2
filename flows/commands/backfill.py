"""`breadthwise backfill`: the past, as far as the lake misses it."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flows.console.context import Context
from warehouse.errors import UsageError
from warehouse.instants import parse_day

if TYPE_CHECKING:
    from flows.backfill.plan import Scope

HELP = "Fetch the sessions from START to END that the lake misses, then build; goes on where it was stopped."
EXAMPLES = """  breadthwise backfill 2016-01-01 2025-12-31 --dry-run
  breadthwise backfill 2016-01-01 2025-12-31 --universe sp500 --newest-first
  breadthwise backfill 2024-01-01 2024-12-31 --datasets index_bars,sector_bars"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("start", type=parse_day, metavar="START", help="first day")
    parser.add_argument(
        "end", type=parse_day, metavar="END", help="last day; nothing is asked beyond the last ended session"
    )
    parser.add_argument("--datasets", type=_split_list, default=[], help="comma-separated (default: the three of bars)")
    parser.add_argument(
        "--universe",
        type=_split_list,
        default=[],
        help="stocks: a universe that the lake knows, or symbols in capitals",
    )
    parser.add_argument("--newest-first", action="store_true", help="the newest sessions first")
    parser.add_argument("--max-requests", type=int, metavar="N", help="stop after so many requests; run again for more")
    parser.add_argument("--again", action="store_true", help="ask again what a source had nothing of in the last month")
    parser.add_argument("--no-build", action="store_true", help="leave the warehouse as it is")
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be asked and how long it takes; ask nothing"
    )


def run(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.max_requests is not None and arguments.max_requests < 1:
        raise UsageError("--max-requests should be 1 or more")
    if arguments.dry_run:
        _print_budget(arguments, context)
        return 0
    from flows.alerts.notifying import record_failure_to_begin

    asked = {"start": arguments.start, "end": arguments.end}
    with record_failure_to_begin(context.home, "backfill", asked, datetime.now(UTC), context.reporter):
        return _run_backfill(arguments, context, _print_budget(arguments, context))


def _run_backfill(arguments: argparse.Namespace, context: Context, scope: Scope) -> int:
    from flows.orchestration.local_runs import run_backfill

    return run_backfill(
        context.home,
        context.settings,
        context.reporter,
        scope.datasets,
        start=arguments.start,
        end=arguments.end,
        datasets=arguments.datasets,
        universe=arguments.universe,
        newest_first=arguments.newest_first,
        max_requests=arguments.max_requests,
        again=arguments.again,
        build=not arguments.no_build,
        quiet=context.reporter.quiet,
    )


def _print_budget(arguments: argparse.Namespace, context: Context) -> Scope:
    """Print the budget of what is asked for. Raises UsageError before anything is started."""
    from flows.backfill import plan, runner
    from flows.backfill.delivered import reopen_lost_attempts
    from sources import catalog
    from warehouse.runs.attempts import open_attempts

    now = datetime.now(UTC)
    settings = context.settings
    scope = runner.scope_of(
        context.home,
        settings,
        arguments.start,
        arguments.end,
        now,
        arguments.datasets,
        arguments.universe,
        arguments.newest_first,
    )
    with open_attempts(context.home, runner.attempts_since(now, arguments.again), to_write=False) as attempts:
        lost = reopen_lost_attempts(context.home, scope, attempts)
        planned = plan.make_plan(
            context.home, settings, scope, attempts, catalog.adapters_by_name(), most=arguments.max_requests
        )
    print(f"{len(scope.sessions):,} sessions from {scope.sessions[0]} to {scope.sessions[-1]}")
    for line in (*lost, *planned.notes, *runner.budget_lines(planned, settings)):
        print(line, flush=True)
    return scope


def _split_list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
