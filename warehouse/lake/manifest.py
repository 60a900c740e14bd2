"""The manifest names the live files of the lake; switching it makes a batch visible at once."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from warehouse.durable_io import write_text
from warehouse.errors import LakeError

FileKind = Literal["facts", "confirmations", "quarantine"]
UNPARTITIONED = 0
COMPACTION = "compaction"  # the run id of merged files
SUPERSEDED = "-superseded"  # how their names end that a newer fact, or a withdrawal, stands against


@dataclass(frozen=True)
class LakeFile:
    """One immutable Parquet file; `path` is relative to the home.

    `year` is the year of its rows, or UNPARTITIONED for datasets whose date is no part of the key.
    `facts_hash` is what its commit added to the sum (modulo 2**64) of the hashes of the effective
    facts. `overlaps` counts rows whose key had a fact already (or twice in the batch) and tombstones:
    where it is 0 for all files of a year, each key has one fact and a plain scan reads it.
    """

    dataset: str
    path: str
    year: int
    rows: int
    run_id: str
    facts_hash: int
    first_known_at: str
    last_known_at: str
    first_date: str | None
    last_date: str | None
    overlaps: int
    bytes: int

    def may_have(self, first: str, last: str) -> bool:
        """Whether it may have facts of days from `first` to `last` (YYYY-MM-DD)."""
        return not (self.first_date and self.last_date) or (self.first_date <= last and self.last_date >= first)

    @property
    def is_superseded(self) -> bool:
        """A compaction put into it what is not the newest fact of its key, and all facts of keys that are withdrawn."""
        return self.run_id == COMPACTION and self.path.endswith(f"{SUPERSEDED}.parquet")


@dataclass(frozen=True)
class Retired:
    """A file that a compaction replaced: readers of an older snapshot may need it for a while."""

    path: str
    retired_at: str


@dataclass(frozen=True)
class Manifest:
    """A snapshot: files of facts, sidecars of confirmations (see `confirmations.py`), refused rows."""

    generation: int = 0
    files: tuple[LakeFile, ...] = ()
    confirmations: tuple[LakeFile, ...] = ()
    quarantine: tuple[LakeFile, ...] = ()
    retired: tuple[Retired, ...] = ()

    def files_of_dataset(self, dataset: str, years: set[int] | None = None) -> list[LakeFile]:
        """The files of facts of a dataset, in the order of their commits."""
        return [f for f in self.files if f.dataset == dataset and (years is None or f.year in years)]

    def confirmations_of(self, dataset: str, year: int) -> list[LakeFile]:
        return [f for f in self.confirmations if f.dataset == dataset and f.year == year]

    def years_of_dataset(self, dataset: str) -> list[int]:
        return sorted({f.year for f in self.files if f.dataset == dataset})

    @property
    def all_files(self) -> tuple[LakeFile, ...]:
        return (*self.files, *self.confirmations, *self.quarantine)

    @property
    def fingerprint(self) -> str:
        """Names the set of effective facts, however they are spread over files and whenever delivered."""
        names = sorted({f.dataset for f in self.files})
        return "-".join(f"{name}:{self.fingerprint_of(name)}" for name in names)

    def fingerprint_of(self, dataset: str, years: set[int] | None = None) -> str:
        """The same for one dataset, or for some of its years: 16 hex digits, zeros for no facts."""
        return f"{sum(f.facts_hash for f in self.files_of_dataset(dataset, years)) % 2**64:016x}"


def manifest_path(home: Path) -> Path:
    return home / "lake" / "manifest.json"


def read_manifest(path: Path) -> Manifest:
    """The manifest at `path`; an empty one where there is none and no data. Raises LakeError where damaged or lost."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        kinds = {kind: tuple(LakeFile(**f) for f in raw[kind]) for kind in ("files", "confirmations", "quarantine")}
        retired = tuple(Retired(**f) for f in raw.get("retired", ()))
        return Manifest(int(raw["generation"]), **kinds, retired=retired)
    except FileNotFoundError:
        if not any(path.parent.rglob("*.parquet")):
            return Manifest()
        if path.exists():  # the first commit has begun a moment ago: it writes the manifest before any data
            return read_manifest(path)
        raise LakeError(
            f"{path} is missing, though data files lie beside it; restore it from a backup of the home"
        ) from None
    except OSError as error:
        raise LakeError(f"cannot read {path}: {error.strerror or error}; mend its permissions") from error
    except (ValueError, KeyError, TypeError) as error:
        raise LakeError(f"{path} is damaged ({error}); restore it from a backup of the home") from error


def begin_manifest(path: Path) -> Manifest:
    """The manifest, for a commit: a lake without one is given it, so that data without a manifest is always a loss."""
    manifest = read_manifest(path)
    if not path.exists():
        write_manifest(path, manifest)
    return manifest


def switch_manifest(path: Path, old: Manifest, new: Manifest) -> None:
    """Switch from `old`, which was read under the lake's lock, to `new`.

    Raises LakeError where another process has switched meanwhile, as it can where the lock's file was removed: what it has
    written stays, and nothing is written.
    """
    now = read_manifest(path)
    if now.generation != old.generation:
        raise LakeError(
            f"{path} is of generation {now.generation}, not {old.generation} as before: another process has written to the "
            "lake at the same time, for the file manifest.lock was removed; nothing was written: run the same again"
        )
    write_manifest(path, new)


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write `manifest`. Raises LakeError where the disk refuses: the old one then stays."""
    write_text(path, json.dumps(asdict(manifest), separators=(",", ":")))
