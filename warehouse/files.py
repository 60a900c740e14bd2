"""Writing that survives a pulled plug: a file is whole under its name, or it is not there."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.errors import LakeError


def fsync_directory(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary file beside `path`, sync it, and rename it to `path`.

    Raises LakeError where the disk refuses; nothing is then left behind.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        with temporary.open("rb+") as handle:
            os.fsync(handle.fileno())
        os.replace(temporary, path)
        fsync_directory(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise LakeError(f"cannot write {path}: {error.strerror or error}; free space or mend the folder's permissions") from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path`. The system frees it when its holder dies."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("a+b")
    except OSError as error:
        raise LakeError(f"cannot lock {path}: {error.strerror}; is BREADTHWISE_HOME writable?") from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
