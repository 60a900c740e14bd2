"""Writing that survives a pulled plug, and locks that die with their holder.

A file is whole under its name, or it is not there.
"""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from warehouse.errors import LakeError

TEMPORARY_SUFFIX = ".tmp"


def fsync_directory(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def fsync_file(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def disk_error(what: str, path: Path, error: OSError) -> LakeError:
    """`error` as one line that says what to do: free space, mend permissions, or look at the disk."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        advice = "free space there and run again; nothing half-written is visible"
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        advice = "make BREADTHWISE_HOME writable for this user, or choose another home"
    else:
        advice = "see that the disk of BREADTHWISE_HOME is well"
    return LakeError(f"cannot {what} {path}: {error.strerror or error}; {advice}")


def write_whole_file(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, sync it, and rename it to `path`.

    Raises LakeError where the disk refuses; nothing is then left behind. A killed writer leaves a
    `.tmp` file that no reader looks at and that compaction sweeps.
    """

    def write_and_sync(temporary: Path) -> None:
        _make_folder(path.parent)
        write(temporary)
        fsync_file(temporary)

    _put_in_place(path, write_and_sync)


def write_bytes(path: Path, body: bytes) -> None:
    """`body` under `path`, as `write_whole_file` does, through one handle: payloads are many and small."""

    def write_and_sync(temporary: Path) -> None:
        with _open_new_file(temporary) as handle:
            handle.write(body)
            handle.flush()
            os.fsync(handle.fileno())

    _put_in_place(path, write_and_sync)


def _open_new_file(path: Path) -> IO[bytes]:
    try:
        return path.open("wb")
    except FileNotFoundError:
        _make_folder(path.parent)
        return path.open("wb")


def _put_in_place(path: Path, write_and_sync: Callable[[Path], object]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}{TEMPORARY_SUFFIX}")
    try:
        write_and_sync(temporary)
        os.replace(temporary, path)
        fsync_directory(path.parent)
    except OSError as error:
        _remove_quietly(temporary)
        raise disk_error("write", path, error) from error
    except BaseException:
        _remove_quietly(temporary)
        raise


def _make_folder(folder: Path) -> None:
    """Make it and what is missing above it, each entry synced: a file is only as safe as its folder's name."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        fsync_directory(folder.parent)


def write_text(path: Path, text: str) -> None:
    """`text` as UTF-8 under `path`, whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def _remove_quietly(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return  # the error that led here is the one to report; the sweep takes what is left


@dataclass(frozen=True)
class Holder:
    """Who holds a lock: process id and the kernel's start time of that process (0 where unknown)."""

    pid: int
    started: int


def process_start_time(pid: int) -> int | None:
    """Start time of a live process in clock ticks since boot; None where it is dead, 0 where unknown.

    Together with the pid it names a process for good: pids are given out again, start times are not.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0 if not Path("/proc/self/stat").exists() and _accepts_signal(pid) else None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in ("Z", "X") else int(fields[19])


def _accepts_signal(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_process_alive(pid: int, started: int) -> bool:
    """Whether the process that had this pid and start time still runs (`started` 0: pid alone decides)."""
    now = process_start_time(pid)
    return now is not None and (not started or not now or now == started)


@contextmanager
def hold_lock(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path`, waiting for it. The system frees it when its holder dies."""
    with _open_lock_file(path) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        _write_lock_holder(handle)
        yield


@contextmanager
def try_lock(path: Path) -> Iterator[Holder | None]:
    """Take the lock without waiting: yields None when it is ours, else who holds it."""
    with _open_lock_file(path) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield lock_holder(path) or Holder(0, 0)
            return
        _write_lock_holder(handle)
        yield None


def lock_holder(path: Path) -> Holder | None:
    """Who signed the lock file last and is still alive; for messages only, the kernel decides."""
    try:
        words = path.read_text(encoding="ascii").split()
        holder = Holder(int(words[0]), int(words[1]))
    except (OSError, ValueError, IndexError):
        return None
    return holder if is_process_alive(holder.pid, holder.started) else None


@contextmanager
def _open_lock_file(path: Path) -> Iterator[IO[str]]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("a+", encoding="ascii")
    except OSError as error:
        raise disk_error("lock", path, error) from error
    with handle:
        yield handle


def _write_lock_holder(handle: IO[str]) -> None:
    """Our pid and start time in the lock file. A full disk must not take the lock away: it is only a note."""
    note = f"{os.getpid()} {process_start_time(os.getpid()) or 0}\n"
    try:
        os.ftruncate(handle.fileno(), 0)
        os.write(handle.fileno(), note.encode("ascii"))
    except OSError:
        return
