"""`breadthwise replay`: stored payloads parsed again, after the fix of a parser."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from flows.console.context import Context
from warehouse.errors import UsageError
from warehouse.instants import parse_instant

HELP = "Parse stored payloads again, without the network; what they say otherwise is known since the replay."
EXAMPLES = """  breadthwise replay --source yahoo_bars --since 2026-01-01 --dry-run
  breadthwise replay --source nasdaq_screener --dataset equity_bars"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", default="", help="payloads of this source (default: all)")
    parser.add_argument("--dataset", default="", help="rows of this dataset (default: all)")
    parser.add_argument("--since", type=parse_instant, help="payloads fetched at or after this instant (default: all)")
    parser.add_argument("--dry-run", action="store_true", help="count what would change; write nothing to the lake")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from flows.replay.replay import Replay, Wanted
    from warehouse.contracts.datasets import CONTRACTS
    from warehouse.runs.journal import Journal

    if arguments.dataset and arguments.dataset not in CONTRACTS:
        raise UsageError(f"no dataset is called {arguments.dataset!r}; known are {', '.join(sorted(CONTRACTS))}")
    if not (context.home / "raw").is_dir():
        raise UsageError(f"no payload is stored under {context.home / 'raw'}; a run or an import stores them")
    now = datetime.now(UTC)
    wanted = Wanted(arguments.source, arguments.dataset, arguments.since)
    replay = Replay(context.home, context.settings, wanted, now, context.reporter)
    if arguments.dry_run:
        found = replay.replay_payloads(None)
    else:
        wanted_payloads = {"source": wanted.source, "dataset": wanted.dataset, "since": wanted.since}
        with Journal(context.home).record_run("replay", wanted_payloads, now) as run:
            with run.record_step("replay"), context.reporter.time_step("replay"):
                found = replay.replay_payloads(run)
            run.exit_code, run.message = found.exit_code, "; ".join(found.gaps[:3])
    damaged = f", {found.damaged:,} are damaged" if found.damaged else ""
    print(f"{found.payloads:,} payloads, {found.rows:,} rows; {found.silent:,} payloads say nothing{damaged}")
    for dataset in sorted(found.changed.keys() | found.new.keys()):
        print(
            f"  {dataset}: {found.changed[dataset]:,} rows differ from the lake, {found.new[dataset]:,} are not in it"
        )
    for line in found.report.summary_lines():
        print(f"  {line}")
    for gap in found.gaps:
        print(f"gap: {gap}")
    if found.report.total_rows("accepted"):
        print("`breadthwise build` takes them into the warehouse")
    return found.exit_code
