"""Which sessions of the whole market of stocks the lake holds: a few stocks that are named are not the market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from sources import plan
from warehouse import calendar
from warehouse.duck import cursor
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

# A session holds the market where it has at least this share of the most stocks of a session within a year of it.
_SHARE = 0.5
_YEAR_SESSIONS = 250


@dataclass(frozen=True)
class MarketSession:
    """Stocks with a final bar of a session: of the source of the market that has most, the most that one had of a session within
    a year, of any source, and those whose close of the session before is stated too."""

    stocks: int
    usual: int
    of_any: int
    previous: int

    @property
    def is_whole(self) -> bool:
        return 0 < self.stocks >= _SHARE * self.usual

    @property
    def states_session_before(self) -> bool:
        return 0 < self.previous >= _SHARE * self.usual


def market_sessions(home: Path, settings: Settings, first: date, last: date) -> dict[date, MarketSession]:
    """The sessions from `first` to `last` of which the lake holds stocks, in order."""
    lake = Lake(home)
    manifest = lake.manifest()
    if not manifest.files_of_dataset("equity_bars"):
        return {}
    choices = plan.sources_of_choices(settings)
    margin = timedelta(days=366)
    query = f"""
        with counts_by_series as (
            select
                session_date,
                source,
                basis,
                count(*) as stocks,
                count(previous_close) as previous
            from ({lake.current_sql("equity_bars", manifest)})
            where is_final and session_date between $first and $last
            group by session_date, source, basis
        ),
        counts as (
            select
                session_date,
                coalesce(max(stocks) filter (where not list_contains($choices, source)), 0) as stocks,
                max(stocks) as of_any,
                max(previous) as previous
            from counts_by_series
            group by session_date
        )
        select session_date, stocks, max(stocks) over within_a_year, of_any, previous
        from counts
        window within_a_year as (
            order by session_date rows between {_YEAR_SESSIONS} preceding and {_YEAR_SESSIONS} following
        )
        order by session_date
    """
    with cursor() as con:
        rows = con.execute(query, {"choices": choices, "first": first - margin, "last": last + margin}).fetchall()
    return {day: MarketSession(*counts) for day, *counts in rows if first <= day <= last}


def sessions_without_market(home: Path, settings: Settings, sessions: Sequence[date]) -> list[date]:
    """Those of `sessions` (in order) of which the lake does not hold the whole market."""
    if not sessions:
        return []
    held = market_sessions(home, settings, sessions[0], sessions[-1])
    return [day for day in sessions if day not in held or not held[day].is_whole]


def lost_sessions(home: Path, settings: Settings, session: date) -> list[date] | None:
    """The sessions of the last year up to `session` of which the lake has no stocks but those that are named, or none at all;
    None where it has never had more than these.

    What lies before the first session of the whole market was not lost; nor is a session whose closes the next one states.
    For `session` itself only the market will do.
    """
    named = len(settings.universe)
    following = session + timedelta(days=10)
    begin = calendar.sessions_between(session - timedelta(days=2 * _YEAR_SESSIONS), session)[-_YEAR_SESSIONS:][0]
    held = market_sessions(home, settings, begin, following)
    first = next((day for day, one in held.items() if one.is_whole and one.usual > named), None)
    if first is None:
        return None
    listed = calendar.sessions_between(first, following)
    lost = [
        day
        for day, next_day in pairwise(listed)
        if day < session
        and (day not in held or not (held[day].is_whole or held[day].of_any > named))
        and not (next_day in held and held[next_day].states_session_before)
    ]
    return lost if session in held and held[session].is_whole else [*lost, session]
