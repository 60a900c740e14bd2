"""Holes before the window that a run reads again: sessions that a pause left out, and the command that fills them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from flows.daily.first_day import whole_market_needs
from flows.fetch.market import lost_sessions
from sources import plan
from warehouse import calendar
from warehouse.duck import cursor
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

# About a year: what is older was seen by many a run.
_LOOK_BACK_SESSIONS = 250


@dataclass(frozen=True)
class Hole:
    """Sessions of a dataset of bars of which the lake has no row, or (`is_of_market`) only stocks that are named. `is_new`: it
    reaches up to the window of this run.

    `options` are what the command that fills it needs beside the dataset; `needed` is what it takes to get the whole market.
    """

    dataset: str
    sessions: tuple[date, ...]
    is_new: bool
    options: str = ""
    is_of_market: bool = False
    needed: str = ""

    def __str__(self) -> str:
        first, last = self.sessions[0], self.sessions[-1]
        count = f"{len(self.sessions)} sessions" if len(self.sessions) > 1 else "1 session"
        lack = "lacks the whole market of" if self.is_of_market else "has nothing of"
        which = f" for the S&P 500; for the whole market it needs {self.needed}" if self.needed else ""
        return (
            f"{self.dataset}: the lake {lack} {count} from {first} to {last}, which a run does not read again; "
            f"`breadthwise backfill {first} {last} --datasets {self.dataset}{self.options}` fills them{which}"
        )


def find_holes(home: Path, settings: Settings, session: date) -> list[Hole]:
    """The holes that end within a year before the window of `session`; what lies before the first stored session is none.

    The whole market of stocks is of one session an answer: it has no window, unless its own source is asked for one.
    """
    found = []
    served = plan.daily_datasets(settings)
    for dataset in (name for name in plan.BARS if name in served):
        first_read = plan.sessions_to_request(dataset, session, settings)[0]
        lost = lost_sessions(home, settings, session) if dataset == "equity_bars" else None
        if lost is None:
            found += _holes_before_window(home, settings, dataset, session, first_read)
        else:
            end = first_read if _is_market_read_again(settings) else session
            found += _market_holes(settings, [day for day in lost if day < end], end)
    return found


def has_session(home: Path, settings: Settings, session: date) -> bool:
    """Whether the lake holds bars of the session of each dataset that is asked: the whole market, where it ever had that."""
    for dataset in (name for name in plan.BARS if name in plan.daily_datasets(settings)):
        lost = lost_sessions(home, settings, session) if dataset == "equity_bars" else None
        stored = _stored_sessions(home, dataset, session) if lost is None else set()
        # stocks may never have been asked: nobody is named, and no key is there
        is_asked = dataset != "equity_bars" or bool(stored)
        if session in (lost or ()) or (lost is None and is_asked and session not in stored):
            return False
    return True


def _holes_before_window(home: Path, settings: Settings, dataset: str, session: date, first_read: date) -> list[Hole]:
    stored = _stored_sessions(home, dataset, session)
    if not stored or min(stored) >= first_read:
        return []
    options = "" if plan.symbols_for_dataset(dataset, settings) else " --universe sp500"
    before = [day for day in calendar.sessions_between(min(stored), first_read) if day < first_read]
    return [
        Hole(dataset, tuple(run), run[-1] == before[-1], options)
        for run in _absent_runs(before, stored)
        if run[-1] >= before[-_LOOK_BACK_SESSIONS:][0]
    ]


def _market_holes(settings: Settings, lost: list[date], end: date) -> list[Hole]:
    """Of two lost sessions in a row the next one states the closes of the last: a hole of yesterday may end a session earlier."""
    if not lost:
        return []
    needed = " and ".join(whole_market_needs(settings))
    options = " --universe sp500" if needed else ""
    before = [day for day in calendar.sessions_between(lost[0], end) if day < end]
    return [
        Hole("equity_bars", tuple(run), run[-1] in before[-2:], options, True, needed)
        for run in _absent_runs(before, set(before) - set(lost))
    ]


def _is_market_read_again(settings: Settings) -> bool:
    """Whether the source of stocks that is asked first gives the market of each session of the window."""
    asked = [one for one in plan.sources_for_dataset("equity_bars", settings) if plan.missing_key(one) is None]
    return bool(asked) and not settings.universe and plan.is_of_market(asked[0])


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
