"""What a backfill asks for: the sessions that the lake misses, as requests in chunks, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

from flows.fetch import coverage
from flows.fetch.gaps import neighbouring_sessions, split_into_runs
from flows.fetch.market import sessions_without_market
from sources import plan
from sources.base import Adapter, Request
from warehouse import calendar
from warehouse.runs.attempts import DONE, EMPTY, Attempt, Attempts
from warehouse.settings import Settings

# What can be asked for the past. The other datasets are told as they are now.
DATASETS = (*plan.BARS, "macro_observations", "memberships", "rating_actions", "fundamentals")
# Of a source that is asked one by one: so many symbols a chunk, and so many sessions of each (ten years), that a chunk
# is a few seconds of work, one commit, and some tens of megabytes.
BLOCK = 50
PERIOD_SESSIONS = 2_520


@dataclass(frozen=True)
class Scope:
    """What is to be filled: `sessions` in order, and of each dataset the symbols that are asked for one by one.

    With `is_choice` the stocks were named for this backfill: a source of the whole market is asked for no more sessions than
    these need.
    """

    sessions: list[date]
    symbols: Mapping[str, list[str]]
    newest_first: bool = False
    is_choice: bool = False

    @property
    def datasets(self) -> list[str]:
        return list(self.symbols)


@dataclass(frozen=True)
class Chunk:
    """Requests that are asked, checked and committed together."""

    dataset: str
    source: str
    label: str
    requests: tuple[Request, ...]

    @property
    def last_day(self) -> date:
        return max(requested_days(request)[1] for request in self.requests)


@dataclass
class Planned:
    """The chunks of one round, in the order in which they are worked off; `bars` are missing sessions x symbols."""

    chunks: list[Chunk] = field(default_factory=list)
    bars: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    left_out: int = 0

    @property
    def request_count(self) -> int:
        return sum(len(chunk.requests) for chunk in self.chunks)


def requested_days(request: Request) -> tuple[date, date]:
    """The first and the last day that a request asks for."""
    first = request.session or request.start or date.min
    return first, request.session or request.end or first


def attempt_of(request: Request) -> Attempt:
    """The ledger's name for a request."""
    first, last = requested_days(request)
    subject = request.symbol or request.series or ""
    series = request.series or ""
    return Attempt(request.dataset, request.source, subject, series, first.isoformat(), last.isoformat())


def is_answered(request: Request, attempts: Attempts) -> bool:
    """Whether the source has answered this already, be it that it has nothing."""
    found = attempts.attempts_for(*attempt_of(request).ledger_key)
    return any(one.outcome in (DONE, EMPTY) and one.covers_days(*requested_days(request)) for one in found)


def pace_of(source: Adapter, settings: Settings) -> float:
    """Requests a second."""
    return min((settings.pace.get(host, source.PACE) for host in source.HOSTS), default=source.PACE)


def make_plan(
    home: Path,
    settings: Settings,
    scope: Scope,
    attempts: Attempts,
    adapters: Mapping[str, Adapter],
    position: int = 0,
    most: int | None = None,
) -> Planned:
    """The requests to the sources that are asked first (`position` 0), or next for what the ones before them lack.

    At most `most` requests; `left_out` counts those beyond. Raises SettingsError for unknown sources.
    """
    planned = Planned()
    for dataset in scope.datasets:
        listed = plan.sources_for_dataset(dataset, settings, adapters)
        asked = [source for source in listed if plan.missing_key(source) is None]
        if position == 0:
            planned.notes += [
                f"{dataset}: {one.NAME} is not asked: {plan.missing_key(one)} is not in the environment"
                for one in listed
                if one not in asked
            ]
        of_past = [source for source in asked if _has_history(source, dataset, scope)]
        if position < len(of_past):
            _add_chunks(planned, home, settings, dataset, of_past[position], scope, attempts, is_repair=position > 0)
        elif position == 0:
            planned.notes.append(_no_requests_reason(dataset, scope))
    planned.chunks.sort(key=lambda chunk: chunk.last_day, reverse=scope.newest_first)
    if most is not None:
        _limit_requests(planned, most)
    return planned


