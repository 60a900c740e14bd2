"""`breadthwise demo`: a simulated market end to end, with no network."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime

from flows.console.context import Context
from flows.console.hints import program_name
from warehouse.instants import parse_day

HELP = "Make a simulated market under data/demo, end to end, with no network, in under a minute."
EXAMPLES = """  breadthwise demo
  breadthwise --home data/demo sql "select * from reports.headline_indices order by session_date desc limit 4\""""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--session", type=parse_day, help="last session of the market (default: the last completed one)"
    )


def run(arguments: argparse.Namespace, context: Context) -> int:
    from flows.build.demo import load_history, prepare_demo_home
    from flows.daily.steps import session_to_run
    from flows.report.write import write_report
    from warehouse.calendar import last_completed_session
    from warehouse.runs.journal import Journal
    from warehouse.settings import Settings, load_home_settings

    now = datetime.now(UTC)
    is_named = bool(arguments.home or os.environ.get("BREADTHWISE_HOME"))
    home = context.home if is_named else context.home / "demo"
    settings = Settings()
    asked, _ = session_to_run(arguments.session, now, settings, only_on_sessions=False)
    end = asked or last_completed_session(now, settings.close_margin_minutes)
    prepare_demo_home(home)
    with Journal(home).record_run("demo", {"session": end}, now) as run:
        load_history(home, run, end, now, context.reporter)
        with run.record_step("report"), context.reporter.time_step("report"):
            folder = write_report(home, load_home_settings(home), None, reporter=context.reporter)
    shown, program = os.path.relpath(home), program_name()
    print(f"""
The market is simulated: no figure of it is real.
warehouse      {shown}/warehouse.duckdb
report tables  schema reports of it, one row set per session up to {end}
report         {os.path.relpath(folder)}/en.html and zh.html, all of them in {shown}/reports/index.html

Try next:
  {program} --home {shown} status
  {program} --home {shown} sql "select * from reports.headline_indices where session_date = '{end}'"
  {program} --home {shown} sql "from reports.breadth where session_date = '{end}' limit 5\"""")
    return 0
