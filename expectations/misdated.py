"""Whether a payload's days that are no sessions cast doubt on all its dates: histories come shifted by a day as a whole."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa

from warehouse.calendar import is_session
from warehouse.contracts.contract import Contract, OnSession

_ONE_DAY = timedelta(days=1)
_WEEKEND = (5, 6)


def has_wrong_dates(contract: Contract, rows: pa.Table) -> bool:
    """Whether `rows`, of one payload, are on two days or more of weekends, or on one day that is no session and all of them on
    sessions a day later or a day earlier. A single day of a weekend, or holidays, among good days are faults of their own alone.
    """
    columns = [rule.column for rule in contract.rules if isinstance(rule, OnSession)]
    return any(_are_misdated({day for day in rows[name].unique().to_pylist() if day is not None}) for name in columns)


def _are_misdated(days: set[date]) -> bool:
    if sum(day.weekday() in _WEEKEND for day in days) > 1:
        return True
    is_off = not all(is_session(day) for day in days)
    return is_off and any(all(is_session(day + step) for day in days) for step in (_ONE_DAY, -_ONE_DAY))
