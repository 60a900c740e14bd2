"""Payloads that only imports gave which are taken back: a replay leaves them out, as long as these are not brought back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from flows.ingest.undone import KIND, UndoHistory, asked_instant, read_undo_history
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import instant_literal, quote_literal
from warehouse.lake.commit import open_workspace
from warehouse.lake.facts import scan_facts_sql
from warehouse.lake.given import all_given_sql, given_sql
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal

# what these write bears the payload of an import, and says nothing of whether that stands
_REPEATING = (KIND, "replay", "release", "withdraw", "restore")


def undone_payloads(home: Path) -> dict[str, str]:
    """By payload the import that is taken back, of payloads that no other run gave."""
    history = read_undo_history(home)
    by_payload: dict[str, str] = {}
    for run_id, undo in history.taken_back.items():
        if run_id in history.runs:
            by_payload |= dict.fromkeys(_payloads_of_import(home, history, run_id, undo), run_id)
    if not by_payload:
        return {}
    silent = [run["started_at"] for run in history.runs.values() if run["kind"] in _REPEATING]
    silent += [_instant_of_import(history, run_id) for run_id in history.taken_back if run_id in history.runs]
    instants = ", ".join(instant_literal(instant) for instant in silent)
    listed = ", ".join(map(quote_literal, by_payload))
    manifest = Lake(home).manifest()
    others = [
        f"select payload_sha256 from ({all_given_sql(contract, home, manifest)}) "
        f"where payload_sha256 in ({listed}) and known_at not in ({instants})"
        for contract in CONTRACTS.values()
    ]
    with open_workspace(home) as con:
        standing = {payload for (payload,) in con.execute(" union ".join(others)).fetchall()}
    return {payload: run_id for payload, run_id in by_payload.items() if payload not in standing}


def _instant_of_import(history: UndoHistory, run_id: str) -> datetime:
    run = history.runs[run_id]
    return asked_instant(run) or run["started_at"]


def _payloads_of_import(home: Path, history: UndoHistory, run_id: str, undo: str) -> set[str]:
    """By the journal, where a batch had one payload; by the lake as far as it can tell the run's rows, and what it withdrew."""
    journaled = {batch["payload_sha256"] for batch in Journal(home).list_batches(run_id)} - {""}
    manifest = Lake(home).manifest()
    selects = []
    for contract in CONTRACTS.values():
        selects.append(f"select payload_sha256 from ({given_sql(contract, home, manifest, [history.origin(run_id)])})")
        if manifest.files_of_dataset(contract.name):
            withdrawn_at = instant_literal(history.runs[undo]["started_at"])
            selects.append(
                f"select payload_sha256 from {scan_facts_sql(contract, home, manifest.files_of_dataset(contract.name))} "
                f"where is_withdrawn and known_at = {withdrawn_at}"
            )
    with open_workspace(home) as con:
        return journaled | {payload for (payload,) in con.execute(" union ".join(selects)).fetchall()}
