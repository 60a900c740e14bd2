"""Whether a payload's days of weekends cast doubt on all its dates (histories come shifted by a day as a whole), or are old."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from warehouse.calendar import FIRST_DAY, LAST_DAY, is_session, was_open_saturday
from warehouse.contracts.contract import Contract, OnSession

OPEN_SATURDAYS = "Saturdays before June 1952, which were sessions then and are not in the calendar"
_ONE_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6
# the day of the weekend on which bars lie that were moved, the other one, and the way back
_SHIFTS = ((_SATURDAY, _SUNDAY, -_ONE_DAY), (_SUNDAY, _SATURDAY, _ONE_DAY))


def has_wrong_dates(contract: Contract, rows: pa.Table) -> bool:
    """Whether `rows`, of one payload, are on Saturdays but no Sunday, or on Sundays but no Saturday: on two or more, or on one,
    and all of them are on sessions when moved back. Holidays, whole weekends and a single day of one are faults of their own.
    """
    columns = _session_columns(contract)
    return any(_are_misdated([day for day in rows[name].unique().to_pylist() if day is not None]) for name in columns)


def count_open_saturdays(contract: Contract, rows: pa.Table) -> int:
    """How many of `rows` are refused as of no session because they lie on a Saturday of the time when those were sessions."""
    count = 0
    for name in _session_columns(contract):
        found = pc.value_counts(rows[name].combine_chunks())
        count += sum(
            n
            for day, n in zip(*map(pa.Array.to_pylist, found.flatten()), strict=True)
            if day and was_open_saturday(day)
        )
    return count


def _session_columns(contract: Contract) -> list[str]:
    return [rule.column for rule in contract.rules if isinstance(rule, OnSession)]


def _are_misdated(days: list[date]) -> bool:
    known = [day for day in days if FIRST_DAY < day < LAST_DAY]
    weekdays = Counter(day.weekday() for day in known)
    return any(
        weekdays[moved_to] > 1 or (weekdays[moved_to] == 1 and all(is_session(day + step) for day in known))
        for moved_to, other, step in _SHIFTS
        if not weekdays[other]
    )
