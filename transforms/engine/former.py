"""The file of the build before, of which the next may begin as a copy: only where it is as that build left it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.settings import Settings

# of a file whose tables were replaced again and again, against one that was written from the start
_LARGEST_GROWTH = 1.25


@dataclass(frozen=True)
class Former:
    """The file of the build that wrote the store's index, by its SHA-256, with the versions that it was written by; `fresh_bytes`
    is the size of the last one that was written from the start."""

    sha256: str = ""
    versions: str = ""
    fresh_bytes: float = 0.0

    def find_copy(self, path: Path | None, settings: Settings) -> Path | None:
        """`path`, where the file there may be copied: it is not altered, of the same versions, not much larger than a new one."""
        if path is None or self.versions != _versions(settings):
            return None
        try:
            is_grown = path.stat().st_size > _LARGEST_GROWTH * self.fresh_bytes
            return None if is_grown or _sha256(path) != self.sha256 else path
        except OSError:
            return None

    def followed_by(self, path: Path, settings: Settings, *, is_copied: bool) -> Former:
        """What is to be known of the file of the next build."""
        return Former(_sha256(path), _versions(settings), self.fresh_bytes if is_copied else float(path.stat().st_size))


def _versions(settings: Settings) -> str:
    return f"{duckdb.__version__} {settings.storage_version}"


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
