"""Stored payloads parsed again after the fix of a parser, with no network: what they say now and did not say before.

A replay never lets an old answer override a newer one. Of all stored payloads that hold a key the newest one counts, and
only where no newer fact of another payload stands: then its row, where it differs, is a fact known since the replay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from flows.console.context import Reporter
from flows.fetch.stale import StaleGuard
from flows.ingest.ingest import ingest_payloads
from flows.ingest.report import IngestReport
from flows.replay.diff import Rows
from flows.replay.kept import Kept
from flows.replay.undone import undone_payloads
from sources import catalog, payloads
from sources.base import Parsed, Request
from sources.payloads import ParsedPayload, request_from_record
from sources.providers import files
from warehouse.errors import FormatError, LakeError, NoData, NotFound, SourceError, StaleAnswer, UsageError
from warehouse.payloads.store import PayloadStore
from warehouse.runs.journal import Run
from warehouse.settings import Settings


@dataclass(frozen=True)
class Wanted:
    """Which payloads: of one source, with rows of one dataset, fetched at or after `since`. All by default."""

    source: str = ""
    dataset: str = ""
    since: datetime | None = None


@dataclass
class Replayed:
    """What a replay found. `changed` and `new` count by dataset the rows that differ from the lake or are not in it,
    before they are checked; `silent` those payloads that say nothing (an empty or a stale answer), `damaged` those whose bytes
    or request the disk has lost."""

    payloads: int = 0
    rows: int = 0
    silent: int = 0
    damaged: int = 0
    changed: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)
    report: IngestReport = field(default_factory=IngestReport)

    @property
    def gaps(self) -> list[str]:
        return [*self.unreadable, *self.report.gaps]

    @property
    def exit_code(self) -> int:
        return 3 if self.gaps else 0


@dataclass(frozen=True)
class _Stored:
    """A payload, and one of the requests that it answered."""

    digest: str
    request: Request


class Replay:
    """One replay; see `run`."""

    def __init__(self, home: Path, settings: Settings, wanted: Wanted, now: datetime, reporter: Reporter) -> None:
        self.home, self.settings, self.wanted, self.now, self.reporter = home, settings, wanted, now, reporter
        self.found = Replayed()
        self._store = PayloadStore(home)
        self._guard = StaleGuard(home)
        self._refused: dict[int, Counter[str]] = {}
        self._undone = undone_payloads(home)

    def replay_payloads(self, run: Run | None) -> Replayed:
        """Parse what is wanted again and commit what it says otherwise, known since `now`; with None only count.

        Every row that is parsed is accounted for in `run`. Raises UsageError where nothing is wanted, LakeError where
        the store or the lake cannot be read or written.
        """
        stored = list(self._stored_payloads())
        if not stored and not self.found.damaged:
            raise UsageError(self._nothing_to_replay())
        count = len(stored) + self.found.damaged
        with Rows(self.home, self.settings.memory_limit) as rows, Kept(rows.folder / "parsed") as kept:
            for place, one in enumerate(stored):
                self.reporter.show_progress(f"parse {one.request.source}", place, len(stored))
                parsed = self._parse_payload(one)
                if parsed is not None and one.digest in self._undone:
                    self._leave_out(run, one, parsed)
                elif parsed is not None:
                    self._add_payload(rows, place, parsed)
                    if run is not None:
                        kept.add(place, parsed.rows)
            self.found.payloads = count
            self.found.changed, self.found.new = rows.compare_with_lake()
            if run is not None:
                self._commit_changes(run, rows, stored, kept)
        return self.found

    def _nothing_to_replay(self) -> str:
        """What was asked for, and what there is."""
        sources = {
            request["source"]
            for digest in self._store.payload_digests()
            for request in self._store.requests_for_payload(digest)
        }
        wanted = self.wanted
        if not sources:
            return f"no payload is stored under {self.home / 'raw'}; a run or an import stores them"
        if wanted.source and wanted.source not in sources:
            return f"no payload of a source {wanted.source!r} is stored; there are {', '.join(sorted(sources))}"
        since = f", fetched since {wanted.since:%Y-%m-%d %H:%M}" if wanted.since else ""
        return f"no payload of source {wanted.source or 'any'}{since} is stored; give an earlier --since"

    def _stored_payloads(self) -> Iterator[_Stored]:
        for digest in self._store.payload_digests():
            requests = self._requests_for_payload(digest)
            for request in sorted(requests, key=lambda one: one.fetched_at):
                if self._is_wanted(request):
                    yield _Stored(digest, request)

    def _requests_for_payload(self, digest: str) -> list[Request]:
        """What was asked for it. One that is damaged gives none, and is named: of which source it came nobody can tell."""
        try:
            found = [request_from_record(record) for record in self._store.requests_for_payload(digest)]
            if not found:
                self._store.get_payload(digest)  # else its writer was killed before it wrote down the request
            return found
        except LakeError as error:
            self._name_damaged(error)
        except (KeyError, TypeError, ValueError) as error:
            text = f"what is kept with payload {digest} is damaged ({error!r}); restore it from a backup of the home"
            self._name_damaged(LakeError(text))
        return []

    def _name_damaged(self, error: LakeError) -> None:
        self.found.damaged += 1
        self.found.unreadable.append(str(error))

    def _is_wanted(self, request: Request) -> bool:
        wanted = self.wanted
        is_since = wanted.since is None or request.fetched_at >= wanted.since
        return is_since and wanted.source in ("", request.source)

    def _add_payload(self, rows: Rows, place: int, payload: ParsedPayload) -> None:
        tables, rejected = payload.rows.tables, payload.rows.rejected
        rows.add_payload(place, payload.digest, payload.request, tables)
        self.found.rows += sum(table.num_rows for table in tables.values()) + len(rejected)
        self._refused[place] = Counter(one.dataset for one in rejected)

    def _leave_out(self, run: Run | None, one: _Stored, payload: ParsedPayload) -> None:
        """A payload of an import that is taken back: its rows stay what they are, and are named."""
        request, run_id = one.request, self._undone[one.digest]
        refused = Counter(rejected.dataset for rejected in payload.rows.rejected)
        accepted = Counter({name: table.num_rows for name, table in payload.rows.tables.items()})
        self.found.rows += refused.total() + accepted.total()
        for dataset in sorted(refused.keys() | accepted.keys()):
            good, bad = accepted[dataset], refused[dataset]
            why = f"import {run_id} is taken back"
            self.reporter.print_line(
                f"{dataset}: {good + bad:,} rows of {request.options.get('file') or request.source} left out: {why}"
            )
            if run is not None:
                message = f"replayed: left out, {why}"
                run.record_batch(
                    dataset,
                    request.source,
                    one.digest,
                    fetched=good + bad,
                    known=good,
                    quarantined=bad,
                    message=message,
                )

    def _parse_payload(self, one: _Stored) -> ParsedPayload | None:
        """What today's parser makes of it, known since now; None where it gives no rows, which is counted."""
        found = self.found
        try:
            parser = files.parse if "format" in one.request.options else catalog.find_parser(one.request.source).parse
            payload = payloads.kept_payload(self._store, one.digest, one.request)
        except LakeError as error:
            self._name_damaged(error)
            return None
        except UsageError as error:
            found.unreadable.append(_unreadable_line(one, error))
            return None
        try:
            parsed = payloads.parse_payload(payload, self._parser_of_wanted(parser), known_at=self.now)
            self._guard.check_staleness(parsed.rows, one.request)
        except (NoData, NotFound, StaleAnswer):
            found.silent += 1
            return None
        except (SourceError, FormatError, UsageError) as error:
            found.unreadable.append(_unreadable_line(one, error))
            return None
        return parsed

    def _parser_of_wanted(self, parser: payloads.Parser) -> payloads.Parser:
        name = self.wanted.dataset

        def parse(body: bytes, request: Request) -> Parsed:
            rows = parser(body, request)
            if not name:
                return rows
            kept = {dataset: table for dataset, table in rows.tables.items() if dataset == name}
            return replace(rows, tables=kept, rejected=[one for one in rows.rejected if one.dataset == name])

        return parse

    def _commit_changes(self, run: Run, rows: Rows, stored: list[_Stored], kept: Kept) -> None:
        news = rows.changed_payloads()
        self._account_for_unchanged(run, rows, stored, self._refused.keys() - set(news))
        for places in _batch_rounds(news, stored):
            rows.begin_batch(places)
            chosen = (
                ParsedPayload(stored[place].request, stored[place].digest, kept.get(place), self.now)
                for place in places
            )
            report = ingest_payloads(
                self.home, self.settings, run, chosen, self.now, self.reporter, select=rows.select_changed
            )
            self.found.report.accounts += report.accounts
            self.found.report.failures += report.failures
            self.found.report.stopped += report.stopped
            self.found.report.taken_in_part += report.taken_in_part
            self.found.report.disputes += report.disputes
            self.found.report.warnings += report.warnings

    def _account_for_unchanged(self, run: Run, rows: Rows, stored: list[_Stored], places: set[int]) -> None:
        """Payloads that say what is known: their rows were accepted or refused when they came."""
        known: Counter[tuple[str, str]] = Counter()
        refused: Counter[tuple[str, str]] = Counter()
        for (place, dataset), count in rows.count_rows(places).items():
            known[dataset, stored[place].request.source] += count
        for place in places:
            for dataset, count in self._refused[place].items():
                refused[dataset, stored[place].request.source] += count
        for dataset, source in sorted(known.keys() | refused.keys()):
            good, bad = known[dataset, source], refused[dataset, source]
            run.record_batch(
                dataset, source, fetched=good + bad, known=good, quarantined=bad, message="replayed: nothing new"
            )


def _unreadable_line(one: _Stored, error: Exception) -> str:
    return f"{one.request.dataset}: {one.request.source}: payload {one.digest[:12]}: {error}"


def _batch_rounds(places: list[int], stored: list[_Stored]) -> Iterator[list[int]]:
    """One payload that answered two requests is taken once a round: a batch could not tell its rows apart."""
    left = places
    while left:
        taken: dict[str, int] = {}
        for place in left:
            taken.setdefault(stored[place].digest, place)
        yield sorted(taken.values())
        left = [place for place in left if place not in set(taken.values())]
