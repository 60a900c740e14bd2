"""The manifest names the live files of the lake; switching it makes a batch visible at once."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from warehouse.errors import LakeError
from warehouse.files import write_whole


@dataclass(frozen=True)
class LakeFile:
    """One immutable Parquet file. `facts_hash` is the sum of its rows' hashes modulo 2**64, so that
    merging files leaves a dataset's sum, and with it the lake's fingerprint, unchanged."""

    dataset: str
    path: str
    year: int
    rows: int
    run_id: str
    facts_hash: int
    first_known_at: str
    first_date: str
    last_date: str


@dataclass(frozen=True)
class Manifest:
    generation: int = 0
    files: tuple[LakeFile, ...] = ()

    def of(self, dataset: str, years: set[int] | None = None) -> list[LakeFile]:
        return [f for f in self.files if f.dataset == dataset and (years is None or f.year in years)]

    @property
    def fingerprint(self) -> str:
        """Names the set of facts, however they are spread over files."""
        sums: dict[str, int] = {}
        for file in self.files:
            sums[file.dataset] = (sums.get(file.dataset, 0) + file.facts_hash) % 2**64
        return "-".join(f"{name}:{total:016x}" for name, total in sorted(sums.items()))


def read_manifest(path: Path) -> Manifest:
    """The manifest at `path`; an empty one where there is none. Raises LakeError where damaged."""
    if not path.exists():
        return Manifest()
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return Manifest(raw["generation"], tuple(LakeFile(**f) for f in raw["files"]))
    except (ValueError, KeyError, TypeError) as error:
        raise LakeError(f"{path} is damaged ({error}); restore it from a backup of the home") from error


def write_manifest(path: Path, manifest: Manifest) -> None:
    text = json.dumps(asdict(manifest), indent=1)
    write_whole(path, lambda temporary: temporary.write_text(text, encoding="utf-8") and None)
