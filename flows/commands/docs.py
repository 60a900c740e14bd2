"""`breadthwise docs`: the generated pages of the documentation."""

from __future__ import annotations

import argparse
from pathlib import Path

from flows.console.context import Context

HELP = "Write the data dictionary and the register of methods from contracts and SQL headers."
EXAMPLES = """  breadthwise docs
  breadthwise docs --check"""
_FOLDER = Path(__file__).resolve().parents[2] / "docs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", type=Path, default=_FOLDER, help="where the pages go (default: docs)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 where a page is stale")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from transforms.docs import stale_documents, write_documents

    if arguments.check:
        stale = stale_documents(arguments.folder)
        for path in stale:
            context.reporter.line(f"{path} is stale; run `breadthwise docs`")
        return 1 if stale else 0
    for path in write_documents(arguments.folder):
        print(path)
    return 0
