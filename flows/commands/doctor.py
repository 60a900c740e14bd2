"""`breadthwise doctor`: is every configured source reachable, and if not, what is to be done."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime

from flows.console.context import Context
from warehouse.instants import parse_day

ONLY_READS = True
HELP = "Try each configured source with one small request; say what is wrong and what to do."
EXAMPLES = """  breadthwise doctor
  breadthwise doctor --as json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--session", type=parse_day, help="the session to ask about (default: the last completed one)")
    parser.add_argument("--as", dest="form", choices=("table", "json"), default="table", help="how to print")


def run(arguments: argparse.Namespace, context: Context) -> int:
    """0 where all that can be asked answer, 3 where some do, 1 where none does. A missing key is no failure."""
    from flows.alerts.listing import waiting_lines
    from flows.inspect.doctor import examine_sources
    from warehouse.calendar import last_completed_session

    settings = context.settings
    session = arguments.session or last_completed_session(datetime.now(UTC), settings.close_margin_minutes)
    with context.reporter.time_step("ask the sources"):
        examination = examine_sources(context.home, settings, session, lambda: datetime.now(UTC))
    found = examination.lines
    if arguments.form == "json":
        print(json.dumps([asdict(one) for one in found], indent=1))
    else:
        head = ("source", "dataset", "state", "rows", "seconds", "last good (UTC)", "what to do")
        lines = [head] + [
            (
                one.source,
                one.dataset,
                one.state,
                str(one.rows),
                "-" if one.latency_seconds is None else f"{one.latency_seconds:.2f}",
                one.last_good or "never",
                one.message,
            )
            for one in found
        ]
        widths = [max(len(line[column]) for line in lines) for column in range(len(head) - 1)] + [0]
        for line in lines:
            print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
    for waiting in waiting_lines(context.home):
        context.reporter.print_problem(f"alerts: {waiting}")
    if examination.offline:
        context.reporter.print_problem(examination.offline)
    states = {one.state for one in found}
    if "ok" not in states:
        return 1
    return 3 if "failed" in states else 0
