"""Which imports are taken back, by the journal: an undo may be undone as well, and the last word counts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from warehouse.lake.given import Origin, can_be_told
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

    def last_word(self, run_id: str) -> str:
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
        """The other runs that count when `run_id` is taken back. Undos repeat what others gave, and say nothing of their own.

        But where the rows of an import cannot be told from others any more, the undo that took it back is the last word.
        """
        root, ends = self.import_of(run_id)
        words = {name: undo for name, undo in self.taken_back.items() if name != root}
        if ends:
            words[root] = self.target_of.get(run_id, "")
        told = {name for name in {root, *words} & self.runs.keys() if can_be_told(manifest, self.origin(name))}
        standing = {undo for name, undo in words.items() if name not in told}
        silent = [*(name for name in words if name in told), *(name for name in self.target_of if name not in standing)]
        return Besides([self.origin(name) for name in silent], [self.origin(root)] if root in told else [])


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
