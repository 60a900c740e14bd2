"""The steps of a daily run as plain functions: which session, which datasets, what came of each, the headline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flows.console.context import Reporter
from flows.daily.holes import Hole, find_holes
from flows.fetch.dataset import fetch_session
from flows.fetch.market import lost_sessions
from flows.ingest.ingest import Ingestion
from sources import plan
from warehouse import calendar
from warehouse.errors import TransientSourceError, UsageError
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
    """What came of one dataset: rows new to the lake, what could not be had, and what was made good, in words.

    `printed` are the gaps that were printed when they were found.
    """

    dataset: str
    accepted: int = 0
    known: int = 0
    quarantined: int = 0
    gaps: Sequence[str] = field(default_factory=tuple)
    made_good: Sequence[str] = field(default_factory=tuple)
    printed: Sequence[str] = field(default_factory=tuple)


class DatasetUnavailable(TransientSourceError):
    """Nothing came of a dataset, for reasons that may pass: worth another try. `outcome` is what stays if none helps."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(f"{outcome.dataset}: nothing came; {'; '.join(outcome.gaps[:3])}")
        self.outcome = outcome


def session_to_run(
    asked: date | None,
    now: datetime,
    settings: Settings,
    only_on_sessions: bool,
    due: datetime | None = None,
    is_stored: Callable[[date], bool] = lambda session: False,
) -> tuple[date | None, str]:
    """The session of a run, or None with the reason why there is nothing to do.

    With `only_on_sessions` it is the session of the day on which the run was `due` (default: `now`), however late it begins;
    of a day without a session it is the newest one, unless that `is_stored`. Raises UsageError for a day that is asked for by
    name and is not a trading session, or has not ended.
    """
    margin = settings.close_margin_minutes
    if asked is not None:
        if limit := calendar.calendar_limit(asked):
            raise UsageError(f"{asked}: {limit}; name a session")
        if not calendar.is_session(asked):
            raise UsageError(f"{asked} is not a trading session (weekend or holiday); name a session")
        if calendar.session_close(asked) + timedelta(minutes=margin) > now:
            ended = calendar.session_close(asked).isoformat()
            raise UsageError(
                f"{asked} has not ended: it closes at {ended} and its bars are final {margin} minutes later"
            )
        return asked, ""
    newest = calendar.last_completed_session(now, margin)
    if not only_on_sessions:
        return newest, ""
    due = due or now
    day = due.astimezone(NEW_YORK).date()
    meant = calendar.last_completed_session(due, margin) if calendar.is_session(day) else None
    # what shows the newest session alone can be asked of it today, and of no other any more
    if meant == newest or not is_stored(newest):
        return newest, ""
    return meant, "" if meant else f"{day} is not a trading session: nothing to do, the lake has {newest}"


def datasets_to_ask(settings: Settings) -> list[str]:
    """What a daily run asks for, in order."""
    return plan.daily_datasets(settings)


def dataset_chains(settings: Settings) -> list[list[str]]:
    """The datasets of a daily run, those that share a host or a source without one in one list: the lists have nothing in
    common, so they can be worked off side by side; within one the datasets would only wait for each other's pace."""
    found: list[tuple[set[str], list[str]]] = []
    for dataset in datasets_to_ask(settings):
        places = {place for one in plan.sources_for_dataset(dataset, settings) for place in one.HOSTS or (one.NAME,)}
        members = [dataset]
        for other in [one for one in found if one[0] & places]:
            found.remove(other)
            places, members = places | other[0], other[1] + members
        found.append((places, members))
    return [sorted(members, key=datasets_to_ask(settings).index) for _, members in found]


