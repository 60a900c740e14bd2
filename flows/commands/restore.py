"""`breadthwise restore`: take a withdrawal back."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from flows.commands.withdraw import parse_key
from flows.console.context import Context

HELP = "Take a withdrawal back: the fact before it holds again."
EXAMPLES = """  breadthwise restore equity_bars "symbol=AAPL session_date=2025-09-16" --reason "it was a real price\""""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", help="a dataset of the lake, such as equity_bars")
    parser.add_argument("key", help='the fact: "column=value column=value", as much of the key as names one')
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; kept with who and when in ops.runs")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from flows.ingest.withdraw import restore_fact

    key = parse_key(arguments.key)
    for line in restore_fact(context.home, arguments.dataset, key, arguments.reason, datetime.now(UTC)):
        print(line)
    context.reporter.print_line("next: `breadthwise build` makes the warehouse from the lake")
    return 0
