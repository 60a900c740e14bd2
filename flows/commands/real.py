"""`breadthwise real`: what developers and CI import to measure against the real market."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from flows.console.context import Context

HELP = "Import and build the real market data that lies beside the project (for developers and CI)."
EXAMPLES = """  breadthwise --timings real ../shared"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=Path, nargs="?", default=Path("../shared"), help="folder that holds data/ (default ../shared)"
    )


def run(arguments: argparse.Namespace, context: Context) -> int:
    from flows.build.publish import build_and_publish
    from flows.ingest.files import import_plan, said
    from flows.ingest.import_plan import plan_real
    from warehouse.runs.journal import Journal

    home = context.home if os.environ.get("BREADTHWISE_HOME") or arguments.home else context.home / "real"
    now = datetime.now(UTC)
    plan = plan_real(arguments.folder, now, context.settings.close_margin_minutes)
    with Journal(home).run("real", {"folder": arguments.folder}, now) as run:
        report = import_plan(home, context.settings, run, plan, now, context.reporter)
        published = build_and_publish(home, context.settings, run, now, context.reporter, exit_code=report.exit_code)
    for line in said(report, plan):
        print(line)
    for gap in report.gaps:
        print(f"gap: {gap}")
    print(f"{home / 'warehouse.duckdb'}: build {published.result.build_id}")
    return report.exit_code
