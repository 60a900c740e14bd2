"""What is asked of the tables of `reports` in a warehouse, simulated or real."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pandas as pd

# names and abbreviations that a Chinese text keeps: tickers, indices, series, sources, acronyms
_KEPT = re.compile(
    r"\b(CMF|TRIN|IWM|SPY|VIX|FOMC|GDP|GDPC1|DGS\d+|DFEDTAR[LU]|WALCL|EFFR|DFF|RS|A/D|marts\.\w+|total_return|raw|split)\b"
)
_WORDS = re.compile(r"[A-Za-z]{4,} [a-z]{3,}")


def report_tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The tables of `reports`, by name."""
    found = con.execute(
        "select table_name from information_schema.tables where table_schema = 'reports' order by table_name"
    ).fetchall()
    return [f"reports.{name}" for (name,) in found]


def negative_zeros(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Columns of figures that hold a -0.0."""
    columns = con.execute(
        """select 'reports.' || table_name, column_name from information_schema.columns
        where table_schema = 'reports' and data_type = 'DOUBLE' order by all"""
    ).fetchall()
    return [
        f"{table}.{name}"
        for table, name in columns
        if con.execute(f'select 1 from {table} where "{name}" = 0 and signbit("{name}") limit 1').fetchall()
    ]


def workbook_sheets(con: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """The last session of every table, written to sheets of one workbook; the names of the sheets."""
    names = []
    with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
        for table in report_tables(con):
            frame = con.execute(f"from {table} where session_date = (select max(session_date) from {table})").df()
            names.append(table.removeprefix("reports."))
            frame.to_excel(writer, sheet_name=names[-1], index=False)
    return names


def english_left(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Words of English in notes, texts and reasons of the Chinese columns: a text that is missing in the catalogues."""
    columns = con.execute(
        """select 'reports.' || table_name, column_name from information_schema.columns
        where table_schema = 'reports' and column_name in ('note_zh', 'text_zh', 'reason_zh', 'numbers_zh', 'events_zh',
        'definition_zh') order by all"""
    ).fetchall()
    found = []
    for table, name in columns:
        # the number of different texts is small once their figures are gone
        texts = con.execute(
            f"""select distinct regexp_replace({name}, '[0-9][0-9.,]*', '#', 'g') from {table} where {name} is not null"""
        ).fetchall()
        found += [f"{table}.{name}: {text}" for (text,) in texts if _WORDS.search(_KEPT.sub("", text))]
    return found
