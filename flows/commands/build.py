"""`breadthwise build`: the warehouse from the lake, alone."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from flows.console.context import Context
from warehouse.errors import UsageError
from warehouse.instants import parse_instant

HELP = "Build the warehouse from what the lake holds, and publish it."
EXAMPLES = """  breadthwise build
  breadthwise build --as-of 2026-01-23T23:00:00Z --out january.duckdb"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--as-of", type=parse_instant, help="only what was known at this instant (needs --out)")
    parser.add_argument("--out", type=Path, help="write this file and publish nothing")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from flows.build.publish import build_and_publish, build_as_of
    from flows.report.folder import show_failure
    from warehouse.runs.journal import Journal

    now = datetime.now(UTC)
    if arguments.as_of is not None and arguments.as_of > now:
        raise UsageError(f"--as-of {arguments.as_of.isoformat()} lies in the future; now it is {now.isoformat()}")
    if arguments.out is not None:
        result = build_as_of(context.home, context.settings, arguments.out, now, context.reporter, arguments.as_of)
        print(f"{arguments.out}: {len(result.hashes)} tables, build {result.build_id}")
        return 0
    if arguments.as_of is not None:
        raise UsageError("--as-of needs --out FILE: the published warehouse always holds all that is known")
    with Journal(context.home).record_run("build", {}, now) as run, show_failure(context.home, now):
        published = build_and_publish(context.home, context.settings, run, now, context.reporter)
        if not published.is_current:
            run.message = published.result_line
    print(f"{context.home / 'warehouse.duckdb'}: {published.result_line}")
    return 0
