"""`breadthwise sql`: one query on the warehouse, printed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flows.console.context import Context
from warehouse.errors import UsageError

ONLY_READS = True
HELP = "Run one SELECT on the warehouse, and on files of yours, and print its rows; nothing is written."
EXAMPLES = """  breadthwise sql "select * from reports.headline_indices order by session_date desc limit 4"
  breadthwise sql "from reports.headline_indices order by session_date desc limit 1" --vertical
  breadthwise sql "select * from ops.session_ledger where status <> 'present'" --format csv
  breadthwise sql --file query.sql --format json
  breadthwise sql < query.sql"""

_ROWS = 1000
_NO_QUERY = 'there is no query; give one, such as "from reports.headline_indices limit 4", or --file FILE'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", nargs="?", help="the query, in DuckDB's SQL (without it: --file, or standard input)")
    parser.add_argument("--file", type=Path, metavar="FILE", help="a file that holds the query")
    parser.add_argument(
        "--format", choices=("table", "csv", "json"), default="table", help="how to print (default table)"
    )
    parser.add_argument("--vertical", action="store_true", help="each value on a line of its own, for wide rows")
    parser.add_argument("--limit", type=_row_count, help="rows at most in a table (default 1000)")


def _row_count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rows; write 1 or more")
    return int(text)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from warehouse.builds.publish import refuse_lost_build
    from warehouse.duck import connect

    query = _query_text(arguments)
    path = context.home / "warehouse.duckdb"
    if not path.exists():
        refuse_lost_build(context.home)
        raise UsageError(
            f"there is no warehouse at {path}; make one with `breadthwise demo`, `import` and `build`, or set --home"
        )
    is_whole = arguments.format != "table"
    if arguments.vertical and is_whole:
        raise UsageError(f"--vertical is a way to print tables; leave it out, or --format {arguments.format}")
    if arguments.limit and is_whole:
        raise UsageError(
            f"--limit is of tables, and --format {arguments.format} is whole; write `limit N` into the query"
        )
    with connect(path, read_only=True) as connection, _failures_in_a_line(connection):
        if is_whole:
            _print_whole(connection, query, arguments.format)
        else:
            _print_table(connection, query, arguments, context)
    return 0


def _print_whole(connection: Any, query: str, form: str) -> None:
    """All rows, each printed before the next ones are read."""
    from flows.console import rows
    from flows.console.asking import ask_read_only

    names, found = ask_read_only(connection, query)
    if form == "csv":
        rows.write_csv(names, found)
        return
    for line in rows.json_lines(names, found):
        print(line)


def _print_table(connection: Any, query: str, arguments: argparse.Namespace, context: Context) -> None:
    from flows.console import rows
    from flows.console.asking import ask_read_only

    limit = arguments.limit or _ROWS
    names, given = ask_read_only(connection, query, limit + 1)
    found = list(given)
    shown = found[:limit]
    for line in rows.vertical_lines(names, shown) if arguments.vertical else rows.table_lines(names, shown):
        print(line)
    if not found:
        print("(no rows)")
    if len(found) > len(shown):
        context.reporter.print_problem(f"only the first {len(shown):,} rows are shown; --limit N shows more")


def _query_text(arguments: argparse.Namespace) -> str:
    """The query's text. Raises UsageError where there is none, or two."""
    if arguments.query not in (None, "-") and arguments.file is not None:
        raise UsageError("a query and --file are two queries; give one of them")
    if arguments.file is not None:
        try:
            text = arguments.file.expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
            raise UsageError(f"--file {arguments.file} cannot be read: {reason}; give a file with one query") from error
    elif arguments.query in (None, "-") and not sys.stdin.isatty():
        text = sys.stdin.read()
    else:
        text = arguments.query or ""
    if not text.strip().strip(";"):
        raise UsageError(_NO_QUERY)
    return str(text)


@contextmanager
def _failures_in_a_line(connection: Any) -> Iterator[None]:
    """Raises UsageError with what DuckDB says of the query inside, its suggestions included."""
    import duckdb

    from flows.build.version import other_code_of
    from warehouse.duck import error_line, is_damaged

    try:
        yield
    except duckdb.Error as error:
        if is_damaged(error):
            raise
        advice = "; ask the warehouse with SELECT" if "read-only mode" in str(error) else ""
        if isinstance(error, duckdb.CatalogException | duckdb.BinderException) and (
            made_by := other_code_of(connection)
        ):
            advice = f"; the warehouse was made by other code, {made_by}: `breadthwise build` makes it anew"
        raise UsageError(f"the query failed: {error_line(error)}{advice}") from error
