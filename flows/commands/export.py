"""`breadthwise export`: the report tables of a session as files, without a page."""

from __future__ import annotations

import argparse
from pathlib import Path

from flows.console.context import Context
from warehouse.instants import parse_day

HELP = "Write the report tables of a session as JSON, CSV, Parquet and one XLSX workbook."
EXAMPLES = """  breadthwise export
  breadthwise export --session 2026-01-23 --out tables-of-friday"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--session", type=parse_day, help="the session (default: the newest of the build)")
    parser.add_argument("--out", type=Path, help="folder, which is replaced (default: exports/SESSION in the home)")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from flows.report.folder import write_folder
    from flows.report.write import open_published, page_options, session_to_report
    from reports.page import gather_material
    from reports.session import export_files
    from warehouse.errors import UsageError

    with open_published(context.home) as reading:
        session = session_to_report(reading, arguments.session)
        files = export_files(gather_material(reading, session, page_options(context.settings)))
    folder: Path = (arguments.out or context.home / "exports" / session.isoformat()).absolute()
    if folder.exists() and not (folder / "report.json").is_file():
        raise UsageError(f"{folder} is there and holds no export; choose another --out, or remove it")
    write_folder(folder, files)
    print(f"{folder}: {len(files)} files of {session}")
    return 0
