"""`breadthwise import`: a user's bulk files into the lake."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from flows.console.context import Context
from warehouse.errors import UsageError
from warehouse.instants import day, instant

HELP = "Import bulk files (CSV or Parquet; a file, a folder, a glob or a zip) into the lake."
EXAMPLES = """  breadthwise import ~/prices --dataset equity_bars --format bars --basis raw
  breadthwise import screener_2026.parquet --dataset equity_bars --format screener
  breadthwise import SPY.csv --dataset sector_bars --format bars --basis total_return --known-at 2026-06-10
  breadthwise import closes.csv --dataset equity_bars --format bars --column close="Adj Close\""""
_OPTIONS = ("basis", "universe", "date_format", "taxonomy", "vintage", "period", "currency")
_READING_OPTIONS = ("encoding", "delimiter", "decimal", "sheet")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", help="file, folder, glob (in quotes) or zip")
    parser.add_argument(
        "--dataset", default="", help="dataset of the lake; may be left out where the format has only one"
    )
    parser.add_argument(
        "--format", required=True, help="what the files are: bars, screener, holdings ... (a wrong one lists all)"
    )
    parser.add_argument("--source", default="", help="name of the source (default: the file's folder and stem)")
    parser.add_argument("--known-at", type=instant, help="when the file was known, if its age is known (default: now)")
    parser.add_argument(
        "--symbol", default="", help="the instrument, where the file does not tell (default: the file's stem)"
    )
    parser.add_argument("--session", type=day, help="the session, where the file does not tell")
    parser.add_argument(
        "--column", action="append", default=[], metavar="NAME=HEADER", help="which column of the file is NAME"
    )
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
    from flows.ingest.files import import_plan, said
    from flows.ingest.import_plan import Import, plan_imports
    from warehouse.runs.journal import Journal

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
        columns=dict(_column(text) for text in arguments.column),
    )
    plan = plan_imports(wanted, now, settings.close_margin_minutes)
    with Journal(context.home).run("import", _journaled(arguments), now) as run:
        report = import_plan(context.home, settings, run, plan, now, context.reporter)
    for line in said(report, plan):
        print(line)
    if report.exit_code == 0:
        context.reporter.line("next: `breadthwise build` makes the warehouse from the lake")
    return report.exit_code


def _column(text: str) -> tuple[str, str]:
    name, equals, header = text.partition("=")
    if not (name and equals and header):
        raise UsageError(f'--column {text!r} should be NAME=HEADER, such as --column close="Adj Close"')
    return name, header


def _journaled(arguments: argparse.Namespace) -> dict[str, Any]:
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
