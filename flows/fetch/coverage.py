"""Which sessions of which symbol have a final close: in the lake, and in what has just been fetched."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa

from warehouse.duck import cursor
from warehouse.lake.lake import Lake

# A bar within these days before the window tells a lost session from one before the first listing.
_LOOK_BACK = timedelta(days=30)


class Coverage:
    """For each symbol a whole number whose bit n stands for the n-th of `sessions`, so that memory stays flat."""

    def __init__(self, sessions: Sequence[date]) -> None:
        self.sessions = list(sessions)
        self._bit = {day: 1 << number for number, day in enumerate(self.sessions)}
        self._present: dict[str, int] = {}
        self._first: dict[str, date] = {}
        self._lock = threading.Lock()

    def add_bars(self, bars: Iterable[tuple[str, date]]) -> None:
        """Note final bars, given as (symbol, session)."""
        with self._lock:
            for symbol, day in bars:
                first = self._first.get(symbol)
                if first is None or day < first:
                    self._first[symbol] = day
                self._present[symbol] = self._present.get(symbol, 0) | self._bit.get(day, 0)

    def add_bar_table(self, bars: pa.Table) -> None:
        """Note the final rows of a table of bars."""
        names = zip(*(bars[name].to_pylist() for name in ("symbol", "session_date", "is_final")), strict=True)
        self.add_bars((symbol, day) for symbol, day, is_final in names if is_final)

    def missing_sessions(self, symbol: str) -> list[date]:
        """The sessions without a final bar, from the symbol's first bar on; all of them where there is none at all."""
        present, first = self._present.get(symbol, 0), self._first.get(symbol, date.min)
        return [day for day in self.sessions if day >= first and not present & self._bit[day]]

    def absent_sessions(self, symbol: str) -> list[date]:
        """The sessions without a final bar, those before the symbol's first one too."""
        present = self._present.get(symbol, 0)
        return [day for day in self.sessions if not present & self._bit[day]]

    def sessions_missing_for_all(self) -> list[date]:
        """The sessions of which no symbol has a bar."""
        present = 0
        for mask in self._present.values():
            present |= mask
        return [day for day in self.sessions if not present & self._bit[day]]


def stored_coverage(home: Path, dataset: str, sessions: Sequence[date]) -> Coverage:
    """What the lake holds of `sessions`, whoever gave it."""
    coverage = Coverage(sessions)
    lake = Lake(home)
    manifest = lake.manifest()
    if sessions and manifest.files_of_dataset(dataset):
        with cursor() as con:
            found = con.execute(
                f"select distinct symbol, session_date from ({lake.current_sql(dataset, manifest)}) "
                "where is_final and session_date between ? and ?",
                [sessions[0] - _LOOK_BACK, sessions[-1]],
            )
            while rows := found.fetchmany(50_000):
                coverage.add_bars(rows)
    return coverage


def known_subjects(home: Path, dataset: str, column: str) -> set[str]:
    """The distinct values of `column` in the lake's `dataset`."""
    lake = Lake(home)
    manifest = lake.manifest()
    if not manifest.files_of_dataset(dataset):
        return set()
    with cursor() as con:
        found = con.execute(f'select distinct "{column}" from ({lake.current_sql(dataset, manifest)})').fetchall()
    return {str(value) for (value,) in found}
