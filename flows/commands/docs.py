"""`breadthwise docs`: the generated pages of the documentation."""

from __future__ import annotations

import argparse
from pathlib import Path

from flows.console.context import Context

HELP = "Write the generated pages: data dictionary, register of methods, settings."
EXAMPLES = """  breadthwise docs
  breadthwise docs --check"""
_FOLDER = Path(__file__).resolve().parents[2] / "docs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", type=Path, default=_FOLDER, help="where the pages go (default: docs)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 where a page is stale")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from flows.inspect.pages import stale_pages, write_pages

    if arguments.check:
        stale = stale_pages(arguments.folder)
        for path in stale:
            context.reporter.print_line(f"{path} is stale; run `breadthwise docs`")
        return 1 if stale else 0
    for path in write_pages(arguments.folder):
        print(path)
    return 0
