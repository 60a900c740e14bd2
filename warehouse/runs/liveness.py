"""A lock for each run under way, for those who cannot see its process: in another container, or on another host.

Its file says where the number of the run's process means something. The system frees the lock when the process dies, on
whatever side of a container.
"""

from __future__ import annotations

import fcntl
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

_FOLDER = "running"


def here() -> str:
    """Where a process has its number: the host, and the kernel's name of the space of numbers where it has one."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = ""
    return f"{platform.node()} {space}".strip()


@contextmanager
def hold_run_lock(home: Path, run_id: str) -> Iterator[None]:
    """Hold the run's lock until the block ends. Where the disk refuses there is none, and the run's process decides."""
    path = _path(home, run_id)
    handle = _lock_new_file(path)
    try:
        yield
    finally:
        if handle is not None:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            handle.close()


def is_alive_elsewhere(home: Path, run_id: str) -> bool | None:
    """Whether the run lives, by its lock; None where it has none, or is of this host and space of numbers."""
    try:
        with _path(home, run_id).open(encoding="utf-8") as handle:
            if handle.read() == here():
                return None
            return not _can_share(handle)
    except OSError:
        return None


def remove_run_lock(home: Path, run_id: str) -> None:
    """Remove the lock file of a run that is dead."""
    with suppress(OSError):
        _path(home, run_id).unlink(missing_ok=True)


def _path(home: Path, run_id: str) -> Path:
    return home / _FOLDER / run_id


def _lock_new_file(path: Path) -> IO[str] | None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("w", encoding="utf-8")
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        handle.write(here())
        handle.flush()
    except OSError:
        handle.close()
        return None
    return handle


def _can_share(handle: IO[str]) -> bool:
    """Whether nobody holds the file. A shared lock is asked for: that needs no right to write."""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
