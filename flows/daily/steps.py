"""The steps of a daily run as plain functions: which session, which datasets, what came of each, the headline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flows.console.context import Reporter
from flows.daily.holes import Hole, holes
from flows.fetch.dataset import fetch_dataset
from flows.ingest.ingest import ingest
from sources import plan
from warehouse import calendar
from warehouse.duck import connect
from warehouse.errors import UsageError
from warehouse.runs.journal import Run
from warehouse.settings import Settings

if TYPE_CHECKING:
    from sources.http.client import Client

NEW_YORK = ZoneInfo("America/New_York")
# Of hundreds of stocks many are rated by nobody: a few lines say it.
_NOTES = 8
_LOST = 2


@dataclass(frozen=True)
class Work:
    """What the steps of one run share."""

    home: Path
    settings: Settings
    run: Run
    now: datetime
    session: date
    reporter: Reporter


@dataclass(frozen=True)
class Outcome:
    """What came of one dataset: rows new to the lake, and what could not be had, in words."""

    dataset: str
    accepted: int = 0
    known: int = 0
    quarantined: int = 0
    gaps: Sequence[str] = field(default_factory=tuple)


def session_to_run(
    asked: date | None, now: datetime, settings: Settings, only_on_sessions: bool
) -> tuple[date | None, str]:
    """The session of a run, or None with the reason why there is nothing to do.

    Raises UsageError for a day that is asked for by name and is not a trading session, or has not ended.
    """
    margin = settings.close_margin_minutes
    if asked is not None:
        if not calendar.is_session(asked):
            raise UsageError(f"{asked} is not a trading session (weekend or holiday); name a session")
        if calendar.close_at(asked) + timedelta(minutes=margin) > now:
            ended = calendar.close_at(asked).isoformat()
            raise UsageError(
                f"{asked} has not ended: it closes at {ended} and its bars are final {margin} minutes later"
            )
        return asked, ""
    today = now.astimezone(NEW_YORK).date()
    if only_on_sessions and not calendar.is_session(today):
        return None, f"{today} is not a trading session: nothing to do"
    return calendar.last_completed(now, margin), ""


def datasets(settings: Settings) -> list[str]:
    """What a daily run asks for, in order."""
    return plan.datasets(settings)


def ingest_dataset(work: Work, dataset: str, client: Client) -> Outcome:
    """Ask the sources of `dataset` for the window of the session, and bring what they answer into the lake.

    Raises SettingsError for unknown sources, LakeError where the lake cannot be written. What could
    not be had is a gap of the outcome, no error.
    """
    wanted = plan.sessions_of(dataset, work.session, work.settings)
    symbols = plan.symbols_of(dataset, work.settings)
    with work.run.step(f"ingest {dataset}"), work.reporter.step(dataset):
        asked = fetch_dataset(work.home, work.settings, dataset, symbols, wanted, client)
        report = ingest(work.home, work.settings, work.run, asked, work.now, work.reporter)
    if account := asked.account():
        work.reporter.line(account)
    for note in asked.notes[:_NOTES]:
        work.reporter.line(note)
    if len(asked.notes) > _NOTES:
        work.reporter.line(f"{dataset}: {len(asked.notes) - _NOTES} more notes of this kind")
    return Outcome(
        dataset,
        report.total("accepted"),
        report.total("known"),
        report.total("quarantined"),
        (*map(str, asked.gaps), *report.gaps),
    )


def new_holes(work: Work) -> list[Hole]:
    """Holes that reach up to the window of this run, which are gaps of it; older pauses are said and no more."""
    found = holes(work.home, work.settings, work.session)
    for hole in found:
        # a session or two that no vendor has are in the ledger of sessions
        if not hole.is_new and len(hole.sessions) > _LOST:
            work.reporter.line(f"hole: {hole}")
    return [hole for hole in found if hole.is_new]


def summary(outcomes: Sequence[Outcome]) -> tuple[int, str]:
    """Exit code and one line: 0 where everything came, 3 where something is missing."""
    gaps = sum(len(outcome.gaps) for outcome in outcomes)
    accepted = sum(outcome.accepted for outcome in outcomes)
    quarantined = sum(outcome.quarantined for outcome in outcomes)
    text = f"{accepted} new facts, {quarantined} rows quarantined, {gaps} gaps"
    return (3, text) if gaps else (0, text)


def headline(home: Path, session: date) -> list[dict[str, Any]]:
    """The rows of reports.headline_indices for `session`; none where the warehouse has none."""
    with connect(home / "warehouse.duckdb", read_only=True) as connection:
        found = connection.execute(
            "select index_id, label_en, close, return_1d_pct, return_ytd_pct from reports.headline_indices "
            "where session_date = ? order by position",
            [session],
        )
        names = [str(entry[0]) for entry in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def gap_lines(outcomes: Sequence[Outcome]) -> list[str]:
    """What could not be had, a line each."""
    return [f"gap: {gap}" for outcome in outcomes for gap in outcome.gaps]


def report_lines(build_id: str, rows: Sequence[dict[str, Any]]) -> list[str]:
    """What a run says at its end: the build, and the headline of its session."""
    lines = [f"build {build_id} is published"]
    lines += [
        f"  {row['index_id']:<5} {_number(row['close'], ',.2f'):>12} {_number(row['return_1d_pct'], '+.2f'):>7} %"
        f"  year to date {_number(row['return_ytd_pct'], '+.2f'):>7} %"
        for row in rows
    ]
    return lines


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