def ingest_dataset(work: Work, dataset: str, client: Client) -> Outcome:
    """Ask the sources of `dataset` for the window of the session, and bring what they answer into the lake.

    Raises SettingsError for unknown sources, LakeError where the lake cannot be written, DatasetUnavailable where not one
    request was answered and each may be another time. What else could not be had is a gap of the outcome, no error.
    """
    with work.run.record_step(f"ingest {dataset}"), work.reporter.time_step(dataset):
        with Ingestion(work.home, work.settings, work.run, work.now, work.reporter) as ingestion:
            fetched = fetch_session(work.home, work.settings, dataset, work.session, client, ingestion.take_payload)
            report = ingestion.finish_ingestion()
    if fetched.account:
        work.reporter.print_line(fetched.account)
    for notes in (fetched.notes, [f"{dataset}: {line}" for line in report.note_lines()]):
        for note in notes[:_NOTES]:
            work.reporter.print_line(note)
        if len(notes) > _NOTES:
            work.reporter.print_line(f"{dataset}: {len(notes) - _NOTES} more notes of this kind")
    outcome = Outcome(
        dataset,
        report.total_rows("accepted"),
        report.total_rows("known"),
        report.total_rows("quarantined"),
        (*map(str, fetched.gaps), *report.gaps),
        fetched.made_good,
        tuple(report.gaps),
    )
    if fetched.is_unreachable:
        raise DatasetUnavailable(outcome)
    return outcome


def new_holes(work: Work) -> list[Hole]:
    """Holes that reach up to the window of this run, which are gaps of it; older pauses are said and no more."""
    found = find_holes(work.home, work.settings, work.session)
    for hole in found:
        # a session or two that no vendor has are in the ledger of sessions
        if not hole.is_new and len(hole.sessions) > _LOST:
            work.reporter.print_line(f"hole: {hole}")
    return [hole for hole in found if hole.is_new]


def lost_market(work: Work, outcomes: Sequence[Outcome]) -> list[str]:
    """A gap where the lake has had the whole market of stocks, is asked for it, and has it not of the session."""
    lost = lost_sessions(work.home, work.settings, work.session)
    datasets = [
        dataset
        for dataset in datasets_to_ask(work.settings)
        for source in plan.sources_for_dataset(dataset, work.settings)
        if plan.is_of_market(source) and plan.missing_key(source) is None
    ]
    if not datasets or not lost or lost[-1] != work.session:
        return []
    reasons = [text for one in outcomes if one.dataset in datasets for text in (*one.made_good, *one.gaps)]
    reason = "; ".join(dict.fromkeys(reasons)) or f"the sources of {', '.join(dict.fromkeys(datasets))} did not give it"
    return [f"equity_bars {work.session}: the whole market of stocks is missing: {reason}"]


def summarise_outcomes(outcomes: Sequence[Outcome]) -> tuple[int, str]:
    """Exit code and one line: 0 where everything came, 3 where something is missing."""
    gaps = sum(len(outcome.gaps) for outcome in outcomes)
    accepted = sum(outcome.accepted for outcome in outcomes)
    known = sum(outcome.known for outcome in outcomes)
    quarantined = sum(outcome.quarantined for outcome in outcomes)
    text = f"{accepted:,} new facts, {known:,} known, {quarantined:,} rows quarantined, {gaps:,} gaps"
    return (3, text) if gaps else (0, text)


def gap_lines(outcomes: Sequence[Outcome]) -> list[str]:
    """What could not be had and was not printed yet, a line each."""
    return [f"gap: {gap}" for outcome in outcomes for gap in outcome.gaps if gap not in outcome.printed]


def report_lines(build_line: str, rows: Sequence[dict[str, Any]]) -> list[str]:
    """What a run says at its end: the build, and the headline of its session."""
    lines = [build_line]
    lines += [
        f"  {row['index_id']:<5} {_format_number(row['close'], ',.2f'):>12} {_format_number(row['return_1d_pct'], '+.2f'):>7} %"
        f"  year to date {_format_number(row['return_ytd_pct'], '+.2f'):>7} %"
        for row in rows
    ]
    return lines


def _format_number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
