"""From parsed payloads to facts: check, hold against Great Expectations, commit, account.

Small payloads are checked and committed together; a batch is committed wholly or not at all, and what one
payload does wrong touches no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pyarrow as pa

from expectations import docs, split, suite
from expectations.check import Checked, PayloadFacts, check_table, unreadable_rows
from expectations.misdated import count_open_saturdays
from flows.console.context import Reporter
from flows.ingest import batch
from flows.ingest.batch import Given, Group
from flows.ingest.report import Account, Failure, IngestReport
from flows.ingest.withdrawn import drop_withdrawn_rows
from sources.payloads import ParsedPayload
from warehouse.contracts.contract import Contract
from warehouse.contracts.datasets import CONTRACTS
from warehouse.lake.lake import Committed, Lake
from warehouse.lake.quarantine import QUARANTINE_SCHEMA
from warehouse.runs.journal import Run
from warehouse.settings import Settings

# Dataset and accepted rows (lake_schema) to those that are committed; the others count as known.
Select = Callable[[str, pa.Table], pa.Table]


def ingest_payloads(
    home: Path,
    settings: Settings,
    run: Run,
    payloads: Iterable[ParsedPayload | Failure],
    now: datetime,
    reporter: Reporter,
    select: Select | None = None,
) -> IngestReport:
    """Bring `payloads` into the lake of `home` as they come; see Ingestion."""
    with Ingestion(home, settings, run, now, reporter, select) as ingestion:
        for payload in payloads:
            ingestion.take_payload(payload)
        return ingestion.finish_ingestion()


class Ingestion:
    """A context manager: `take` each payload, then `finish`. Every row is accounted for in the journal's `run`.

    A Failure (it could not be had, or is not what its format says) is reported and the others go on. `select` leaves out
    accepted rows that say nothing new. `now` dates the quarantine. Rows on which the two readings of a rule disagree are
    quarantined with both verdicts, and the report names the rule. Raises LakeError where the lake cannot be written.
    """

    def __init__(
        self,
        home: Path,
        settings: Settings,
        run: Run,
        now: datetime,
        reporter: Reporter,
        select: Select | None = None,
    ) -> None:
        self.home, self.settings, self.run, self.now, self.reporter = home, settings, run, now, reporter
        self.select = select
        self.report = IngestReport()
        self.group = Group()
        self.con = split.connect_with_sessions(settings.memory_limit)

    def __enter__(self) -> Ingestion:
        return self

    def __exit__(self, *_: object) -> None:
        self.con.close()

    def take_payload(self, payload: ParsedPayload | Failure) -> None:
        """Gather a payload; a full batch is committed at once."""
        if isinstance(payload, Failure):
            return self._note_failure(payload)
        if payload.digest in self.group.digests:
            # the same bytes at two instants: two facts a key, which one batch could not tell from a clash
            self._commit_gathered()
        self._gather_payload(payload)
        if self.group.is_full:
            self._commit_gathered()

    def finish_ingestion(self) -> IngestReport:
        """Commit the rest; what became of all rows."""
        self._commit_gathered()
        docs.write_validation_pages(self.home, self.run.run_id, self.now, self.report.validated)
        return self.report

    def _note_failure(self, failure: Failure) -> None:
        self.report.failures.append(failure)
        self.run.record_batch(failure.request.dataset, failure.request.source, message=failure.message)
        self.reporter.print_problem(f"gap: {failure}")

    def _gather_payload(self, payload: ParsedPayload) -> None:
        group, request, digest, rows = self.group, payload.request, payload.digest, payload.rows
        group.digests.add(digest)
        self.report.notes.update(rows.notes)
        if rows.rejected:
            rejected = [(one.dataset, one.text, one.reason) for one in rows.rejected]
            group.refused.append(unreadable_rows(rejected, digest, request.source, self.run.run_id, self.now))
        for dataset, table in rows.tables.items():
            group.tables.setdefault(dataset, []).append(Given(table, digest, payload.known_at))
            group.rows += table.num_rows
        for dataset in {*rows.tables, *(one.dataset for one in rows.rejected)}:
            unreadable = [one for one in rows.rejected if one.dataset == dataset]
            source = batch.source_of_batch(rows.tables.get(dataset), request)
            group.facts.setdefault(dataset, {})[digest] = PayloadFacts(
                until=request.end or request.session,
                rows_before=batch.rows_before(
                    self.con, self.home, CONTRACTS[dataset], request, rows.tables.get(dataset)
                ),
                unreadable=len(unreadable),
                holes=sum(one.is_hole for one in unreadable),
                source=source,
            )
            group.sources.setdefault(dataset, {})[digest] = source

    def _commit_gathered(self) -> None:
        """Check, validate and commit what was gathered."""
        group, self.group = self.group, Group()
        names = sorted({*group.tables, *group.facts})
        merged = {name: batch.merge_tables(CONTRACTS[name], group.tables.pop(name, [])) for name in names}
        refused = group.refused
        for tables in batch.split_tables(merged):
            self._commit_tables(tables, group, refused)
            refused = []

    def _commit_tables(self, tables: Mapping[str, pa.Table], group: Group, refused: list[pa.Table]) -> None:
        checks = {name: self._check_table(CONTRACTS[name], table, group) for name, table in tables.items()}
        chosen = {
            name: self.select(name, one.accepted) if self.select else one.accepted for name, one in checks.items()
        }
        withdrawn: dict[str, int] = {}
        for name, table in chosen.items():
            chosen[name], lines = drop_withdrawn_rows(self.home, name, table)
            withdrawn[name] = table.num_rows - chosen[name].num_rows
            for line in lines:
                self.reporter.print_line(line)
        accepted = {name: table for name, table in chosen.items() if table.num_rows}
        rows = pa.concat_tables([QUARANTINE_SCHEMA.empty_table(), *refused, *(one.refused for one in checks.values())])
        committed = Lake(self.home).commit(self.run.run_id, accepted, rows if rows.num_rows else None)
        for name, checked in checks.items():
            left_out = checked.accepted.num_rows - chosen[name].num_rows
            account = self._account_for_batch(name, checked, committed, group, left_out, withdrawn[name])
            provisional, newest = batch.count_provisional(chosen[name])
            saturdays = count_open_saturdays(CONTRACTS[name], tables[name]) - sum(
                one.saturdays for one in checked.stopped
            )
            self._journal_account(
                replace(account, provisional=provisional, provisional_date=newest, saturdays=saturdays)
            )
            self._note_findings(checked)

    def _check_table(self, contract: Contract, table: pa.Table, group: Group) -> Checked:
        facts = group.facts[contract.name]
        # counted with the first piece of a large payload only
        group.facts[contract.name] = {digest: replace(fact, unreadable=0, holes=0) for digest, fact in facts.items()}
        checking = partial(
            check_table,
            contract,
            table,
            run_id=self.run.run_id,
            at=self.now,
            facts=facts,
            refused_share_limit=self.settings.refused_share_limit.get(contract.name),
            refused_rows_allowed=self.settings.refused_rows_allowed,
            connection=self.con,
        )
        checked = checking()
        validated = suite.validate_batch(contract, table, checked)
        self.report.validated.append(validated)
        if validated.disputes:
            checked = checking(disputes=validated.disputes)
            self.report.disputes += validated.disputes
            for dispute in validated.disputes:
                self.reporter.print_problem(f"gap: {dispute}")
        return checked

    def _account_for_batch(
        self, dataset: str, checked: Checked, committed: Committed, group: Group, left_out: int, withdrawn: int
    ) -> Account:
        counts = checked.counts.values()
        digests = group.sources[dataset]
        sources = sorted(set(digests.values()))
        over_limit = [*checked.stopped, *checked.taken_in_part]
        behind = committed.behind.get(dataset, 0)
        without = [f"{behind} behind a newer fact or a withdrawal"] if behind else []
        without += [f"{withdrawn} left out as withdrawn"] if withdrawn else []
        return Account(
            dataset=dataset,
            source=", ".join(sources) if len(sources) <= 3 else f"{len(sources)} sources",
            payload_sha256=next(iter(digests)) if len(digests) == 1 else "",
            fetched=sum(one.fetched for one in counts),
            accepted=committed.written.get(dataset, 0),
            known=committed.known.get(dataset, 0) + sum(one.repeated for one in counts) + left_out,
            quarantined=sum(one.refused + one.held_back for one in counts),
            warnings=sum(finding.count for finding in checked.warnings),
            message="; ".join(
                [*([f"{len(digests)} payloads"] if len(digests) > 1 else []), *map(str, over_limit), *without]
            ),
            behind=behind,
            withdrawn=withdrawn,
        )

    def _note_findings(self, checked: Checked) -> None:
        self.report.stopped += checked.stopped
        self.report.taken_in_part += checked.taken_in_part
        self.report.warnings += checked.warnings
        for exceeded in (*checked.stopped, *checked.taken_in_part):
            self.reporter.print_problem(f"gap: {exceeded}")

    def _journal_account(self, account: Account) -> None:
        """Journal the account; the journal refuses one that does not balance."""
        self.run.record_batch(
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
