"""`breadthwise deploy`: the deployments onto a Prefect server of one's own."""

from __future__ import annotations

import argparse

from flows.console.context import Context

HELP = "Register the deployments (daily, backfill, import_files, build, maintenance) with the Prefect server at PREFECT_API_URL."
EXAMPLES = """  PREFECT_API_URL=http://127.0.0.1:4200/api breadthwise deploy
  PREFECT_API_URL=http://127.0.0.1:4200/api breadthwise deploy --work-pool evenings"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--work-pool", default="breadthwise", help="work pool of type process; made if it is not there")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from flows.orchestration.deploy import register_deployments

    for name in register_deployments(context.home, arguments.work_pool):
        print(f"deployed {name}")
    context.reporter.print_line(f"next: `prefect worker start --pool {arguments.work_pool}` runs them")
    return 0
