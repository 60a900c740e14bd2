"""`breadthwise import --dry-run`: what each file would give, with its first rows; nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pyarrow as pa

from expectations.check import check
from flows.ingest import batch
from flows.ingest.import_plan import Plan, WorkItem
from sources.base import Parsed
from warehouse.contracts.datasets import CONTRACTS
from warehouse.errors import BreadthwiseError, FormatError

_ROWS = 5
_PROVENANCE = ("source",)


def dry_run(plan: Plan, now: datetime) -> tuple[list[str], list[str], int]:
    """Lines on what would be taken, lines on what would not, and the exit code that the import would have."""
    lines: list[str] = []
    gaps = [str(failure) for failure in plan.failures]
    is_any = False
    for item in plan.items:
        try:
            payload = item.payload
            parsed = item.parse(payload, item.request)
        except OSError as error:
            gaps.append(f"{item.request.options['file']}: it cannot be read: {error.strerror or error}")
            continue
        except (FormatError, BreadthwiseError) as error:
            gaps.append(str(error))
            continue
        accepted = 0
        lines.append(str(item.taken[-1]))
        for dataset, table in parsed.tables.items():
            verdicts, rows = _verdict(item, dataset, table, parsed, now)
            lines += verdicts
            accepted += rows
        is_any = is_any or bool(accepted)
    return lines, gaps, (0 if not gaps else 3 if is_any else 1)


def _verdict(item: WorkItem, dataset: str, table: pa.Table, parsed: Parsed, now: datetime) -> tuple[list[str], int]:
    rows = batch.with_provenance(CONTRACTS[dataset], table, "", item.request)
    checked = check(CONTRACTS[dataset], rows, run_id="dry-run", at=now)
    unreadable = [one for one in parsed.rejected if one.dataset == dataset]
    reasons = Counter(checked.refused["rule"].to_pylist())
    if unreadable:
        reasons["unreadable"] += len(unreadable)
    refused = sum(reasons.values())
    why = f" ({', '.join(f'{name} {count:,}' for name, count in sorted(reasons.items()))})" if refused else ""
    lines = [f"  {dataset}: {checked.accepted.num_rows:,} rows would be taken, {refused:,} refused{why}"]
    return lines + [f"    {line}" for line in first_rows(table)], checked.accepted.num_rows


def first_rows(table: pa.Table) -> Iterator[str]:
    """The first rows as text, in columns; those without any value in them are left out."""
    head = table.slice(0, _ROWS)
    names = [name for name in head.column_names if name not in _PROVENANCE and head[name].null_count < head.num_rows]
    cells = [names, *([_cell(row[name]) for name in names] for row in head.to_pylist())]
    widths = [max(len(line[place]) for line in cells) for place in range(len(names))]
    for line in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def _cell(value: object) -> str:
    return "" if value is None else str(value)[:40]
