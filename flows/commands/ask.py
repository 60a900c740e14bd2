"""`breadthwise ask`: one figure, with what it stands on and the command that proves it."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from flows.console.context import Context

if TYPE_CHECKING:
    from reports.figures.resolver import Figure

ONLY_READS = True
HELP = "Answer one question with one figure: unit, session, coverage, reason where there is none, build, and its proof."
EXAMPLES = """  breadthwise ask "RUT ytd 2026-01-23"
  breadthwise ask "罗素2000年初至今"
  breadthwise ask "Russell 2000 minus S&P 500 ytd" --format json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "question", nargs="+", help="an entity, a measure and a day (default: the newest session), in words"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print (default text)")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from reports.figures.question import parse_question
    from reports.figures.resolver import Warehouse, resolve_figure

    question = parse_question(" ".join(arguments.question))
    with Warehouse(context.home) as warehouse:
        found = resolve_figure(warehouse, question.entity, question.measure, question.session or warehouse.last_session)
    if arguments.format == "json":
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_figure_lines(found)))
    return 0


def _figure_lines(found: Figure) -> list[str]:
    facts: dict[str, Any] = found.as_dict()
    lines = [f"{facts['entity']} {facts['measure']}: {found.value_text}"]
    for name in ("session", "coverage", "reason", "source", "build", "as_of", "proof"):
        if facts[name]:
            lines.append(f"  {name.replace('_', ' ') + ':':<10} {facts[name]}")
    return lines
