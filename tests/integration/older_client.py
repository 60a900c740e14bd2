"""Run by a Python that has an older DuckDB: reads every table of a published file and prints what it read, as JSON."""

from __future__ import annotations

import json
import sys

import duckdb

_COMMENTS = """select schema_name || '.' || table_name, count(*) from duckdb_columns()
    where comment is not null group by 1"""


def main(path: str) -> None:
    """{table: [rows, digest of all rows as text, columns with a comment]}, and DuckDB's version under ''."""
    con = duckdb.connect(path, read_only=True)
    con.execute("set TimeZone = 'UTC'")
    found: dict[str, object] = {"": duckdb.__version__}
    comments = dict(con.execute(_COMMENTS).fetchall())
    for schema, table in con.execute("select schema_name, table_name from duckdb_tables() order by all").fetchall():
        columns = [row[0] for row in con.execute(f"describe {schema}.{table}").fetchall()]
        row = " || '|' || ".join(f"coalesce(\"{column}\"::varchar, '~')" for column in columns)
        # the sum is the same in whatever order the rows are read
        query = f"select count(*), sum(md5_number_lower({row})::hugeint) from {schema}.{table}"
        rows, digest = con.execute(query).fetchall()[0]
        found[f"{schema}.{table}"] = [rows, str(digest), comments.get(f"{schema}.{table}", 0)]
    print(json.dumps(found), file=sys.stdout)  # noqa: T201 - its answer


main(sys.argv[1])
