"""What a backfill could not get: the sessions that are missing still, with what the sources said; and what is no gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from flows.backfill import plan
from flows.backfill.plan import Scope
from flows.fetch import coverage
from flows.fetch.gaps import Gap
from sources import plan as source_plan
from sources.base import Adapter
from warehouse.duck import cursor
from warehouse.lake.lake import Lake
from warehouse.runs.attempts import DONE, EMPTY, Attempt, Attempts
from warehouse.settings import Settings

# After so many sessions without a bar a stock that a source does answer for has left the market.
_GONE = 21


@dataclass
class Found:
    """Gaps, and in words what is missing for a good reason."""

    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def find_gaps(
    home: Path, settings: Settings, scope: Scope, attempts: Attempts, adapters: Mapping[str, Adapter]
) -> Found:
    """Judged by the lake and the ledger of attempts alone, so that a run that asks nothing names the same gaps."""
    found = Found()
    for dataset in scope.datasets:
        names = ", ".join(source.NAME for source in source_plan.sources_for_dataset(dataset, settings, adapters))
        if dataset in source_plan.BARS:
            _add_bar_gaps(found, home, dataset, scope, attempts, names)
            if _is_market_asked(settings, dataset, scope, adapters):
                absent = plan.missing_market_sessions(home, settings, dataset, scope)
                _add_market_gap(found, dataset, absent, attempts, names)
    rest = Scope(scope.sessions, {name: of for name, of in scope.symbols.items() if name not in source_plan.BARS})
    for chunk in plan.make_plan(home, settings, rest, attempts, adapters).chunks:
        for request in chunk.requests:
            subject = request.symbol or request.series or ""
            error, message = _gap_reason(attempts.attempts_about(chunk.dataset, subject), chunk.source)
            days = (request.session,) if request.session else ()
            found.gaps.append(Gap(chunk.dataset, chunk.source, subject, days, error, message))
    return found


def _add_bar_gaps(found: Found, home: Path, dataset: str, scope: Scope, attempts: Attempts, names: str) -> None:
    symbols = scope.symbols[dataset]
    if not symbols:
        return
    held = coverage.stored_coverage(home, dataset, scope.sessions)
    missing = {symbol: days for symbol in symbols if (days := held.missing_sessions(symbol))}
    first_bars = _first_bar_days(home, dataset) if missing else {}
    later, gone = [], []
    for symbol, days in missing.items():
        # a source of the whole market was asked of the session, not of the stock
        about = attempts.attempts_about(dataset, symbol) or _attempts_on_days(
            attempts.attempts_about(dataset, ""), days
        )
        is_answered = any(one.outcome in (DONE, EMPTY) for one in about)
        if is_answered and first_bars.get(symbol, date.min) > scope.sessions[-1]:
            later.append(symbol)
            continue
        ended = _trailing_days(days, scope.sessions)
        if is_answered and _GONE <= len(ended) < len(scope.sessions):
            gone.append(symbol)
            days = days[: -len(ended)]
        if days:
            error, message = _gap_reason(about, names)
            found.gaps.append(Gap(dataset, names, symbol, tuple(days), error, message))
    if later:
        found.notes.append(f"{dataset}: not yet listed then: {', '.join(later)}")
    if gone:
        found.notes.append(f"{dataset}: no bars to the end, {_GONE} sessions or more: {', '.join(gone)}")


def _is_market_asked(settings: Settings, dataset: str, scope: Scope, adapters: Mapping[str, Adapter]) -> bool:
    """Whether nothing is named, or the source that is asked first gives the market beside what is."""
    listed = source_plan.sources_for_dataset(dataset, settings, adapters)
    asked = [source for source in listed if source_plan.missing_key(source) is None]
    return not scope.symbols[dataset] or any(plan.wants_market(source, dataset, scope) for source in asked[:1])


def _add_market_gap(found: Found, dataset: str, days: Sequence[date], attempts: Attempts, names: str) -> None:
    if days:
        error, message = _gap_reason(_attempts_on_days(attempts.attempts_about(dataset, ""), days), names)
        found.gaps.append(Gap(dataset, names, "", tuple(days), error, message))


def _attempts_on_days(attempts: Sequence[Attempt], days: Sequence[date]) -> list[Attempt]:
    return [attempt for attempt in attempts if any(attempt.covers_days(day, day) for day in days)]


def _gap_reason(about: Sequence[Attempt], names: str) -> tuple[str, str]:
    """Class and words of the newest thing that a source said; else that nobody has it."""
    messages = [attempt for attempt in about if attempt.message]
    if messages:
        error, _, message = messages[-1].message.partition(": ")
        return error, f"{message}; asked {messages[-1].asked_at[:10]}"
    if about:
        asked = about[-1].asked_at[:10]
        return "NoData", f"no final bar from {names}, asked {asked}; --again asks before a month has passed"
    return "NoData", f"{names} was not asked; run again"


def _trailing_days(days: Sequence[date], sessions: Sequence[date]) -> list[date]:
    """The missing days that end the sessions."""
    count = 0
    while count < len(days) and days[-1 - count] == sessions[-1 - count]:
        count += 1
    return list(days[len(days) - count :])


def _first_bar_days(home: Path, dataset: str) -> dict[str, date]:
    lake = Lake(home)
    manifest = lake.manifest()
    if not manifest.files_of_dataset(dataset):
        return {}
    with cursor() as con:
        found = con.execute(
            f"select symbol, min(session_date) from ({lake.current_sql(dataset, manifest)}) group by symbol"
        ).fetchall()
    return dict(found)
