"""Taking an import back: each key says again what it said before; the run that does it can be taken back as well."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.ingest.taken import join_names
from warehouse.errors import UsageError
from warehouse.lake.lake import Lake
from warehouse.lake.undo import Undoing, undo_by_dataset
from warehouse.runs.journal import Journal, Run

KIND = "import undo"
_KINDS = ("import", KIND)
_SHOWN = 5


def undo_run(home: Path, run_id: str, now: datetime) -> list[str]:
    """Take import `run_id` back as a run of its own; returns what became of its keys, for a person.

    Raises UsageError for a run that is no import of this home, LakeError where its facts cannot be found or written.
    """
    wanted = _find_import(home, run_id)
    _refuse_second_undo(home, run_id)
    accepted, known_at = wanted["accepted"], _known_at_of_run(wanted)
    with Journal(home).record_run(KIND, {"run_id": run_id}, now) as run:
        found = undo_by_dataset(home, run_id, known_at, accepted, now)
        facts = {dataset: one.facts for dataset, one in found.items() if one.facts.num_rows}
        committed = Lake(home).commit(run.run_id, facts)
        for dataset, table in facts.items():
            written = committed.written[dataset]
            _journal_undo(run, dataset, table, written)
        run.message = f"takes {run_id} back"
    lines = [line for dataset, one in found.items() for line in _undo_lines(dataset, one)]
    return [*(lines or [f"run {run_id} has written no facts: there is nothing to take back"]), f"run {run.run_id}"]


def _refuse_second_undo(home: Path, run_id: str) -> None:
    """Raises UsageError where the last word on the run is that it was taken back."""
    taken_back = None
    for run in reversed(Journal(home).list_runs()):
        if run["kind"] != KIND or run["status"] != "done":
            continue
        of = json.loads(run["arguments"] or "{}").get("run_id")
        if of == run_id:
            taken_back = run["run_id"]
        elif of == taken_back:
            taken_back = None
    if taken_back:
        raise UsageError(f"run {run_id} was taken back by run {taken_back}; taking that back brings its rows again")


def _journal_undo(run: Run, dataset: str, table: pa.Table, written: int) -> None:
    run.record_batch(
        dataset, fetched=table.num_rows, accepted=written, known=table.num_rows - written, message="taken back"
    )


def _find_import(home: Path, run_id: str) -> dict[str, Any]:
    runs: list[dict[str, Any]] = Journal(home).list_runs()
    imports = [run for run in runs if run["kind"] in _KINDS]
    for run in imports:
        if run["run_id"] == run_id:
            return run
    other = next((run for run in runs if run["run_id"] == run_id), None)
    reason = f"run {run_id} is no import but `{other['kind']}`" if other else f"no run {run_id!r} in {home}"
    if not run_id:
        reason = "undo needs the run that is to be taken back"
    known = join_names([run["run_id"] for run in imports])
    raise UsageError(f"{reason}; " + (f"imports are {known}" if known else "there was no import yet"))


def _known_at_of_run(run: dict[str, Any]) -> datetime | None:
    """The instant that the run's facts alone are known from; None where the user gave one, which others may share."""
    try:
        asked = json.loads(run["arguments"] or "{}").get("known_at")
    except ValueError:
        return None
    return run["started_at"] if asked is None else None


def _undo_lines(dataset: str, one: Undoing) -> list[str]:
    lines = [f"{dataset}: {one.restored:,} rows say again what stood before, {one.withdrawn:,} are withdrawn"]
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
