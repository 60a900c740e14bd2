"""`breadthwise withdraw`: end a wrong fact."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from flows.console.context import Context
from warehouse.errors import UsageError

HELP = "End a wrong fact of the lake, with the reason; builds as of earlier instants stay what they were."
EXAMPLES = """  breadthwise withdraw equity_bars "symbol=AAPL session_date=2025-09-16" --reason "a hundred times too high"
  breadthwise restore equity_bars "symbol=AAPL session_date=2025-09-16" --reason "it was a real price\""""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", help="a dataset of the lake, such as equity_bars")
    parser.add_argument("key", help='the fact: "column=value column=value", as much of the key as names one fact')
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; kept with who and when in ops.runs")


def parse_key(text: str) -> dict[str, str]:
    """The columns that 'name=value name=value' names. Raises UsageError for anything else."""
    key: dict[str, str] = {}
    for part in text.replace(",", " ").split():
        name, equals, value = part.partition("=")
        if equals and name and value:
            key[name] = value
        elif key and not equals:
            key[list(key)[-1]] += f" {part}"
        else:
            raise UsageError(f'{text!r} is no key; write "column=value column=value"')
    return key


def run(arguments: argparse.Namespace, context: Context) -> int:
    from flows.ingest.withdraw import withdraw_fact

    key = parse_key(arguments.key)
    for line in withdraw_fact(context.home, arguments.dataset, key, arguments.reason, datetime.now(UTC)):
        print(line)
    context.reporter.print_line("next: `breadthwise build` makes the warehouse from the lake")
    return 0
