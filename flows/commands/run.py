"""`breadthwise run`: the daily flow, once, through Prefect."""

from __future__ import annotations

import argparse

from flows.console.context import Context
from warehouse.instants import day

HELP = "Run the daily flow once: fetch, validate, build and publish the last completed session."
EXAMPLES = """  breadthwise run
  breadthwise run --session 2026-01-23"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--session", type=day, help="the session (default: the last completed one)")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from flows.orchestration.local_runs import run_daily

    return run_daily(context.home, context.settings, context.reporter, arguments.session)
