"""A dataset from its sources: the first one is asked, the next one for what the first lacks, and the rest is a gap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.fetch import coverage
from flows.fetch.asker import Asker
from flows.fetch.gaps import Gap, neighbouring_sessions, split_into_runs, summarise_errors
from flows.fetch.pool import RequestPool
from flows.ingest.report import Failure
from sources import plan
from sources.base import Adapter, Request
from sources.parsing.finality import margin_option
from sources.payloads import ParsedPayload
from warehouse.errors import BreadthwiseError, NoData, NotFound, TransientSourceError
from warehouse.payloads.store import PayloadStore
from warehouse.settings import Settings

if TYPE_CHECKING:
    from sources.http.client import Client

# Where a fallback would need longer than this at its pace, it is not asked.
PATIENCE_SECONDS = 600.0
_SUBJECTS = {"macro_observations": "series_id", "memberships": "universe", "events": "event_id"}
# Where nothing may have happened, an empty answer is an answer.
_MAY_BE_EMPTY = ("rating_actions", "fundamentals", "macro_observations", "splits", "dividends", "symbol_changes")
_WHOLE_MARKET = ""

Take = Callable[[ParsedPayload], None]


def make_client(home: Path, settings: Settings, clock: Callable[[], datetime]) -> Client:
    """The client of a run: one for all its datasets and threads."""
    from sources.http.client import Client, HttpSettings

    return Client(home, clock, HttpSettings(pace=settings.pace), settings.base_urls)


@dataclass(frozen=True)
class Fetched:
    """What came of asking for a dataset: `gaps` are what nobody gave, `notes` what was left undone or made good, in words,
    `account` who gave how many rows, `requests` how many were made; `made_good` is what a source said whose part another
    one gave: what it carries beside this dataset may be lost all the same."""

    gaps: tuple[Gap, ...]
    notes: tuple[str, ...]
    account: str
    requests: int
    # something is missing, not one request was answered, and each failed for a reason that may pass
    is_unreachable: bool
    made_good: tuple[str, ...] = ()


def fetch_session(home: Path, settings: Settings, dataset: str, session: date, client: Client, take: Take) -> Fetched:
    """What a daily run for `session` asks for: the settings' symbols, and the window that is read again."""
    wanted = plan.sessions_to_request(dataset, session, settings)
    return fetch_dataset(home, settings, dataset, plan.symbols_for_dataset(dataset, settings), wanted, client, take)


def fetch_dataset(
    home: Path,
    settings: Settings,
    dataset: str,
    symbols: Sequence[str],
    sessions: Sequence[date],
    client: Client,
    take: Take,
    adapters: Mapping[str, Adapter] | None = None,
) -> Fetched:
    """Ask for `dataset` of `sessions` (in order), fallback included; `take` is given each payload as it comes.

    `symbols` (series ids, universes) are asked of sources that are asked one by one; those of the whole market need
    none. While `take` is at work only a few more requests are made. Raises SettingsError for unknown sources; LakeError
    where payloads cannot be stored.
    """
    sources = plan.sources_for_dataset(dataset, settings, adapters)
    return _Fetching(home, settings, dataset, list(symbols), list(sessions), sources).fetch_all(client, take)


