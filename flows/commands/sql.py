"""`breadthwise sql`: one query on the warehouse, printed."""

from __future__ import annotations

import argparse
import sys

from flows.console.context import Context
from warehouse.errors import UsageError

HELP = "Run one SELECT on the warehouse and print its rows."
EXAMPLES = """  breadthwise sql "select * from reports.headline_indices order by session_date desc limit 4"
  breadthwise sql "select * from ops.session_ledger where status <> 'present'" --format csv"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", help="the query, in DuckDB's SQL")
    parser.add_argument(
        "--format", choices=("table", "csv", "json"), default="table", help="how to print (default table)"
    )
    parser.add_argument("--limit", type=int, default=1000, help="rows at most in a table (default 1000)")


def run(arguments: argparse.Namespace, context: Context) -> int:
    import duckdb

    from warehouse.duck import connect

    path = context.home / "warehouse.duckdb"
    if not path.exists():
        raise UsageError(
            f"there is no warehouse at {path}; make one with `breadthwise demo`, `import` and `build`, or set --home"
        )
    with connect(path, read_only=True) as connection:
        try:
            relation = connection.sql(arguments.query)
            if relation is None:
                raise UsageError("the statement returns no rows; the warehouse is read-only, ask it with SELECT")
            frame = relation.limit(arguments.limit).df() if arguments.format == "table" else relation.df()
        except duckdb.Error as error:
            raise UsageError(f"the query failed: {str(error).splitlines()[0]}") from error
    if arguments.format == "csv":
        frame.to_csv(sys.stdout, index=False)
    elif arguments.format == "json":
        frame.to_json(sys.stdout, orient="records", date_format="iso", lines=True)
    else:
        print(frame.to_string(index=False) if len(frame) else "(no rows)")
    return 0
