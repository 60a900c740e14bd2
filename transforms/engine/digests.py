"""What rows add up to: by session, by block, or all of a table, whatever their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

MODULUS = 2**64


def session_digest_sql(columns: Mapping[str, str], table: str, by: str) -> str:
    """A SELECT of (seq, digest of the rows of that session) of a table with these columns and types; `by` is the column with the
    session, as a number or date; a day without a session counts to the next one."""
    if columns[by] != "DATE":
        return f"""select cast("{by}" as integer), {digest_sql(columns)} from {table}
            where "{by}" is not null group by "{by}" """
    return f"""select s.seq, cast(sum(cast(t.digest as hugeint)) % {MODULUS} as ubigint) from (
        select "{by}" as day, {digest_sql(columns)} as digest from {table} group by "{by}"
    ) as t asof inner join lake.sessions as s on t.day <= s.session_date group by s.seq"""


def block_digest_sql(con: duckdb.DuckDBPyConnection, table: str, by: str, where: str, length: int) -> str:
    """A SELECT of (block, how many rows it has, digest of them), of a table without rows outside the calendar."""
    columns = columns_of(con, table)
    counted = f"count(*) as rows, {digest_sql(columns)} as digest from {table}"
    if columns[by] != "DATE":
        return f"select cast({by} // {length} as integer) as block, {counted} where {where} group by block"
    return f"""select cast(s.seq // {length} as integer) as block, cast(sum(t.rows) as bigint),
            cast(sum(cast(t.digest as hugeint)) % {MODULUS} as ubigint)
        from (select "{by}" as day, {counted} where {where} group by day) as t
        asof inner join lake.sessions as s on t.day <= s.session_date group by block"""


def digest_sql(columns: Iterable[str]) -> str:
    """What rows add up to, in whatever order: the sum of their hashes."""
    names = ", ".join(f'"{name}"' for name in columns)
    return f"cast(coalesce(sum(cast(hash({names}) as hugeint)), 0) % {MODULUS} as ubigint)"


def columns_of(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """The columns of a table with their types."""
    return {row[0]: row[1] for row in con.execute(f"describe {table}").fetchall()}
