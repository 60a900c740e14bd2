"""The sessions of the exchange as an Arrow table; apart from calendar.py, so that what only reads need not import Arrow."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from threading import Lock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.calendar import USUAL_CLOSE, calendar_exceptions, session_ordinals

_ONE_AT_A_TIME = Lock()
SCHEMA = pa.schema(
    [
        pa.field("session_date", pa.date32()),
        pa.field("seq", pa.int32()),
        pa.field("close_at", pa.timestamp("us", tz="UTC")),
        pa.field("is_early_close", pa.bool_()),
    ]
)


def session_table() -> pa.Table:
    """All sessions known to the calendar, as `SCHEMA`; `seq` counts them from 0."""
    # threads that begin together would each make it
    with _ONE_AT_A_TIME:
        return _make_table()


@lru_cache(maxsize=1)
def _make_table() -> pa.Table:
    days = (np.array(session_ordinals()) - date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    minutes = np.full(len(days), USUAL_CLOSE.hour * 60)
    is_early = np.zeros(len(days), bool)
    for day, (hour, early) in calendar_exceptions()[1].items():
        place = np.searchsorted(days, np.datetime64(day))
        minutes[place], is_early[place] = hour.hour * 60 + hour.minute, early
    local = pa.array(days.astype("datetime64[us]") + minutes.astype("timedelta64[m]"))
    return pa.table(
        {
            "session_date": pa.array(days),
            "seq": pa.array(np.arange(len(days), dtype=np.int32)),
            "close_at": pc.assume_timezone(local, "America/New_York").cast(pa.timestamp("us", tz="UTC")),
            "is_early_close": pa.array(is_early),
        },
        schema=SCHEMA,
    )
