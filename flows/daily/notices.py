"""What a daily run says of its build besides gaps: bars of the session that are set aside, and published figures that changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb

from flows.alerts.messages import RESTATED, SUSPECT
from flows.daily.steps import Work
from warehouse.duck import connect, error_line
from warehouse.errors import LakeError

_NAMED = 5


def note_of_session(work: Work, build: Path, shrunk: str) -> None:
    """Add to the run what somebody should look at. It changes no run: where the build cannot be asked, that is said instead."""
    try:
        work.run.notices += session_notices(build, work.session, shrunk)
    except (duckdb.Error, LakeError) as error:
        reason = error_line(error) if isinstance(error, duckdb.Error) else str(error)
        work.reporter.print_problem(f"alerts: {build.name} cannot be asked what is suspect or restated: {reason}")


def session_notices(build: Path, session: date, shrunk: str) -> Iterator[tuple[str, str]]:
    """(event, line) of what somebody should look at. `shrunk`: the tables that lost more rows than a correction takes, in words.

    A bar of an index or ETF that is set aside is always told of; of stocks, some of which are each evening, where the data
    of the session are not graded good. Closes of the headline indices are told of where one that was published changed.
    """
    with connect(build, read_only=True) as con:
        grade = con.execute(
            "select status, note_en from reports.data_quality where session_date = ? and item = 'summary'", [session]
        ).fetchall()
        is_good = bool(grade) and grade[0][0] == "good"
        rows = con.execute(
            """select dataset, rule, count(distinct instrument_id) as bars,
                string_agg(distinct symbol, ' ' order by symbol) as symbols
            from marts.suspect_rows where session_date = ? and row_date = session_date and is_set_aside
            group by dataset, rule order by dataset, rule""",
            [session],
        ).fetchall()
        shown = [row for row in rows if row[0] != "equity_bars" or not is_good]
        for dataset, rule, bars, symbols in shown:
            yield SUSPECT, f"set aside: {dataset} {session}: {bars:,} by {rule}: {_first_of(symbols.split(' '))}"
        if shown and grade:
            yield SUSPECT, f"data of {session}: {grade[0][1]}"
        changed = con.execute(
            """select key, column_name, old_value, new_value, cause from ops.restatements
            where table_name = 'reports.headline_indices' and column_name = 'close' and old_value is not null
            order by key desc"""
        ).fetchall()
    for key, column, old, new, cause in changed[:_NAMED]:
        yield RESTATED, f"restated: {key} {column} {old} -> {new}: {cause}"
    if len(changed) > _NAMED:
        yield RESTATED, f"restated: and {len(changed) - _NAMED:,} more closes of the headline indices"
    if shrunk:
        yield RESTATED, shrunk


def _first_of(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