def plan_source(
    home: Path, settings: Settings, source: Adapter, dataset: str, scope: Scope, attempts: Attempts
) -> Planned:
    """The requests that `source` would be asked first, whether or not its key is there."""
    planned = Planned()
    _add_chunks(planned, home, settings, dataset, source, scope, attempts, is_repair=False)
    return planned


def _no_requests_reason(dataset: str, scope: Scope) -> str:
    if not scope.symbols[dataset]:
        return f"{dataset}: nothing is named; give --universe, or `universe` in breadthwise.toml"
    return f"{dataset}: none of its sources can be asked for the past; name one in `sources` of breadthwise.toml"


def _has_history(source: Adapter, dataset: str, scope: Scope) -> bool:
    """Whether it has requests for a time of its own: a screener shows what is now, and no symbols are no requests."""
    days = scope.sessions[:2]
    probe = source.requests_for(dataset, scope.symbols[dataset][:1], days[0], days[-1])
    is_of_days = all(request.session is None for request in probe) or dataset == "memberships"
    return bool(probe) and (is_of_days or len(probe) == len(days)) if len(days) > 1 else bool(probe)


def is_whole_market(source: Adapter, dataset: str, scope: Scope) -> bool:
    """Whether one answer holds the whole market, or the list of one session."""
    day = scope.sessions[0]
    probe = source.requests_for(dataset, scope.symbols[dataset][:1], day, day)
    return all(r.session is not None or not (r.symbol or r.series) for r in probe)


def _add_chunks(
    planned: Planned,
    home: Path,
    settings: Settings,
    dataset: str,
    source: Adapter,
    scope: Scope,
    attempts: Attempts,
    is_repair: bool,
) -> None:
    """The chunks of one dataset and source."""
    symbols = scope.symbols[dataset]
    missing = _missing_sessions(home, settings, dataset, scope, is_repair)
    if is_repair and dataset not in plan.BARS:
        return
    if is_whole_market(source, dataset, scope):
        if symbols and wants_market(source, dataset, scope) and not is_repair:
            missing[""] = missing_market_sessions(home, settings, dataset, scope)
        days = sorted({day for days in missing.values() for day in days})
        made = list(_market_chunks(source, dataset, symbols, days, is_repair))
    else:
        made = list(_symbol_chunks(source, dataset, missing, is_repair))
    for label, requests in made:
        open_ones = tuple(request for request in requests if not is_answered(request, attempts))
        if open_ones:
            planned.chunks.append(Chunk(dataset, source.NAME, label, open_ones))
            name = f"{dataset} {source.NAME}"
            planned.bars[name] = planned.bars.get(name, 0) + sum(_count_sessions(r, missing) for r in open_ones)


def wants_market(source: Adapter, dataset: str, scope: Scope) -> bool:
    """Whether all that `source` gives of a session is wanted, be there some stocks of it or not."""
    return dataset == "equity_bars" and not scope.is_choice and is_whole_market(source, dataset, scope)


def missing_market_sessions(home: Path, settings: Settings, dataset: str, scope: Scope) -> list[date]:
    """The sessions without bars of the dataset; of stocks those without the market."""
    if dataset == "equity_bars":
        return sessions_without_market(home, settings, scope.sessions)
    return coverage.stored_coverage(home, dataset, scope.sessions).sessions_missing_for_all()


def _missing_sessions(
    home: Path, settings: Settings, dataset: str, scope: Scope, is_repair: bool
) -> dict[str, list[date]]:
    """By symbol ('' for the whole market) the sessions to ask for; of what is no bar only the ledger knows."""
    symbols = scope.symbols[dataset]
    if dataset not in plan.BARS:
        return dict.fromkeys(symbols, scope.sessions)
    if not symbols:
        return {"": missing_market_sessions(home, settings, dataset, scope)}
    held = coverage.stored_coverage(home, dataset, scope.sessions)
    # what lies before a symbol's first bar is no hole: only the first source is asked for it
    found = {symbol: held.missing_sessions(symbol) if is_repair else held.absent_sessions(symbol) for symbol in symbols}
    return {symbol: days for symbol, days in found.items() if days}


