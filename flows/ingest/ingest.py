"""From payloads to facts: store the bytes, parse, check, hold against Great Expectations, commit, account.

Small payloads are checked and committed together; a batch is committed wholly or not at all, and what one
payload does wrong touches no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from expectations import docs, split, suite
from expectations.check import Checked, PayloadFacts, check, unreadable_rows
from flows.console.context import Reporter
from flows.ingest import batch
from flows.ingest.batch import Group
from flows.ingest.report import Account, Failure, IngestReport
from flows.ingest.withdrawn import without_withdrawn
from sources.base import Parsed, Request
from warehouse.contracts.contract import Contract
from warehouse.contracts.datasets import CONTRACTS
from warehouse.errors import FormatError, SourceError
from warehouse.lake.lake import Committed, Lake
from warehouse.lake.quarantine import QUARANTINE_SCHEMA
from warehouse.payloads.store import PayloadStore
from warehouse.runs.journal import Run
from warehouse.settings import Settings

Hook = Callable[[Parsed], Parsed | None]
# Dataset and accepted rows (lake_schema) to those that are committed; the others count as known.
Select = Callable[[str, pa.Table], pa.Table]


class Ingestible(Protocol):
    """What can be ingested: `payload` may raise FormatError; `parse` gives all rows at once or in parts."""

    @property
    def payload(self) -> bytes | Path: ...

    @property
    def request(self) -> Request: ...

    @property
    def parse(self) -> Callable[[bytes, Request], Parsed | Iterable[Parsed]]: ...


@dataclass(frozen=True)
class Item:
    """A payload, what was asked, and how it is parsed. `known_at` says that its rows are known only since then."""

    payload: bytes | Path
    request: Request
    parse: Callable[[bytes, Request], Parsed | Iterable[Parsed]]
    known_at: datetime | None = None


def ingest(
    home: Path,
    settings: Settings,
    run: Run,
    items: Iterable[Ingestible | Failure],
    now: datetime,
    reporter: Reporter,
    before_check: Hook | None = None,
    select: Select | None = None,
) -> IngestReport:
    """Bring `items` into the lake of `home` and account for every row in the journal's `run`.

    An item that is a Failure (it could not be fetched) or is not what its format says (FormatError, SourceError) is
    reported and the others go on. `before_check` sees what was parsed and may change it, or set the item aside by
    None. `select` leaves out accepted rows that say nothing new. Rows are known from their request's `fetched_at`; `now`
    dates the quarantine. Rows on which the two readings of a rule disagree are quarantined with both verdicts, and the
    report names the rule. Raises LakeError where the lake cannot be written.
    """
    con = split.connect(settings.memory_limit)
    try:
        ingestion = _Ingestion(home, settings, run, now, reporter, con, select)
        for item in items:
            if isinstance(item, Failure):
                ingestion.fail(item)
            else:
                ingestion.take(item, before_check)
        ingestion.flush()
        docs.write(home, run.run_id, now, ingestion.report.validated)
        return ingestion.report
    finally:
        con.close()


@dataclass
class _Ingestion:
    home: Path
    settings: Settings
    run: Run
    now: datetime
    reporter: Reporter
    con: duckdb.DuckDBPyConnection
    select: Select | None = None
    report: IngestReport = field(default_factory=IngestReport)
    group: Group = field(default_factory=Group)

    def fail(self, failure: Failure) -> None:
        self.report.failures.append(failure)
        self.run.batch(failure.request.dataset, failure.request.source, message=failure.message)
        self.reporter.problem(f"gap: {failure}")

    def take(self, item: Ingestible, before_check: Hook | None) -> None:
        request = item.request
        try:
            payload = item.payload
            body = payload.read_bytes() if isinstance(payload, Path) else payload
        except OSError as error:
            return self.fail(Failure(request, FormatError(f"cannot be read: {error.strerror or error}")))
        except FormatError as error:
            return self.fail(Failure(request, error))
        digest = sha256(body).hexdigest()
        try:
            parts = list(batch.parts(item.parse(body, request)))
        except FormatError as error:
            return self.fail(Failure(request, error))
        except SourceError as error:
            self._store(body, request)  # a mended parser may read it one day
            return self.fail(Failure(request, error))
        kept = parts if before_check is None else [part for part in map(before_check, parts) if part is not None]
        self._store(body, request)
        del body
        if len(kept) < len(parts):
            return self._leave_out(request, digest, parts)
        if digest in self.group.digests:
            self.flush()  # the same bytes at two instants: two facts a key, which one batch could not tell from a clash
        if isinstance(item, Item) and item.known_at is not None:
            request = replace(request, fetched_at=item.known_at)
        self._gather(request, digest, kept)
        if self.group.is_full:
            self.flush()

    def _store(self, body: bytes, request: Request) -> None:
        PayloadStore(self.home).put(body, asdict(request))

    def _leave_out(self, request: Request, digest: str, parts: list[Parsed]) -> None:
        """Set aside by the hook: its rows say nothing that is not known."""
        for dataset in sorted({name for part in parts for name in part.tables}):
            rows = sum(part.tables[dataset].num_rows for part in parts if dataset in part.tables)
            account = Account(dataset, request.source, digest, rows, 0, rows, 0, message="left out: no new answer")
            self._enter(account)
        name = Failure(request, FormatError("")).name
        self.report.left_out.append(name)
        self.reporter.line(f"{request.dataset}: {name}: left out, the answer is no new one")

    def _gather(self, request: Request, digest: str, parts: list[Parsed]) -> None:
        group = self.group
        group.digests.add(digest)
        unreadable: dict[str, int] = {}
        holes: dict[str, int] = {}
        for part in parts:
            self.report.notes.update(part.notes)
            for rejected in part.rejected:
                unreadable[rejected.dataset] = unreadable.get(rejected.dataset, 0) + 1
                holes[rejected.dataset] = holes.get(rejected.dataset, 0) + rejected.is_hole
            if part.rejected:
                rejected_rows = [(one.dataset, one.text, one.reason) for one in part.rejected]
                group.refused.append(unreadable_rows(rejected_rows, digest, request.source, self.run.run_id, self.now))
            for dataset, table in part.tables.items():
                group.tables.setdefault(dataset, []).append(
                    batch.with_provenance(CONTRACTS[dataset], table, digest, request)
                )
                group.rows += table.num_rows
        for dataset in {*unreadable, *(name for part in parts for name in part.tables)}:
            tables = [part.tables[dataset] for part in parts if dataset in part.tables]
            facts = PayloadFacts(
                until=request.end or request.session,
                rows_before=batch.rows_before(self.con, self.home, CONTRACTS[dataset], request, tables),
                unreadable=unreadable.get(dataset, 0),
                holes=holes.get(dataset, 0),
            )
            group.facts.setdefault(dataset, {})[digest] = facts
            group.sources.setdefault(dataset, {})[digest] = batch.source_of(tables, request)

    def flush(self) -> None:
        """Check, validate and commit what was gathered."""
        group, self.group = self.group, Group()
        names = sorted({*group.tables, *group.facts})
        merged = {name: batch.merged(CONTRACTS[name], group.tables.pop(name, [])) for name in names}
        refused = group.refused
        for tables in batch.pieces(merged):
            self._commit(tables, group, refused)
            refused = []

    def _commit(self, tables: Mapping[str, pa.Table], group: Group, refused: list[pa.Table]) -> None:
        checks = {name: self._checked(CONTRACTS[name], table, group) for name, table in tables.items()}
        chosen = {
            name: self.select(name, one.accepted) if self.select else one.accepted for name, one in checks.items()
        }
        for name, table in chosen.items():
            chosen[name], lines = without_withdrawn(self.home, name, table)
            for line in lines:
                self.reporter.line(line)
        accepted = {name: table for name, table in chosen.items() if table.num_rows}
        rows = pa.concat_tables([QUARANTINE_SCHEMA.empty_table(), *refused, *(one.refused for one in checks.values())])
        committed = Lake(self.home).commit(self.run.run_id, accepted, rows if rows.num_rows else None)
        for name, checked in checks.items():
            self._account(name, checked, committed, group, checked.accepted.num_rows - chosen[name].num_rows)

    def _checked(self, contract: Contract, table: pa.Table, group: Group) -> Checked:
        facts = group.facts[contract.name]
        # counted with the first piece of a large payload only
        group.facts[contract.name] = {digest: replace(fact, unreadable=0, holes=0) for digest, fact in facts.items()}
        checking = partial(
            check,
            contract,
            table,
            run_id=self.run.run_id,
            at=self.now,
            facts=facts,
            refused_share_limit=self.settings.refused_share_limit.get(contract.name),
            connection=self.con,
        )
        checked = checking()
        validated = suite.validate(contract, table, checked)
        self.report.validated.append(validated)
        if validated.disputes:
            checked = checking(disputes=validated.disputes)
            self.report.disputes += validated.disputes
            for dispute in validated.disputes:
                self.reporter.problem(f"gap: {dispute}")
        return checked

    def _account(self, dataset: str, checked: Checked, committed: Committed, group: Group, left_out: int) -> None:
        counts = checked.counts.values()
        digests = group.sources[dataset]
        sources = sorted(set(digests.values()))
        account = Account(
            dataset=dataset,
            source=", ".join(sources) if len(sources) <= 3 else f"{len(sources)} sources",
            payload_sha256=next(iter(digests)) if len(digests) == 1 else "",
            fetched=sum(one.fetched for one in counts),
            accepted=committed.written.get(dataset, 0),
            known=committed.known.get(dataset, 0) + sum(one.repeated for one in counts) + left_out,
            quarantined=sum(one.refused + one.held_back for one in counts),
            warnings=sum(finding.count for finding in checked.warnings),
            message="; ".join(
                [*([f"{len(digests)} payloads"] if len(digests) > 1 else []), *(str(stop) for stop in checked.stopped)]
            ),
        )
        self._enter(account)
        self.report.stopped += checked.stopped
        self.report.warnings += checked.warnings
        for stop in checked.stopped:
            self.reporter.problem(f"gap: {stop}")

    def _enter(self, account: Account) -> None:
        """Journal the account; the journal refuses one that does not balance."""
        self.run.batch(
            account.dataset,
            account.source,
            account.payload_sha256,
            fetched=account.fetched,
            accepted=account.accepted,
            known=account.known,
            quarantined=account.quarantined,
            warnings=account.warnings,
            message=account.message,
        )
        self.report.accounts.append(account)
