"""Whether a payload's days that are no sessions cast doubt on all its dates: histories come shifted by a day as a whole."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa

from warehouse.calendar import is_session
from warehouse.contracts.contract import Contract, OnSession

_ONE_DAY = timedelta(days=1)


def has_wrong_dates(contract: Contract, rows: pa.Table) -> bool:
    """Whether `rows`, of one payload, are on two days or more that are no sessions, or on one and all of them are on sessions
    a day later or a day earlier. A single day of a holiday or a weekend among good ones is that day's fault alone."""
    columns = [rule.column for rule in contract.rules if isinstance(rule, OnSession)]
    return any(_are_misdated({day for day in rows[name].unique().to_pylist() if day is not None}) for name in columns)


def _are_misdated(days: set[date]) -> bool:
    off = [day for day in days if not is_session(day)]
    if len(off) > 1:
        return True
    return bool(off) and any(all(is_session(day + step) for day in days) for step in (_ONE_DAY, -_ONE_DAY))
