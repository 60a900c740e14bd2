"""A file of the build before, of which the next one begins as a copy: only where it is as that build left it."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache, partial
from importlib.resources import files
from pathlib import Path

import duckdb

from warehouse.settings import Settings

# of a file whose blocks were replaced again and again, against one that was written from the start
_LARGEST_GROWTH = 1.25
# so much says nothing: a table takes 256 KB, however small it is
_SLACK_BYTES = 64_000_000
# as large as a digest takes a tenth of a second
_PART_BYTES = 128_000_000
_READ_BYTES = 1_000_000
# what turns facts into bars, and blocks into tables
_CODE = {"warehouse.lake": (".py",), "warehouse.contracts": (".py",), "transforms.engine": (".py", ".sql")}


class Start(Enum):
    """What a build's file begins with: nothing, a copy of a former one, or its tables, which are to be written to a new file
    because the former one has grown."""

    NOTHING = "nothing"
    COPY = "copy"
    TABLES = "tables"


@dataclass(frozen=True)
class Former:
    """A file by its SHA-256, with the versions that it was written by; `fresh_bytes` is the size of the last one of which no
    block was replaced in place."""

    sha256: str = ""
    versions: str = ""
    fresh_bytes: float = 0.0

    def copy(self, source: Path | None, target: Path, settings: Settings) -> Start:
        """Copy `source` to the new file `target`, where it may be taken over: it is not altered, and of the same versions.
        Nothing is left of `target` where not."""
        if source is None or self.versions != _versions(settings):
            return Start.NOTHING
        try:
            # of what was copied, for the file may be replaced meanwhile
            is_copied = _sha256(source, target) == self.sha256
        except OSError:
            is_copied = False
        if not is_copied:
            target.unlink(missing_ok=True)
            return Start.NOTHING
        is_grown = target.stat().st_size > _LARGEST_GROWTH * self.fresh_bytes + _SLACK_BYTES
        return Start.TABLES if is_grown else Start.COPY

    def followed_by(self, path: Path, settings: Settings, start: Start) -> Former:
        """What is to be known of the file of the next build."""
        fresh_bytes = self.fresh_bytes if start is Start.COPY else float(path.stat().st_size)
        return Former(_sha256(path), _versions(settings), fresh_bytes)


def _versions(settings: Settings) -> str:
    return f"{duckdb.__version__} {settings.storage_version} {_code_digest()}"


@lru_cache(maxsize=1)
def _code_digest() -> str:
    """A digest of the code that reads bars and makes blocks."""
    digest = hashlib.sha256()
    for package, endings in sorted(_CODE.items()):
        for file in sorted(files(package).iterdir(), key=lambda entry: entry.name):
            if file.name.endswith(endings):
                digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _sha256(path: Path, copy: Path | None = None) -> str:
    """The SHA-256 of those of the file's parts, which are read side by side; what was read is written to `copy`."""
    if copy is not None:
        copy.touch(exist_ok=False)
    with ThreadPoolExecutor() as pool:
        parts = pool.map(partial(_sha256_of_part, path, copy), range(0, path.stat().st_size, _PART_BYTES))
        return hashlib.sha256(b"".join(parts)).hexdigest()


def _sha256_of_part(path: Path, copy: Path | None, start: int) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as handle, nullcontext() if copy is None else copy.open("r+b") as written:
        handle.seek(start)
        if written is not None:
            written.seek(start)
        for _ in range(0, _PART_BYTES, _READ_BYTES):
            read = handle.read(_READ_BYTES)
            digest.update(read)
            if written is not None:
                written.write(read)
    return digest.digest()
