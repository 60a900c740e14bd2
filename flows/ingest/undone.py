"""Which imports are taken back, by the journal: an undo may be undone as well, and the last one counts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from warehouse.lake.given import Origin, is_distinguishable
from warehouse.lake.manifest import Manifest
from warehouse.lake.undo import Besides
from warehouse.runs.journal import Journal

KIND = "import undo"


@dataclass(frozen=True)
class UndoHistory:
    """The runs by their names, the first begun first; by undo the run that it takes back (`target_of`), by import that is taken
    back the undo that did it last (`taken_back`)."""

    runs: dict[str, dict[str, Any]]
    target_of: dict[str, str]
    taken_back: dict[str, str]

    def import_of(self, run_id: str) -> tuple[str, bool]:
        """The import that the run is, or whose undo it takes back, and whether it stands no more once the run is taken back."""
        ends = True
        while run_id in self.target_of:
            run_id, ends = self.target_of[run_id], not ends
        return run_id, ends

    def undo_in_force(self, run_id: str) -> str:
        """The undo that has taken the run back; '' where it stands."""
        root, ends = self.import_of(run_id)
        if ends:
            return self.taken_back.get(root, "")
        if root in self.taken_back:
            return ""
        return next((undo for undo in reversed(self.target_of) if self.import_of(undo) == (root, True)), "")

    def origin(self, run_id: str) -> Origin:
        """Of a run of the journal. A `known_at` that the user gave may be that of others too."""
        run = self.runs[run_id]
        return Origin(run_id, None if asked_instant(run) else run["started_at"])

    def besides(self, run_id: str, manifest: Manifest) -> Besides:
        """The runs whose rows count for nothing when `run_id` is taken back: imports that are taken back, and undos, whose rows
        repeat those of others.

        But where the rows of an import that was taken back cannot be distinguished from others any more, those of its undo count.
        """
        root, ends = self.import_of(run_id)
        undo_of = {name: undo for name, undo in self.taken_back.items() if name != root}
        if ends:
            undo_of[root] = self.target_of.get(run_id, "")
        imports = {root, *undo_of} & self.runs.keys()
        distinct = {name for name in imports if is_distinguishable(manifest, self.origin(name))}
        counted = {undo for name, undo in undo_of.items() if name not in distinct}
        ignored = [name for name in undo_of if name in distinct]
        ignored += [name for name in self.target_of if name not in counted]
        return Besides([self.origin(name) for name in ignored], [self.origin(root)] if root in distinct else [])


def asked_instant(run: dict[str, Any]) -> datetime | None:
    """The `--known-at` of an import."""
    asked = _arguments(run).get("known_at")
    return datetime.fromisoformat(asked) if asked else None


def read_undo_history(home: Path) -> UndoHistory:
    """What the journal of `home` says."""
    runs = {run["run_id"]: run for run in reversed(Journal(home).list_runs())}
    history = UndoHistory(runs, {}, {})
    for name, run in runs.items():
        if run["kind"] != KIND:
            continue
        # what an undo wrote that was killed before its end says as little of its own as that of others
        history.target_of[name] = str(_arguments(run).get("run_id", ""))
        if run["status"] != "done":
            continue
        root, ends = history.import_of(name)
        if ends:
            history.taken_back.pop(root, None)
        else:
            history.taken_back[root] = name
    return history


def _arguments(run: dict[str, Any]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(run["arguments"] or "{}")
    except ValueError:
        return {}
    return found