class _Fetching:
    """One dataset while it is asked for; used once."""

    def __init__(
        self,
        home: Path,
        settings: Settings,
        dataset: str,
        symbols: list[str],
        sessions: list[date],
        sources: list[Adapter],
    ) -> None:
        self.dataset, self.symbols, self.sessions = dataset, symbols, sessions
        self.gaps: list[Gap] = []
        self.notes: list[str] = []
        self.made_good: list[str] = []
        self.requests = 0
        # rows by source, and who was there and had nothing to add
        self.given: dict[str, int] = {}
        self.spared: list[str] = []
        self._home, self._settings, self._sources = home, settings, sources
        self._is_of_bars = dataset in plan.BARS
        self._column = _SUBJECTS.get(dataset, "symbol")
        self._coverage = coverage.Coverage(sessions)
        # (position of the source, request, error), and for each subject the last source that served it
        self._failures: list[tuple[int, Request, BreadthwiseError]] = []
        self._served: dict[str, int] = {}

    def fetch_all(self, client: Client, take: Take) -> Fetched:
        """Ask one source after the other, each for what is missing still; then settle what nobody gave."""
        asked = self._askable_sources() if self.sessions else []
        if asked and self._is_of_bars:
            self._coverage = coverage.stored_coverage(self._home, self.dataset, self.sessions)
        pool = RequestPool(self._home, self._settings.fetch_threads)
        store = PayloadStore(self._home)
        for position, source in enumerate(asked):
            requests = self._repair_requests(source) if position else self._first_requests(source)
            if position and not self._is_within_patience(source, len(requests)):
                continue
            if requests:
                self.given[source.NAME] = 0
            else:
                self.spared.append(source.NAME)
            for answer in pool.ask_all(Asker(source, client, store), map(self._with_options, requests)):
                self.requests += 1
                if isinstance(answer, Failure):
                    self._note_failure(position, answer)
                else:
                    self._note_served(position, answer)
                    self.given[source.NAME] += sum(table.num_rows for table in answer.rows.tables.values())
                    take(answer)
        if asked:
            self._settle_gaps()
        return Fetched(
            tuple(self.gaps),
            tuple(self.notes),
            self._describe_sources(),
            self.requests,
            self._is_unreachable(),
            tuple(self.made_good),
        )

    def _describe_sources(self) -> str:
        """Who gave how many rows, and who was not needed, in words."""
        gave = [f"{rows:,} rows from {name}" for name, rows in self.given.items()]
        if not gave:
            none_named = "no stock is named (`universe` in breadthwise.toml)" if not self.symbols else "nothing is due"
            return f"{self.dataset}: nothing was asked of {', '.join(self.spared)}: {none_named}" if self.spared else ""
        spared = [f"{name} was not needed" for name in self.spared]
        return f"{self.dataset}: {'; '.join([', '.join(gave), *spared])}"

    def _is_unreachable(self) -> bool:
        errors = [error for _, _, error in self._failures]
        may_pass = all(isinstance(one, TransientSourceError) for one in errors)
        return bool(self.gaps and errors) and not self._served and may_pass

    def _askable_sources(self) -> list[Adapter]:
        """The sources whose keys are there; a gap where none is left."""
        asked = [source for source in self._sources if plan.missing_key(source) is None]
        absent = {source.NAME: plan.missing_key(source) for source in self._sources if source not in asked}
        self.notes += [
            f"{self.dataset}: {name} is not asked: {key} is not in the environment" for name, key in absent.items()
        ]
        if absent and not asked and any(self._first_requests(source) for source in self._sources):
            keys = " or ".join(str(key) for key in absent.values())
            self._add_gap(_WHOLE_MARKET, (), "AccessRefused", f"no source can be asked; set {keys} in the environment")
        return asked

    def _first_requests(self, source: Adapter) -> list[Request]:
        known = self._known_subjects()
        groups: dict[tuple[date, date], list[str]] = {}
        for symbol in self.symbols:
            if plan.is_dataset_due(self.dataset, self.sessions[-1], symbol in known):
                groups.setdefault(plan.request_span(self.dataset, self.sessions, symbol in known), []).append(symbol)
        if not self.symbols:
            groups[plan.request_span(self.dataset, self.sessions, True)] = []
        return _distinct_requests(source.requests_for(self.dataset, symbols, *span) for span, symbols in groups.items())

    def _known_subjects(self) -> set[str]:
        if self.dataset != "macro_observations" and self.dataset not in plan.WEEKLY:
            return set()
        return coverage.known_subjects(self._home, self.dataset, self._column)

    def _with_options(self, request: Request) -> Request:
        margin = margin_option(self._settings.close_margin_minutes)
        return replace(request, options={**margin, **request.options})

    def _note_failure(self, position: int, failure: Failure) -> None:
        """What an answer without rows lacks, or says in earnest."""
        if self._is_definite_answer(failure.error):
            self.notes.append(f"{self.dataset}: {failure.error}")
            self._served.setdefault(_request_subject(failure.request), position)
        else:
            self._failures.append((position, failure.request, failure.error))

    def _note_served(self, position: int, payload: ParsedPayload) -> None:
        """What a payload serves."""
        self._served[_request_subject(payload.request)] = position
        if position:
            self._served[_WHOLE_MARKET] = position
        table = payload.rows.tables.get(self.dataset)
        if table is not None and self._is_of_bars:
            self._coverage.add_bar_table(table)
        elif table is not None and self._column in table.column_names:
            for name in set(table[self._column].to_pylist()):
                self._served.setdefault(name, position)

    def _is_definite_answer(self, error: BreadthwiseError) -> bool:
        """Whether it says in earnest that there is nothing: preferreds and funds of a universe file no accounts."""
        is_unknown = isinstance(error, NotFound) and self.dataset == "fundamentals"
        return is_unknown or (isinstance(error, NoData) and self.dataset in _MAY_BE_EMPTY)

    # -- repair: what the first source lacks is asked of the next one

    def _repair_requests(self, source: Adapter) -> list[Request]:
        """Of bars the missing sessions with the one before and after them, else the subjects that failed."""
        dataset = self.dataset
        if not self._is_of_bars:
            lacking = self._lacking_subjects()
            asked = [] if lacking == [_WHOLE_MARKET] else lacking
            span = plan.request_span(dataset, self.sessions, True)
            return source.requests_for(dataset, asked, *span) if lacking else []
        if not self.symbols:
            days = self._coverage.sessions_missing_for_all() if self._failures else []
            return _distinct_requests(
                source.requests_for(dataset, [], *self._with_neighbours(run)) for run in split_into_runs(days)
            )
        holes = (
            (symbol, run) for symbol in self.symbols for run in split_into_runs(self._coverage.missing_sessions(symbol))
        )
        return _distinct_requests(
            source.requests_for(dataset, [symbol], *self._with_neighbours(run)) for symbol, run in holes
        )

    def _with_neighbours(self, days: list[date]) -> tuple[date, date]:
        """A fill is proven by the sessions before and after it; what lies after the newest one has not been yet."""
        first, last = neighbouring_sessions(days)
        return first, min(last, self.sessions[-1])

    def _lacking_subjects(self) -> list[str]:
        failed = {
            _request_subject(request)
            for position, request, _ in self._failures
            if self._is_unresolved(position, request)
        }
        if self.dataset == "macro_observations":
            failed |= {series for series in self.symbols if series not in self._served}
        return sorted(failed)

    def _is_unresolved(self, position: int, request: Request) -> bool:
        """A failure that no later source has made good."""
        return self._served.get(_request_subject(request), -1) <= position

    def _is_within_patience(self, source: Adapter, count: int) -> bool:
        paces = [self._settings.pace.get(host, source.PACE) for host in source.HOSTS]
        seconds = count / min(paces, default=source.PACE)
        if seconds > PATIENCE_SECONDS:
            note = f"{source.NAME} is not asked: {count} requests take {seconds / 60:.0f} minutes at its pace"
            self.notes.append(f"{self.dataset}: {note}")
        return seconds <= PATIENCE_SECONDS

    # -- gaps: what nobody gave

    def _settle_gaps(self) -> None:
        if not self._is_of_bars:
            self._settle_subjects()
        elif self.symbols:
            for symbol in self.symbols:
                days = tuple(self._coverage.missing_sessions(symbol))
                errors = [error for _, request, error in self._failures if _request_subject(request) in (symbol, "")]
                asked = ", ".join(source.NAME for source in self._sources if plan.missing_key(source) is None)
                nothing = "NoData", f"no final bar from {asked}; the next run asks again"
                if days:
                    self._add_gap(symbol, days, *(summarise_errors(errors) if errors else nothing))
                elif errors:
                    self._note_made_good(symbol, errors[0])
        elif self._failures:
            errors = [error for _, _, error in self._failures]
            asked_days = {request.session for _, request, _ in self._failures}
            days = tuple(d for d in self._coverage.sessions_missing_for_all() if d in asked_days or None in asked_days)
            if days or None in asked_days:
                self._add_gap(_WHOLE_MARKET, days, *summarise_errors(errors))

    def _settle_subjects(self) -> None:
        grouped: dict[str, list[BreadthwiseError]] = {}
        for position, request, error in self._failures:
            if self._is_unresolved(position, request):
                grouped.setdefault(_request_subject(request), []).append(error)
            else:
                self._note_made_good(_request_subject(request), error)
        for subject, errors in grouped.items():
            self._add_gap(subject, (self.sessions[-1],), *summarise_errors(errors))

    def _note_made_good(self, subject: str, error: BreadthwiseError) -> None:
        of = f"{self.dataset} {subject}".strip()
        self.notes.append(f"{of}: another source has what {error}")
        self.made_good.append(f"{type(error).__name__}: {error}")

    def _add_gap(self, subject: str, days: tuple[date, ...], error: str, message: str) -> None:
        source = self._sources[0].NAME if self._sources else ""
        self.gaps.append(Gap(self.dataset, source, subject, days, error, message))


def _request_subject(request: Request) -> str:
    return request.symbol or request.series or _WHOLE_MARKET


def _distinct_requests(found: Iterable[list[Request]]) -> list[Request]:
    """Each request once: a source of the whole market is asked the same for every symbol."""
    seen: dict[tuple[Any, ...], Request] = {}
    for request in (one for many in found for one in many):
        seen.setdefault((request.symbol, request.series, request.session, request.start, request.end), request)
    return list(seen.values())
