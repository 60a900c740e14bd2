"""Taking an import back: each key has the row again that it had before; the run that does it can be taken back as well."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from flows.ingest.taken import join_names
from flows.ingest.undone import KIND, UndoHistory, read_undo_history
from flows.ingest.withdraw import facts_of_key
from flows.inspect.quarantine import released_rows_of_run
from warehouse.contracts.datasets import CONTRACTS
from warehouse.durable_io import hold_lock
from warehouse.errors import UsageError
from warehouse.lake.given import count_given
from warehouse.lake.lake import Lake
from warehouse.lake.manifest import Manifest
from warehouse.lake.undo import Undoing, undo_by_dataset
from warehouse.runs.journal import Journal, Run

_SHOWN = 5


def undo_run(home: Path, run_id: str, now: datetime) -> list[str]:
    """Take import `run_id` back as a run of its own; returns what became of its keys, for a person.

    Raises UsageError for a run that is no import of this home, LakeError where its facts cannot be found or written.
    """
    _refuse_other_run(home, read_undo_history(home), run_id)
    # who takes the same run back at the same time comes after, and is refused
    with hold_lock(home / "lake" / "undo.lock"):
        return _undo_run(home, run_id, now)


def _undo_run(home: Path, run_id: str, now: datetime) -> list[str]:
    history = read_undo_history(home)
    _refuse_second_undo(home, history, run_id)
    accepted, origin = history.runs[run_id]["accepted"], history.origin(run_id)
    found: dict[str, Undoing] = {}

    def make_facts(manifest: Manifest) -> dict[str, pa.Table]:
        besides = history.besides(run_id, manifest)
        found.update(undo_by_dataset(home, manifest, run_id, origin.known_at, accepted, now, besides))
        return {dataset: one.facts for dataset, one in found.items() if one.facts.num_rows}

    with Journal(home).record_run(KIND, {"run_id": run_id}, now) as run:
        committed = Lake(home).commit(run.run_id, make_facts)
        for dataset, written in committed.written.items():
            _journal_undo(run, dataset, found[dataset].facts, written)
        restored, withdrawn = (sum(getattr(one, what) for one in found.values()) for what in ("restored", "withdrawn"))
        run.message = f"takes {run_id} back: {restored:,} rows say again what stood before, {withdrawn:,} are withdrawn"
    lines = [line for dataset, one in found.items() for line in _undo_lines(dataset, one)]
    lines += _released_lines(home, run_id)
    return [*(lines or [f"run {run_id} has written no facts: there is nothing to take back"]), f"run {run.run_id}"]


def _refuse_second_undo(home: Path, history: UndoHistory, run_id: str) -> None:
    """Raises UsageError where the run was taken back and that stands in the lake, or where what is to be taken back does not.

    An older lake may have been put back since, without what the undo wrote: then it is done again.
    """
    word = history.undo_in_force(run_id)
    if word and _is_in_lake(home, history, word):
        raise UsageError(f"run {run_id} was taken back by run {word}; taking that back brings its rows again")
    if run_id in history.target_of and not word and not _is_in_lake(home, history, run_id):
        raise UsageError(
            f"the lake no longer holds what run {run_id} wrote, for a backup from before it was put back; "
            f"`breadthwise import undo {history.target_of[run_id]}` does it again"
        )


def _is_in_lake(home: Path, history: UndoHistory, run_id: str) -> bool:
    return count_given(home, history.origin(run_id)) >= int(history.runs[run_id]["accepted"])


def _journal_undo(run: Run, dataset: str, table: pa.Table, written: int) -> None:
    run.record_batch(
        dataset, fetched=table.num_rows, accepted=written, known=table.num_rows - written, message="taken back"
    )


def _refuse_other_run(home: Path, history: UndoHistory, run_id: str) -> None:
    """Raises UsageError for a run that is no import, and no undo."""
    imports = [name for name, run in reversed(history.runs.items()) if run["kind"] in ("import", KIND)]
    if run_id in imports:
        return
    other = history.runs.get(run_id)
    reason = f"run {run_id} is no import but `{other['kind']}`" if other else f"no run {run_id!r} in {home}"
    if not run_id:
        reason = "undo needs the run that is to be taken back"
    known = join_names(imports)
    raise UsageError(f"{reason}; " + (f"imports are {known}" if known else "there was no import yet"))


def _undo_lines(dataset: str, one: Undoing) -> list[str]:
    lines = []
    if one.facts.num_rows or one.changed_later.num_rows or not one.given_elsewhere:
        lines.append(f"{dataset}: {one.restored:,} rows say again what stood before, {one.withdrawn:,} are withdrawn")
    if one.given_elsewhere:
        nothing = "" if lines else ": there is nothing to take back"
        lines.append(f"{dataset}: {one.given_elsewhere:,} rows stay, for another run gives the same{nothing}")
    stays = one.changed_later
    if stays.num_rows:
        lines.append(f"{dataset}: {stays.num_rows:,} rows stay, for another run has changed them since:")
        for row in stays.slice(0, _SHOWN).to_pylist():
            known_at, payload = row.pop("known_at"), row.pop("payload_sha256")
            lines.append(
                f"  {' '.join(map(str, row.values()))} (known at {known_at:%Y-%m-%d %H:%M} from {payload[:12]})"
            )
        if stays.num_rows > _SHOWN:
            lines.append(f"  and {stays.num_rows - _SHOWN:,} more")
    return lines


def _released_lines(home: Path, run_id: str) -> list[str]:
    """Rows of the import that were refused and released by hand: that is a run of its own, which stands."""
    lines = []
    for row in released_rows_of_run(home, run_id):
        key = json.loads(row["key"])
        facts = facts_of_key(home, CONTRACTS[row["dataset"]], key)
        if facts and not facts[0]["is_withdrawn"] and facts[0]["payload_sha256"] == row["payload_sha256"]:
            named = " ".join(f"{name}={value}" for name, value in key.items())
            lines.append(
                f"{row['dataset']}: {named} stays, for it was released from quarantine; `breadthwise withdraw` ends it"
            )
    return lines
