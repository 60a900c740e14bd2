"""Split a batch into accepted and refused rows, by DuckDB SQL; nothing is fixed, nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from expectations import split
from expectations.accounts import EVIDENCE_LIMIT, Counts, LimitExceeded, Payloads
from expectations.disputes import Dispute
from expectations.findings import Finding, PayloadFacts, batch_findings, payload_freshness, row_findings, rows_by_day
from expectations.misdated import count_open_saturdays, has_wrong_dates
from expectations.rules import rules_of_contract
from warehouse.contracts.contract import Contract
from warehouse.lake.quarantine import QUARANTINE_SCHEMA

__all__ = [
    "STOPPED",
    "UNREADABLE",
    "Checked",
    "Counts",
    "Finding",
    "LimitExceeded",
    "PayloadFacts",
    "check_table",
    "unreadable_rows",
]

STOPPED = "batch_stopped"
UNREADABLE = "unreadable"
_MEMORY = "1200MB"


@dataclass(frozen=True)
class Checked:
    """`accepted` has the lake's schema, `refused` that of quarantine; `counts` is by payload.

    For the cross-check by Great Expectations: `broken` are row numbers of the batch by rule of one row or key,
    `repeated` those of exact repetitions, `is_accepted` a flag for each row; `days` and `freshness` are what the
    rules about days and payloads were held against.
    """

    dataset: str
    accepted: pa.Table
    refused: pa.Table
    warnings: Sequence[Finding]
    stopped: Sequence[LimitExceeded]
    taken_in_part: Sequence[LimitExceeded]
    counts: Mapping[str, Counts]
    broken: Mapping[str, np.ndarray]
    repeated: np.ndarray
    days: pa.Table
    freshness: pa.Table


def check_table(
    contract: Contract,
    table: pa.Table,
    *,
    run_id: str,
    at: datetime,
    facts: Mapping[str, PayloadFacts] | None = None,
    refused_share_limit: float | None = None,
    refused_rows_allowed: int = 0,
    connection: duckdb.DuckDBPyConnection | None = None,
    disputes: Sequence[Dispute] = (),
) -> Checked:
    """Hold `table` (the contract's lake_schema; one or more payloads) against the contract's rules.

    A row that breaks several rules is refused once, named after the first, with all reasons. A payload with a larger
    share of refused rows than the limit (default: the contract's) is stopped: none of its rows is accepted; unless they
    are at most `refused_rows_allowed` and fewer than half, and say nothing against the dates of the others. `at` is
    written as quarantined_at. Of `disputes` (what Great Expectations says otherwise about this very table) the rows are
    refused with both verdicts, and say nothing against their payload. Raises ValueError for a table of another schema.
    """
    if table.schema != contract.lake_schema:
        raise ValueError(f"{contract.name}: the batch's columns are not the contract's: {table.schema}")
    con = connection or split.connect_with_sessions(_MEMORY)
    limit = contract.refused_share_limit if refused_share_limit is None else refused_share_limit
    limits = _Limits(limit, refused_rows_allowed)
    try:
        verdict = split.find_verdict(con, contract, table)
        return _split_by_verdict(con, contract, table, verdict, limits, _Stamp(run_id, at), facts or {}, disputes)
    finally:
        if connection is None:
            con.close()


@dataclass(frozen=True)
class _Limits:
    share: float
    rows: int


@dataclass(frozen=True)
class _Stamp:
    run_id: str
    at: datetime


def _split_by_verdict(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    table: pa.Table,
    verdict: split.Verdict,
    limits: _Limits,
    stamp: _Stamp,
    facts: Mapping[str, PayloadFacts],
    disputes: Sequence[Dispute],
) -> Checked:
    broken = {name: np.setdiff1d(rows, verdict.repeated) for name, rows in verdict.broken.items()}
    broken["duplicate_key"] = verdict.conflicting
    refusing = [rule.name for rule in rules_of_contract(contract) if rule.severity == "refuse"]
    refused = _union_of_rows(broken[name] for name in refusing)
    unreadable = {digest: fact.unreadable for digest, fact in facts.items() if fact.unreadable}
    holes = {digest: fact.holes for digest, fact in facts.items()}
    payloads = Payloads(table, unreadable, holes, {digest: fact.source for digest, fact in facts.items()})
    stopped, spared = payloads.payloads_over_limit(verdict.with_repetitions(refused), limits.share, limits.rows)
    misdated = [code for code in spared if has_wrong_dates(contract, payloads.rows_of(table, code))]
    stopped, spared = sorted({*stopped, *misdated}), [code for code in spared if code not in misdated]
    refused = _union_of_rows([refused, *(one.only_suite for one in disputes if one.rule in refusing)])
    is_out = np.isin(payloads.codes, stopped)
    is_out[refused] = True
    is_out[verdict.repeated] = True
    accepted = table.filter(pa.array(~is_out)) if is_out.any() else table
    shown = _rows_with_broken_rules(table, payloads.evidence_rows(refused, stopped), broken, refusing, disputes)
    rows = split.quarantine_rows(con, contract, shown, stamp.run_id, stamp.at)
    bad = verdict.with_repetitions(refused)
    counts = payloads.counts_by_payload(bad, np.setdiff1d(verdict.repeated, bad), stopped)
    exceeded = [
        replace(
            _limit_exceeded(contract, payloads, code, counts, rows, limits.share, is_stopped=code in stopped),
            saturdays=count_open_saturdays(contract, payloads.rows_of(table, code)),
        )
        for code in (*stopped, *spared)
    ]
    halted = [item for item in exceeded if item.is_stopped]
    notes = [_stopped_payload_row(item, counts[item.payload_sha256], stamp) for item in halted]
    days = rows_by_day(con, contract, accepted, facts)
    freshness = payload_freshness(contract, accepted, contract.fresh_within_sessions or 0, facts)
    warned = {name: found[~is_out[found]] for name, found in broken.items() if name not in refusing}
    return Checked(
        dataset=contract.name,
        accepted=accepted,
        refused=pa.concat_tables([rows, pa.Table.from_pylist(notes, schema=QUARANTINE_SCHEMA)]),
        warnings=[*row_findings(contract, table, warned), *batch_findings(con, contract, days, freshness)],
        stopped=halted,
        taken_in_part=[item for item in exceeded if not item.is_stopped],
        counts=counts,
        broken=broken,
        repeated=verdict.repeated,
        days=days,
        freshness=freshness,
    )


def _union_of_rows(arrays: Iterable[np.ndarray]) -> np.ndarray:
    return np.unique(np.concatenate([np.empty(0, np.int64), *arrays]))


def _rows_with_broken_rules(
    table: pa.Table,
    rows: np.ndarray,
    broken: Mapping[str, np.ndarray],
    refusing: Sequence[str],
    disputes: Sequence[Dispute],
) -> pa.Table:
    """The given rows of `table` with their number, `broken_rules`, the names in the rules' order, and `dispute`."""
    names: list[list[str]] = [[] for _ in rows]
    verdicts: list[list[str]] = [[] for _ in rows]
    for name in refusing:
        disputed = [one for one in disputes if one.rule == name]
        bad = _union_of_rows([broken[name], *(one.only_suite for one in disputed)])
        for position in np.flatnonzero(np.isin(rows, bad)):
            names[position].append(name)
        for found, text in (pair for one in disputed for pair in one.verdicts_by_side()):
            for position in np.flatnonzero(np.isin(rows, found)):
                verdicts[position].append(text)
    dispute_texts = ["; ".join(texts) or None for texts in verdicts]
    marked = table.take(pa.array(rows, pa.int64())).append_column(split.ROW, pa.array(rows, pa.int64()))
    marked = marked.append_column("broken_rules", pa.array(names, pa.list_(pa.string())))
    return marked.append_column("dispute", pa.array(dispute_texts, pa.string()))


def _limit_exceeded(
    contract: Contract,
    payloads: Payloads,
    code: int,
    counts: Mapping[str, Counts],
    rows: pa.Table,
    limit: float,
    *,
    is_stopped: bool,
) -> LimitExceeded:
    digest, unreadable = payloads.digests[code], int(payloads.unreadable[code])
    shown = rows.select(["rule", "payload_sha256"]).to_pylist()
    named = [row["rule"] for row in shown if row["payload_sha256"] == digest]
    named += [UNREADABLE] * unreadable
    return LimitExceeded(
        dataset=contract.name,
        payload_sha256=digest,
        source=payloads.sources[code],
        rows=int(payloads.rows[code]),
        refused=counts[digest].refused,
        limit=limit,
        rules={name: named.count(name) for name in dict.fromkeys(named)},
        is_stopped=is_stopped,
    )


def _stopped_payload_row(item: LimitExceeded, counts: Counts, stamp: _Stamp) -> dict[str, Any]:
    """The row of quarantine that stands for what a stopped payload holds beside the refused rows shown."""
    unseen = max(counts.refused - item.rules.get(UNREADABLE, 0) - EVIDENCE_LIMIT, 0)
    held = {"held_back_rows": str(counts.held_back), "refused_rows_not_shown": str(unseen)}
    return {
        "dataset": item.dataset,
        "key": "{}",
        "rule": STOPPED,
        "column_name": "",
        "value": f"{item.refused} of {item.rows}",
        "reason": f"{item}; {counts.held_back} sound rows of the payload are held back with it",
        "row": json.dumps(held),
        "payload_sha256": item.payload_sha256,
        "source": item.source,
        "run_id": stamp.run_id,
        "quarantined_at": stamp.at,
    }


def unreadable_rows(
    rejected: Iterable[tuple[str, str, str]], payload_sha256: str, source: str, run_id: str, at: datetime
) -> pa.Table:
    """Rows of quarantine for (dataset, text, reason) of what no parser could write in the dataset's types."""
    rows = [
        {
            "dataset": dataset,
            "key": "{}",
            "rule": UNREADABLE,
            "column_name": "",
            "value": text,
            "reason": f"{UNREADABLE}: {reason}",
            "row": json.dumps({"text": text}, ensure_ascii=False),
            "payload_sha256": payload_sha256,
            "source": source,
            "run_id": run_id,
            "quarantined_at": at,
        }
        for dataset, text, reason in rejected
    ]
    return pa.Table.from_pylist(rows, schema=QUARANTINE_SCHEMA)