def _count_sessions(request: Request, missing: Mapping[str, list[date]]) -> int:
    first, last = requested_days(request)
    of = (
        [missing.get(request.symbol or request.series or "", [])]
        if request.symbol or request.series
        else missing.values()
    )
    return sum(first <= day <= last for days in of for day in days)


def _market_chunks(
    source: Adapter, dataset: str, symbols: list[str], days: list[date], is_repair: bool
) -> Iterator[tuple[str, list[Request]]]:
    """A chunk a month. A repair also reads the sessions around a hole, by which it is proven."""
    newest = days[-1] if days else date.min
    wanted = (
        sorted({day for run in split_into_runs(days) for day in _days_with_neighbours(run) if day <= newest})
        if is_repair
        else days
    )
    for month, inside in groupby(wanted, key=lambda day: f"{day:%Y-%m}"):
        listed = list(inside)
        asked = [r for day in listed for r in source.requests_for(dataset, symbols, day, day)]
        if all(request.session is None for request in asked):
            asked = source.requests_for(dataset, symbols, listed[0], listed[-1])
        yield f"{dataset} {source.NAME} {month}", asked


def _days_with_neighbours(days: list[date]) -> list[date]:
    first, last = neighbouring_sessions(days)
    return sorted({*days, first, last})


def _symbol_chunks(
    source: Adapter, dataset: str, missing: Mapping[str, list[date]], is_repair: bool
) -> Iterator[tuple[str, list[Request]]]:
    """Blocks of symbols, period by period; of each symbol from its first missing session to the last one."""
    for days in _split_periods({day for listed in missing.values() for day in listed}):
        asked: list[Request] = []
        for symbol, all_days in missing.items():
            inside = [day for day in all_days if days[0] <= day <= days[-1]]
            if inside:
                first, last = neighbouring_sessions(inside) if is_repair else (inside[0], inside[-1])
                asked += source.requests_for(dataset, [symbol], first, min(last, days[-1]))
        for block in _request_blocks(_distinct_requests(asked)):
            names = [request.symbol or request.series or "" for request in (block[0], block[-1])]
            yield f"{dataset} {source.NAME} {days[0]:%Y}-{days[-1]:%Y} {' to '.join(dict.fromkeys(names))}", block


def _split_periods(days: Iterable[date]) -> list[list[date]]:
    """The days in parts of at most ten years, counted back from the last one, so that the newest part is a full one."""
    listed = sorted(days)
    if not listed:
        return []
    every = calendar.sessions_between(listed[0], listed[-1] + timedelta(days=1))
    cuts = every[::-1][::PERIOD_SESSIONS]
    parts = []
    for number, last in enumerate(cuts):
        first = cuts[number + 1] if number + 1 < len(cuts) else date.min
        parts.append([day for day in listed if first < day <= last])
    return [part for part in reversed(parts) if part]


def _distinct_requests(requests: Iterable[Request]) -> list[Request]:
    """A rate of the New York Fed answers for two series."""
    return list({attempt_of(request): request for request in requests}.values())


def _request_blocks(requests: Sequence[Request]) -> Iterator[list[Request]]:
    for start in range(0, len(requests), BLOCK):
        yield list(requests[start : start + BLOCK])


def _limit_requests(planned: Planned, most: int) -> None:
    """Keep the first `most` requests."""
    kept: list[Chunk] = []
    room = most
    for chunk in planned.chunks:
        taken = chunk.requests[: max(room, 0)]
        planned.left_out += len(chunk.requests) - len(taken)
        room -= len(taken)
        if taken:
            kept.append(Chunk(chunk.dataset, chunk.source, chunk.label, taken))
    planned.chunks = kept
