"""Bars that no figure uses, because they were known before their session had closed."""

from __future__ import annotations

from datetime import date

import duckdb


def provisional_reason(con: duckdb.DuckDBPyConnection, day: date | None = None) -> str:
    """Of which datasets a build has provisional bars of the session `day` (default: the newest with any), in words; '' where
    it has none."""
    query = """select dataset, session_date from ops.session_ledger where status = 'provisional' and session_date <= $day
        qualify session_date = max(session_date) over () order by 1"""
    found = con.execute(query, {"day": day or date.max}).fetchall()
    datasets = [name for name, of in found if day in (None, of)]
    if not datasets:
        return ""
    day = found[0][1]
    return (
        f"{', '.join(datasets)} of {day} {'is' if len(datasets) == 1 else 'are'} provisional: "
        "known before the session had closed, so no figure uses the bars"
    )
