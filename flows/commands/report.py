"""`breadthwise report`: the page of a session, from the published build or one as of an instant."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from flows.console.context import Context
from warehouse.errors import UsageError
from warehouse.instants import parse_day, parse_instant

HELP = "Write the report of a session: a page in English and Chinese, with JSON, CSV, Parquet and a workbook beside it."
EXAMPLES = """  breadthwise report --open
  breadthwise report --session 2026-01-23 --lang zh
  breadthwise report --session 2026-01-23 --as-of 2026-01-24T12:00:00Z
  breadthwise report --last 250"""

_PROCESSES = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--session", type=parse_day, help="the session (default: the newest of the build)")
    parser.add_argument("--lang", choices=("en", "zh", "both"), default="both", help="language (default both)")
    parser.add_argument("--as-of", type=parse_instant, help="with only what was known at this instant; takes a build")
    parser.add_argument("--last", type=int, metavar="N", help="the reports of the last N sessions")
    parser.add_argument("--processes", type=int, help="with --last: processes (default 2)")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from flows.report.bulk import write_reports
    from flows.report.write import write_report

    languages = ("en", "zh") if arguments.lang == "both" else (arguments.lang,)
    home = context.home
    if arguments.last is None and arguments.processes is not None:
        raise UsageError("--processes N wants --last N: one report is written by one process")
    if arguments.last is not None:
        processes = _PROCESSES if arguments.processes is None else arguments.processes
        if arguments.session or arguments.as_of or arguments.open or arguments.last < 1 or processes < 1:
            raise UsageError(
                "--last N wants N and --processes of at least 1, and none of --session, --as-of and --open"
            )
        with context.reporter.time_step("reports"):
            found = write_reports(home, context.settings, arguments.last, languages, processes, context.reporter)
        there = f", {found.there:,} of them there already, of this build and this code" if found.there else ""
        print(f"{home / 'reports' / 'index.html'}: {found.written + found.there:,} reports{there}")
        return 0
    with context.reporter.time_step("report"):
        if arguments.as_of is not None:
            folder = _report_as_of(arguments, context, languages)
        else:
            folder = write_report(home, context.settings, arguments.session, languages, reporter=context.reporter)
    for language in languages:
        print(folder / f"{language}.html")
    if arguments.open:
        import webbrowser

        webbrowser.open((folder / f"{languages[0]}.html").as_uri())
    return 0


def _report_as_of(arguments: argparse.Namespace, context: Context, languages: tuple[str, ...]) -> Path:
    """From a build of what was known then, which is removed afterwards; the page stays under reports/as-of."""
    from flows.report.as_of import write_report_as_of

    now = datetime.now(UTC)
    if arguments.as_of > now:
        raise UsageError(f"--as-of {arguments.as_of.isoformat()} lies in the future; now it is {now.isoformat()}")
    return write_report_as_of(
        context.home, context.settings, arguments.as_of, arguments.session, languages, now, context.reporter
    )
