"""`breadthwise status`: what there is and how it goes."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from flows.console.context import Context

ONLY_READS = True
HELP = "Show the lake, the warehouse, the ledger of sessions and the newest runs."
EXAMPLES = """  breadthwise status
  breadthwise --home data/demo status --sessions 60"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sessions", type=int, default=15, help="how many of the newest sessions to show (default 15)")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from flows.inspect.status import status_lines

    for line in status_lines(context.home, context.settings_by_form, datetime.now(UTC), max(1, arguments.sessions)):
        print(line)
    return 0
