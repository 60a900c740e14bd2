"""From payloads to facts: store the bytes, parse, check, hold against Great Expectations, commit, account.

Small payloads are checked and committed together; a batch is committed wholly or not at all, and what one
payload does wrong touches no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from expectations import split, suite
from expectations.check import Checked, PayloadFacts, check, unreadable_rows
from expectations.frames import chunks
from flows.accounting import Account, Failure, IngestReport
from flows.context import Reporter
from sources.base import Parsed, Request
from warehouse.contracts import Contract
from warehouse.datasets import CONTRACTS
from warehouse.errors import FormatError, LakeError, SourceError, UsageError
from warehouse.journal import Run
from warehouse.lake import Committed, Lake
from warehouse.payloads import PayloadStore
from warehouse.quarantine import QUARANTINE_SCHEMA
from warehouse.settings import Settings

GROUP_PAYLOADS = 64
GROUP_ROWS = 500_000
BATCH_ROWS = 2_000_000
Hook = Callable[[Parsed], Parsed | None]


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
    """A payload, what was asked, and how it is parsed."""

    payload: bytes | Path
    request: Request
    parse: Callable[[bytes, Request], Parsed | Iterable[Parsed]]


def ingest(
    home: Path,
    settings: Settings,
    run: Run,
    items: Iterable[Ingestible | Failure],
    now: datetime,
    reporter: Reporter,
    before_check: Hook | None = None,
) -> IngestReport:
    """Bring `items` into the lake of `home` and account for every row in the journal's `run`.

    An item that is a Failure (it could not be fetched) or is not what its format says (FormatError, SourceError) is
    reported and the others go on. `before_check` sees what was parsed and may change it, or set the item aside by
    None. Rows are known from their request's `fetched_at`; `now` dates the quarantine. Raises LakeError where the
    lake cannot be written, ExpectationError where two readings of one rule disagree.
    """
    con = split.connect(settings.memory_limit)
    try:
        ingestion = _Ingestion(home, settings, run, now, reporter, con)
        for item in items:
            if isinstance(item, Failure):
                ingestion.fail(item)
            else:
                ingestion.take(item, before_check)
        ingestion.flush()
        return ingestion.report
    finally:
        con.close()


@dataclass
class _Group:
    """Payloads that are committed together: by dataset the tables and what is known of their payloads."""

    tables: dict[str, list[pa.Table]] = field(default_factory=dict)
    facts: dict[str, dict[str, PayloadFacts]] = field(default_factory=dict)
    sources: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: list[pa.Table] = field(default_factory=list)
    digests: set[str] = field(default_factory=set)
    rows: int = 0

    @property
    def is_full(self) -> bool:
        return self.rows >= GROUP_ROWS or len(self.digests) >= GROUP_PAYLOADS


@dataclass
class _Ingestion:
    home: Path
    settings: Settings
    run: Run
    now: datetime
    reporter: Reporter
    con: duckdb.DuckDBPyConnection
    report: IngestReport = field(default_factory=IngestReport)
    group: _Group = field(default_factory=_Group)

    def fail(self, failure: Failure) -> None:
        self.report.failures.append(failure)
        self.run.batch(failure.request.dataset, failure.request.source, message=f"{failure.name}: {failure.error}")
        self.reporter.line(f"gap: {failure}")

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
            parts = list(_parts(item.parse(body, request)))
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
                told = [(one.dataset, one.text, one.reason) for one in part.rejected]
                group.refused.append(unreadable_rows(told, digest, request.source, self.run.run_id, self.now))
            for dataset, table in part.tables.items():
                group.tables.setdefault(dataset, []).append(
                    _with_provenance(CONTRACTS[dataset], table, digest, request)
                )
                group.rows += table.num_rows
        for dataset in {*unreadable, *(name for part in parts for name in part.tables)}:
            tables = [part.tables[dataset] for part in parts if dataset in part.tables]
            facts = PayloadFacts(
                until=request.end or request.session,
                rows_before=self._rows_before(CONTRACTS[dataset], request, tables),
                unreadable=unreadable.get(dataset, 0),
                holes=holes.get(dataset, 0),
            )
            group.facts.setdefault(dataset, {})[digest] = facts
            group.sources.setdefault(dataset, {})[digest] = _source_of(tables, request)

    def _rows_before(self, contract: Contract, request: Request, tables: list[pa.Table]) -> int | None:
        """How many rows the lake holds of the session before, where the payload is a whole market's one session."""
        if contract.count_change_limit is None or request.symbol is not None or not tables:
            return None
        days = pc.unique(
            pa.chunked_array([chunk for t in tables for chunk in t[contract.year_column].chunks], pa.date32())
        )
        if len(days) != 1 or days[0].as_py() is None:
            return None
        lake = Lake(self.home)
        day, series = contract.year_column, ("source", "basis")
        values = [tables[0][name][0].as_py() for name in series]
        query = f"""select count(*) from ({lake.current_sql(contract.name, lake.manifest())})
            where {day} < ? and source = ? and basis = ? group by {day} order by {day} desc limit 1"""
        # read to its end: a result that is not blocks the connection
        found = self.con.execute(query, [days[0].as_py(), *values]).fetchall()
        return int(found[0][0]) if found else None

    def flush(self) -> None:
        """Check, validate and commit what was gathered."""
        group, self.group = self.group, _Group()
        names = sorted({*group.tables, *group.facts})
        merged = {name: _merged(CONTRACTS[name], group.tables.pop(name, [])) for name in names}
        refused = group.refused
        for tables in _pieces(merged):
            self._commit(tables, group, refused)
            refused = []

    def _commit(self, tables: Mapping[str, pa.Table], group: _Group, refused: list[pa.Table]) -> None:
        checks = {name: self._checked(CONTRACTS[name], table, group) for name, table in tables.items()}
        accepted = {name: one.accepted for name, one in checks.items() if one.accepted.num_rows}
        rows = pa.concat_tables([QUARANTINE_SCHEMA.empty_table(), *refused, *(one.refused for one in checks.values())])
        committed = Lake(self.home).commit(self.run.run_id, accepted, rows if rows.num_rows else None)
        for name, checked in checks.items():
            self._account(name, checked, committed, group)

    def _checked(self, contract: Contract, table: pa.Table, group: _Group) -> Checked:
        facts = group.facts[contract.name]
        # counted with the first piece of a large payload only
        group.facts[contract.name] = {digest: replace(fact, unreadable=0, holes=0) for digest, fact in facts.items()}
        checked = check(
            contract,
            table,
            run_id=self.run.run_id,
            at=self.now,
            facts=facts,
            refused_share_limit=self.settings.refused_share_limit.get(contract.name),
            connection=self.con,
        )
        suite.validate(contract, table, checked)
        return checked

    def _account(self, dataset: str, checked: Checked, committed: Committed, group: _Group) -> None:
        counts = checked.counts.values()
        digests = group.sources[dataset]
        sources = sorted(set(digests.values()))
        account = Account(
            dataset=dataset,
            source=", ".join(sources) if len(sources) <= 3 else f"{len(sources)} sources",
            payload_sha256=next(iter(digests)) if len(digests) == 1 else "",
            fetched=sum(one.fetched for one in counts),
            accepted=committed.written.get(dataset, 0),
            known=committed.known.get(dataset, 0) + sum(one.repeated for one in counts),
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
            self.reporter.line(f"gap: {stop}")

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


def withdraw(run: Run, home: Path, dataset: str, keys: pa.Table, payload_sha256: str, known_at: datetime) -> Committed:
    """Take rows back: commit a tombstone for each key of `keys` (the contract's key columns), known at `known_at` from
    the stored payload that said so. Raises UsageError for an unknown dataset or missing key columns."""
    if dataset not in CONTRACTS:
        raise UsageError(f"no dataset is called {dataset!r}; known are {', '.join(sorted(CONTRACTS))}")
    contract = CONTRACTS[dataset]
    missing = [name for name in contract.key if name not in keys.column_names]
    if missing:
        raise UsageError(f"{dataset}: a withdrawal names the whole key; {', '.join(missing)} is missing")
    given = {
        **{name: keys[name] for name in contract.key},
        "payload_sha256": pa.repeat(payload_sha256, keys.num_rows),
        "known_at": pa.repeat(pa.scalar(known_at, pa.timestamp("us", tz="UTC")), keys.num_rows),
        "is_withdrawn": pa.repeat(True, keys.num_rows),
    }
    columns = [given.get(f.name, pa.nulls(keys.num_rows, f.type)) for f in contract.lake_schema]
    tombstones = pa.table(columns, names=contract.lake_schema.names).cast(contract.lake_schema)
    committed = Lake(home).commit(run.run_id, {dataset: tombstones})
    written, known = committed.written[dataset], committed.known[dataset]
    run.batch(dataset, "", payload_sha256, fetched=keys.num_rows, accepted=written, known=known, message="withdrawn")
    return committed


def _parts(parsed: Parsed | Iterable[Parsed]) -> Iterator[Parsed]:
    if isinstance(parsed, Parsed):
        yield parsed
    else:
        yield from parsed


def _with_provenance(contract: Contract, table: pa.Table, digest: str, request: Request) -> pa.Table:
    if table.schema != contract.row_schema:
        raise LakeError(f"{contract.name}: the parser of {request.source} gave the columns {table.schema.names}")
    rows = table.num_rows
    return pa.table(
        [
            *table.columns,
            pa.repeat(digest, rows),
            pa.repeat(pa.scalar(request.fetched_at, pa.timestamp("us", tz="UTC")), rows),
            pa.repeat(False, rows),
        ],
        schema=contract.lake_schema,
    )


def _source_of(tables: list[pa.Table], request: Request) -> str:
    for table in tables:
        if table.num_rows:
            return str(table["source"][0].as_py())
    return request.source


def _merged(contract: Contract, tables: list[pa.Table]) -> pa.Table:
    return pa.concat_tables([contract.lake_schema.empty_table(), *tables])


def _pieces(tables: dict[str, pa.Table]) -> Iterator[dict[str, pa.Table]]:
    """The tables in parts of at most about BATCH_ROWS; nearly always one. Rows of one key stay in one part."""
    if sum(table.num_rows for table in tables.values()) <= BATCH_ROWS:
        yield tables
        return
    for name, table in tables.items():
        whole = pa.array(range(table.num_rows)).to_numpy()
        for rows in chunks(CONTRACTS[name], table, whole, BATCH_ROWS):
            yield {name: table.take(pa.array(rows))}
