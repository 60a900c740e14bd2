"""The name of a data file has a digest of its bytes: what a disk or a copy has changed since is never read as a fact.

DuckDB reads most of what one flipped bit leaves of a Parquet file without an error, with another value in it.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from warehouse.errors import LakeError
from warehouse.lake.manifest import SUPERSEDED, LakeFile

_DIGITS = 16
_NAMED = re.compile(rf"\.([0-9a-f]{{{_DIGITS}}})(?:{SUPERSEDED})?\.parquet$")
# a process that lives for months reads its files from the disk again
_HOLDS_SECONDS = 3600.0
# of each file found whole: when, and the file's inode, size and time of change
_Found = tuple[float, tuple[int, int, int]]
_whole: dict[Path, _Found] = {}


def name_with_digest(name: str, written: Path) -> str:
    """The name of a data file, `name` with the digest of the file `written`; how it ends says still whether it is superseded."""
    stem = name.removesuffix(".parquet")
    end = SUPERSEDED if stem.endswith(SUPERSEDED) else ""
    return f"{stem.removesuffix(end)}.{_digest(written)}{end}.parquet"


def has_digest(file: LakeFile) -> bool:
    """Whether its name has a digest: those of an earlier release have none."""
    return _NAMED.search(file.path) is not None


def check_files(home: Path, files: Sequence[LakeFile]) -> None:
    """Raises LakeError for a file whose bytes are not those that were written. A file that this process has found whole within
    the hour is not read again; one of a release that gave it no digest is held against its size alone."""
    now = time.monotonic()
    due = [file for file in files if not _is_known_whole(home / file.path, now)]
    if len(due) == 1:
        _check_file(home, due[0])
    elif due:
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda file: _check_file(home, file), due))


def damage_of_file(home: Path, file: LakeFile) -> LakeError | None:
    """What is wrong with the bytes of a data file; None where nothing is."""
    path = home / file.path
    try:
        size = path.stat().st_size
        named = _NAMED.search(file.path)
        if size != file.bytes:
            return damage_error(path, f"{size:,} bytes, and {file.bytes:,} were written")
        if named and _digest(path) != named[1]:
            return damage_error(path, "its bytes are not those that were written")
    except FileNotFoundError:
        return LakeError(f"{path} is missing from the lake; restore it from a backup of the home")
    except OSError as error:
        return damage_error(path, error.strerror or str(error))
    return None


def damage_error(path: Path, reason: str) -> LakeError:
    return LakeError(f"{path} is damaged ({reason}); restore it from a backup of the home")


def _check_file(home: Path, file: LakeFile) -> None:
    path = home / file.path
    state = _state(path)
    if error := damage_of_file(home, file):
        raise error
    if state is not None:
        _whole[path] = (time.monotonic(), state)


def _is_known_whole(path: Path, now: float) -> bool:
    found = _whole.get(path)
    return found is not None and now - found[0] < _HOLDS_SECONDS and found[1] == _state(path)


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()[:_DIGITS]
