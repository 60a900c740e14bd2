"""`breadthwise import`: a user's bulk files into the lake."""

from __future__ import annotations

import argparse
import codecs
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.console.context import Context
from warehouse.controls import printable_text
from warehouse.errors import UsageError
from warehouse.instants import parse_day, parse_instant

HELP = "Import bulk files (CSV, Excel or Parquet; a file, a folder, a glob or a zip) into the lake, or take an import back."
EXAMPLES = """  breadthwise import ~/prices --dataset equity_bars --basis raw
  breadthwise import closes.xlsx --dataset equity_bars --basis raw --dry-run
  breadthwise import screener_2026.parquet --dataset equity_bars --format screener
  breadthwise import SPY.csv --dataset sector_bars --format bars --basis total_return --known-at 2026-06-10T22:00Z
  breadthwise import prices.csv --dataset equity_bars --basis raw --date-format %d/%m/%Y
  breadthwise import undo 20260123T233000-ab12cd"""
if TYPE_CHECKING:
    from flows.ingest.import_plan import Plan

_OPTIONS = ("basis", "universe", "date_format", "taxonomy", "vintage", "period", "currency")
_READING_OPTIONS = ("encoding", "delimiter", "decimal", "sheet")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", help="file, folder, glob (in quotes) or zip; or the word undo")
    parser.add_argument("run_id", nargs="?", default="", metavar="RUN_ID", help="after undo: the import to take back")
    parser.add_argument(
        "--dataset", default="", help="dataset of the lake; may be left out where the format has only one"
    )
    parser.add_argument(
        "--format",
        default="",
        help="what the files are: bars, screener ... (default: by their columns; a wrong one lists all)",
    )
    parser.add_argument("--source", default="", help="name of the source (default: the file's folder and stem)")
    parser.add_argument(
        "--known-at",
        type=parse_instant,
        help="instant at which the file was known, if its age is known (default: now); a bare day is its midnight UTC, before "
        "its session: a bar of that day is then provisional",
    )
    parser.add_argument("--symbol", default="", help="the instrument, where neither the file nor its name tells")
    parser.add_argument("--session", type=parse_day, help="the session, where the file does not tell")
    parser.add_argument(
        "--column", action="append", default=[], metavar="NAME=HEADER", help="which column of the file is NAME"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would be taken; nothing is stored")
    for name in (*_OPTIONS, *_READING_OPTIONS):
        parser.add_argument(f"--{name.replace('_', '-')}", default="", help=_HELP[name])


_HELP = {
    "basis": "how prices are adjusted: raw, split or total_return",
    "universe": "universe of a membership file (sp500, russell2000 ...)",
    "date_format": "how dates are written, such as %%d.%%m.%%Y",
    "taxonomy": "whose sectors a securities file has: nasdaq, gics or yahoo",
    "vintage": "day (YYYY-MM-DD) whose state of knowledge a macro file is (default: latest)",
    "period": "annual or quarterly, where an income file's name does not tell",
    "currency": "currency of an income file (default: USD)",
    "encoding": "encoding of a text (default: UTF-8, UTF-16 and cp1252 are recognised)",
    "delimiter": "sign between cells: one character, or tab, comma, semicolon, pipe, space (default: recognised)",
    "decimal": "decimal sign of numbers: . or , (default: what the cells prove)",
    "sheet": "sheet of an .xlsx file that has several with rows",
}


def run(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.path == "undo" and not Path("undo").exists():
        return _undo_import(arguments.run_id, context)
    if arguments.run_id:
        raise UsageError(
            f"one path is imported at a time, and {arguments.run_id!r} is a second; give a folder or a pattern"
        )
    from flows.ingest.files import import_planned_files, summary_lines
    from flows.ingest.import_plan import Import, plan_imports
    from warehouse.runs.journal import Journal

    if arguments.encoding:
        try:
            codecs.lookup(arguments.encoding)
        except LookupError:
            raise UsageError(
                f"--encoding {arguments.encoding!r} is no encoding; write utf-8, utf-16, cp1252, gb18030 ..."
            ) from None
    now = datetime.now(UTC)
    settings = context.settings
    wanted = Import(
        path=arguments.path,
        format=arguments.format,
        dataset=arguments.dataset,
        source=arguments.source,
        known_at=arguments.known_at,
        symbol=arguments.symbol,
        session=arguments.session,
        options={name: value for name in (*_OPTIONS, *_READING_OPTIONS) if (value := getattr(arguments, name))},
        columns=dict(_parse_column_option(text) for text in arguments.column),
    )
    known_sources = Journal(context.home).list_sources() if wanted.source else ()
    plan = plan_imports(wanted, now, settings.close_margin_minutes, known_sources)
    if arguments.dry_run:
        return _print_dry_run(plan, now, context)
    with Journal(context.home).record_run("import", _journal_arguments(arguments), now) as run:
        report = import_planned_files(context.home, settings, run, plan, now, context.reporter)
    for line in summary_lines(report, plan):
        print(printable_text(line))
    if report.total_rows("accepted"):
        print(f"run {run.run_id} (breadthwise import undo {run.run_id} takes it back)")
    if report.exit_code == 0:
        context.reporter.print_line("next: `breadthwise build` makes the warehouse from the lake")
    return report.exit_code


def _print_dry_run(plan: Plan, now: datetime, context: Context) -> int:
    from flows.ingest.dry_run import dry_run

    found = dry_run(plan, now, context.settings)
    for line in found.lines:
        print(printable_text(line))
    for gap in found.gaps:
        context.reporter.print_problem(f"gap: {gap}")
    print(
        "nothing was stored; the same command without --dry-run does it" if found.accepted else "nothing would be taken"
    )
    return found.exit_code


def _undo_import(run_id: str, context: Context) -> int:
    from flows.ingest.undo import undo_run

    for line in undo_run(context.home, run_id, datetime.now(UTC)):
        print(line)
    context.reporter.print_line("next: `breadthwise build` makes the warehouse from the lake")
    return 0


def _parse_column_option(text: str) -> tuple[str, str]:
    name, equals, header = text.partition("=")
    if not (name and equals and header):
        raise UsageError(f'--column {text!r} should be NAME=HEADER, such as --column close="Adj Close"')
    return name, header


def _journal_arguments(arguments: argparse.Namespace) -> dict[str, Any]:
    names = (
        "path",
        "dataset",
        "format",
        "source",
        "known_at",
        "symbol",
        "session",
        "column",
        *_OPTIONS,
        *_READING_OPTIONS,
    )
    return {name: value for name in names if (value := getattr(arguments, name))}
