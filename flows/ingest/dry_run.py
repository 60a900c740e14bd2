"""`breadthwise import --dry-run`: what each file would give, with its first rows; nothing is stored."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from expectations.check import STOPPED, PayloadFacts, check_table
from expectations.misdated import count_open_saturdays
from flows.ingest import batch
from flows.ingest.import_plan import Plan, WorkItem
from flows.ingest.report import Failure, lines_of_notes, provisional_line, saturdays_line
from sources import payloads
from sources.base import Parsed
from warehouse.contracts.datasets import CONTRACTS
from warehouse.errors import BreadthwiseError
from warehouse.settings import Settings

_ROWS = 5
_TEXT = 100  # characters of a row
_PROVENANCE = ("source",)


@dataclass
class DryRun:
    """Lines on what would be taken and on what would not, and how many rows the lake would have of it."""

    lines: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    accepted: int = 0

    @property
    def exit_code(self) -> int:
        """That of the import: 0 all would come, 3 some, 1 none."""
        if not self.gaps:
            return 0
        return 3 if self.accepted else 1

    def add_table(
        self, item: WorkItem, dataset: str, table: pa.Table, parsed: Parsed, now: datetime, settings: Settings
    ) -> None:
        """Hold one dataset's rows of one file against its rules, as the import would."""
        contract = CONTRACTS[dataset]
        unreadable = [one for one in parsed.rejected if one.dataset == dataset]
        holes = sum(one.is_hole for one in unreadable)
        facts = {"": PayloadFacts(unreadable=len(unreadable), holes=holes, source=item.request.source)}
        rows = batch.with_provenance(contract, table, "", item.request.fetched_at)
        checked = check_table(
            contract,
            rows,
            run_id="dry-run",
            at=now,
            facts=facts,
            refused_share_limit=settings.refused_share_limit.get(dataset),
            refused_rows_allowed=settings.refused_rows_allowed,
        )
        # what is said of a batch that is stopped is a gap, and no row
        refusals = [row for row in checked.refused.to_pylist() if row["rule"] != STOPPED]
        reasons = Counter(row["rule"] for row in refusals) + Counter({"unreadable": len(unreadable)})
        why = ", ".join(f"{name} {count:,}" for name, count in sorted(reasons.items()))
        refused = f"{reasons.total():,} refused" + (f" ({why})" if why else "")
        self.lines.append(f"  {dataset}: {checked.accepted.num_rows:,} rows would be taken, {refused}")
        provisional, newest = batch.count_provisional(checked.accepted)
        if newest:
            self.lines.append(f"  {provisional_line(dataset, provisional, newest)}")
        if saturdays := count_open_saturdays(contract, rows) - sum(one.saturdays for one in checked.stopped):
            self.lines.append(f"  {saturdays_line(dataset, saturdays)}")
        self.lines += [f"    {line}" for line in first_rows(checked.accepted.select(table.column_names))]
        self.lines += [f"    refused: {line}" for line in first_refusals(refusals)]
        self.lines += [f"    unreadable: {one.reason}: {one.text[:_TEXT]}" for one in unreadable[:_ROWS]]
        self.gaps += map(str, (*checked.stopped, *checked.taken_in_part))
        self.accepted += checked.accepted.num_rows


def dry_run(plan: Plan, now: datetime, settings: Settings) -> DryRun:
    """What the import of `plan` would give; nothing is stored."""
    found = DryRun(gaps=[str(failure) for failure in plan.failures])
    for item in plan.items:
        try:
            parsed = payloads.parse_payload(item.read_payload(), item.parse_payload).rows
        except BreadthwiseError as error:
            found.gaps.append(str(Failure(item.request, error)))
            continue
        found.lines += [str(item.taken[-1]), *(f"  {line}" for line in lines_of_notes(parsed.notes))]
        for dataset, table in parsed.tables.items():
            found.add_table(item, dataset, table, parsed, now, settings)
    return found


def first_rows(table: pa.Table) -> Iterator[str]:
    """The first rows as text, in columns; those without any value in them are left out, and no rows have no lines."""
    if not table.num_rows:
        return
    head = table.slice(0, _ROWS)
    names = [name for name in head.column_names if name not in _PROVENANCE and head[name].null_count < head.num_rows]
    cells = [names, *([_cell_text(row[name]) for name in names] for row in head.to_pylist())]
    widths = [max(len(line[place]) for line in cells) for place in range(len(names))]
    for line in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def first_refusals(refusals: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The keys of the first refused rows, and why; `refusals` are rows of QUARANTINE_SCHEMA."""
    for row in refusals[:_ROWS]:
        key = ", ".join(str(value) for name, value in json.loads(row["key"]).items() if name not in _PROVENANCE)
        yield f"{key}: {row['reason']}"


def _cell_text(value: object) -> str:
    return "" if value is None else str(value)[:40]
