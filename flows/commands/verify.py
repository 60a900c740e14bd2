"""`breadthwise verify`: a past build made again, and compared."""

from __future__ import annotations

import argparse

from flows.console.context import Context

ONLY_READS = True
HELP = "Make the published tables of a past run or build again from the facts of then, and compare their hashes."
EXAMPLES = """  breadthwise verify 20260123T233000-ab12cd
  breadthwise verify 20260123T233000123456Z-3d632cbe78 --all"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="RUN_ID|BUILD_ID", help="a run (see `breadthwise status`) or a build (see ops.builds)"
    )
    parser.add_argument("--all", action="store_true", help="list the equal tables too")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from flows.build.verify import EQUAL, verify_build

    found = verify_build(context.home, context.settings, arguments.name, context.reporter)
    record = found.record
    as_of = f", as of {record.as_of.isoformat()}" if record.as_of else ""
    print(f"build {record.build_id} of {record.built_at.isoformat(timespec='seconds')}{as_of}")
    for note in found.notes:
        print(f"  {note}")
    equal = sum(line.verdict == EQUAL for line in found.lines)
    shown = [line for line in found.lines if arguments.all or line.verdict != EQUAL]
    if shown:
        print(f"  {'table':<32} {'verdict':<10} {'rows then':>10} {'rows now':>10}  {'hash then':<16}  hash now")
    for line in shown:
        rows_then, rows_now = ("-" if rows is None else rows for rows in (line.rows_then, line.rows_now))
        print(
            f"  {line.table:<32} {line.verdict:<10} {rows_then:>10} {rows_now:>10}  {line.then or '-':<16}  {line.now or '-'}"
        )
    print(f"{equal} of {len(found.lines)} tables are equal" + ("" if found.is_equal else ": NOT verified"))
    return 0 if found.is_equal else 1
