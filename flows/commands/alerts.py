"""`breadthwise alerts`: who is told when a run needs attention, what was told last, and what waits; tries the addresses."""

from __future__ import annotations

import argparse

from flows.console.context import Context

ONLY_READS = True
HELP = "Show who is told when a run needs attention, what was told and what waits to be sent; --try sends a test."
EXAMPLES = """  breadthwise alerts
  breadthwise alerts --try"""

_LAST = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--try", dest="is_trial", action="store_true", help="send a test message to each address")
    parser.add_argument("--last", type=int, metavar="N", help="how many of the newest to show (default 10)")


def run(arguments: argparse.Namespace, context: Context) -> int:
    """With --try 0 where each address took the message, 3 where some did, 1 where none did."""
    from flows.alerts.listing import alert_lines
    from flows.alerts.messages import trial
    from flows.alerts.sending import Message, addresses_of_home, send_to_all
    from warehouse.errors import UsageError
    from warehouse.settings.load import FILE

    _ = context.settings  # a bad address is refused before anything is sent
    addresses = addresses_of_home(context.home)
    if arguments.is_trial and arguments.last is not None:
        raise UsageError("--try sends a test message, --last lists the newest alerts; give one of them")
    if not arguments.is_trial:
        for line in alert_lines(context.home, addresses, _LAST if arguments.last is None else max(0, arguments.last)):
            print(line)
        return 0
    if not addresses:
        raise UsageError(
            f'nobody is told: {context.home / FILE} names no address; write alerts = ["mailto://..."] (docs/operations.md)'
        )
    reasons = send_to_all([(one, Message(*trial(context.home, one.name), "info")) for one in addresses])
    for one in addresses:
        reason = reasons[one.digest]
        print(f"{one.name}: {f'not taken: {reason}' if reason else 'took the test message'}", flush=True)
    failed = sum(bool(reasons[one.digest]) for one in addresses)
    return 0 if not failed else 1 if failed == len(addresses) else 3
