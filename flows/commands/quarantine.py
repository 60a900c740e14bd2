"""`breadthwise quarantine list | show | release`: the rows that were refused, and why."""

from __future__ import annotations

import argparse
import json
from typing import Any

from flows.console.context import Context
from warehouse.controls import printable_text
from warehouse.errors import UsageError

HELP = "List the rows that were refused, show one, or release it as a fact."
EXAMPLES = """  breadthwise quarantine list
  breadthwise quarantine list --rows --dataset equity_bars --rule duplicate_key
  breadthwise quarantine show 3f9a1c
  breadthwise quarantine release 3f9a1c"""

_ROWS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="counts by dataset and rule, or the rows themselves")
    listing.add_argument("--rows", action="store_true", help="the newest rows with their ids, not counts")
    listing.add_argument("--dataset", help="only rows of this dataset (implies --rows)")
    listing.add_argument("--rule", help="only rows refused by this rule (implies --rows)")
    listing.add_argument("--limit", type=int, metavar="N", help="with rows: how many (default 20)")
    for name, help_text in (("show", "one row with all its values and reasons"), ("release", "make one row a fact")):
        action = actions.add_parser(name, help=help_text)
        action.add_argument("row_id", metavar="ID", help="the row's id, or its first characters")


def run(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.action == "list":
        return _list_rows(arguments, context)
    if arguments.action == "show":
        return _show_row(arguments.row_id, context)
    return _release_row(arguments.row_id, context)


def _list_rows(arguments: argparse.Namespace, context: Context) -> int:
    from flows.inspect import quarantine

    is_of_rows = arguments.rows or arguments.dataset or arguments.rule
    limit = _ROWS if arguments.limit is None else arguments.limit
    if limit < 1 or not (is_of_rows or arguments.limit is None):
        raise UsageError("--limit N wants N of at least 1, and --rows, --dataset or --rule: counts are all shown")
    if not is_of_rows:
        counts = quarantine.count_refused_rows(context.home)
        for row in counts:
            released = f", {row['released']} released" if row["released"] else ""
            print(f"{row['dataset']:<20} {row['rule']:<32} {row['rows']:>8}{released}")
        if not counts:
            print("nothing is in quarantine")
        return 0
    found = quarantine.list_refused_rows(context.home, arguments.dataset, arguments.rule, limit)
    for row in found:
        print(printable_text(f"{row['row_id']}  {row['dataset']}  {row['rule']}  {_key_text(row)}  {row['value']}"))
    if not found:
        narrowed = " of this dataset and rule" if arguments.dataset or arguments.rule else ""
        print(f"nothing{narrowed} is in quarantine")
    return 0


def _key_text(row: dict[str, Any]) -> str:
    return " ".join(str(value) for value in json.loads(row["key"]).values()) or row["source"]


def _show_row(row_id: str, context: Context) -> int:
    from flows.inspect import quarantine

    for row in quarantine.show_refused_row(context.home, row_id):
        state = "released" if row["is_released"] else "refused"
        print(f"{row['row_id']}  {row['dataset']}  {state}  {row['quarantined_at'].isoformat()}  run {row['run_id']}")
        print(f"source   {printable_text(row['source'])}, payload {row['payload_sha256']}")
        for reason in row["reason"].split("; "):
            print(f"reason   {printable_text(reason)}")
        for name, value in json.loads(row["row"]).items():
            print(printable_text(f"  {name:<20} {'' if value is None else value}"))
    return 0


def _release_row(row_id: str, context: Context) -> int:
    from datetime import UTC, datetime

    from flows.inspect import quarantine
    from warehouse.runs.journal import Journal

    quarantine.show_refused_row(context.home, row_id)  # a wrong id is no run
    now = datetime.now(UTC)
    with Journal(context.home).record_run("release", {"row_id": row_id}, now) as journaled:
        row = quarantine.release_row(context.home, journaled, row_id, now)
    print(f"{row['row_id']} is a fact of {row['dataset']} now ({row['rule']} waived); `breadthwise build` shows it")
    return 0
