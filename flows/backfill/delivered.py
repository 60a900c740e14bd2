"""What the ledger has as delivered, and the lake has no more: a backup older than the journal was put back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flows.backfill.plan import Scope
from warehouse.lake.commit import open_workspace
from warehouse.lake.facts import scan_files_sql
from warehouse.lake.lake import Lake
from warehouse.runs.attempts import STORED, Attempts


def reopen_lost_attempts(home: Path, scope: Scope, attempts: Attempts) -> list[str]:
    """Mark what the lake has lost as stored and not taken in: it is reread where its payload is kept, else asked for again.

    Returns a line a dataset.
    """
    first, last = scope.sessions[0].isoformat(), scope.sessions[-1].isoformat()
    notes = []
    for dataset in scope.datasets:
        done = [one for one in attempts.delivered_attempts(dataset) if one.first <= last and first <= one.last]
        if not done:
            continue
        payloads = {one.payload_sha256 for one in done}
        lost = payloads - _payloads_in_lake(home, dataset, payloads)
        reopened = [replace(one, outcome=STORED) for one in done if one.payload_sha256 in lost]
        if reopened:
            attempts.record_attempts(reopened)
            notes.append(
                f"{dataset}: {len(reopened):,} answers that were taken in before are not in the lake, as after a backup was "
                "put back; they are taken in again"
            )
    return notes


def _payloads_in_lake(home: Path, dataset: str, payloads: set[str]) -> set[str]:
    """Those of `payloads` of which the lake has a fact, a confirmation or a refused row, be it of another dataset."""
    manifest = Lake(home).manifest()
    found: set[str] = set()
    for name in sorted({file.dataset for file in manifest.all_files}, key=lambda name: (name != dataset, name)):
        for files in (manifest.files, manifest.confirmations, manifest.quarantine):
            left = payloads - found
            listed = [file for file in files if file.dataset == name]
            if left and listed:
                sql = f"select distinct payload_sha256 from {scan_files_sql(home, listed)}"
                with open_workspace(home) as con:
                    rows = con.execute(f"{sql} where payload_sha256 in (select unnest(?))", [sorted(left)]).fetchall()
                found |= {digest for (digest,) in rows}
    return found
