"""Holes before the window that a run reads again: sessions that a pause left out, and the command that fills them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from sources import plan
from warehouse import calendar
from warehouse.duck import cursor
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

# About a year: what is older was seen by many a run.
_LOOK_BACK_SESSIONS = 250


@dataclass(frozen=True)
class Hole:
    """Sessions of a dataset of bars of which the lake has no row. `is_new`: it reaches up to the window of this run.

    `options` are what the command that fills it needs beside the dataset.
    """

    dataset: str
    sessions: tuple[date, ...]
    is_new: bool
    options: str = ""

    def __str__(self) -> str:
        first, last = self.sessions[0], self.sessions[-1]
        count = f"{len(self.sessions)} sessions" if len(self.sessions) > 1 else "1 session"
        return (
            f"{self.dataset}: the lake has nothing of {count} from {first} to {last}, which a run does not read again; "
            f"`breadthwise backfill {first} {last} --datasets {self.dataset}{self.options}` fills them"
        )


def find_holes(home: Path, settings: Settings, session: date) -> list[Hole]:
    """The holes that end within a year before the window of `session`; what lies before the first stored session is none."""
    found = []
    served = plan.daily_datasets(settings)
    for dataset in (name for name in plan.BARS if name in served):
        stored = _stored_sessions(home, dataset, session)
        first_read = plan.sessions_to_request(dataset, session, settings)[0]
        if not stored or min(stored) >= first_read:
            continue
        options = "" if plan.symbols_for_dataset(dataset, settings) else " --universe sp500"
        before = [day for day in calendar.sessions_between(min(stored), first_read) if day < first_read]
        found += [
            Hole(dataset, tuple(run), run[-1] == before[-1], options)
            for run in _absent_runs(before, stored)
            if run[-1] >= before[-_LOOK_BACK_SESSIONS:][0]
        ]
    return found


def _absent_runs(listed: list[date], stored: set[date]) -> Iterator[list[date]]:
    """The days of `listed` that are not `stored`, in unbroken runs."""
    for is_stored, days in groupby(listed, key=stored.__contains__):
        if not is_stored:
            yield list(days)


def _stored_sessions(home: Path, dataset: str, last: date) -> set[date]:
    lake = Lake(home)
    manifest = lake.manifest()
    if not manifest.files_of_dataset(dataset):
        return set()
    with cursor() as con:
        rows = lake.current_sql(dataset, manifest)
        found = con.execute(f"select distinct session_date from ({rows}) where session_date <= ?", [last]).fetchall()
    return {day for (day,) in found}
