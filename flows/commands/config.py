"""`breadthwise config`: every setting with its value, where that comes from, what it may be and what it means."""

from __future__ import annotations

import argparse
import json

from flows.console.context import Context

ONLY_READS = True
HELP = "Show every setting: value, where it comes from, what it may be, what it means."
EXAMPLES = """  breadthwise config
  breadthwise config reread_sessions
  breadthwise --home data/demo config --changed
  breadthwise config --format json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="*", help="only these settings")
    parser.add_argument("--changed", action="store_true", help="only what the file of the home sets")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print (default text)")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from flows.inspect.config import setting_entries, settings_lines

    found = setting_entries(context.home, context.settings, arguments.name, arguments.changed)
    if arguments.format == "json":
        print(json.dumps(found, indent=1, ensure_ascii=False))
        return 0
    for line in settings_lines(context.home, found, with_keys=not arguments.name and not arguments.changed):
        print(line)
    return 0
