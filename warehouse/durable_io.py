"""Writing that survives a pulled plug, and locks that die with their holder.

A file is whole under its name, or it is not there.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from warehouse.errors import LakeError

TEMPORARY_SUFFIX = ".tmp"
# after so long a wait for a lock it is said who holds it
FIRST_NOTICE_SECONDS = 5.0
_NEXT_NOTICE_SECONDS = 60.0
# a lock whose file was removed meanwhile is taken again, on the new one
_MOST_TRIES = 100


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


def write_whole_file(path: Path, write: Callable[[Path], object], name_by: Callable[[Path], str] | None = None) -> Path:
    """Let `write` fill a temporary file beside `path`, sync it, and rename it to `path`, or to the name in the same folder that
    `name_by` gives of what was written; returns where it is.

    Raises LakeError where the disk refuses; nothing is then left behind. A killed writer leaves a
    `.tmp` file that no reader looks at and that compaction sweeps.
    """

    def write_and_sync(temporary: Path) -> None:
        _make_folder(path.parent)
        write(temporary)
        fsync_file(temporary)

    return _put_in_place(path, write_and_sync, name_by)


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


def _put_in_place(
    path: Path, write_and_sync: Callable[[Path], object], name_by: Callable[[Path], str] | None = None
) -> Path:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}{TEMPORARY_SUFFIX}")
    try:
        write_and_sync(temporary)
        placed = path if name_by is None else path.with_name(name_by(temporary))
        os.replace(temporary, placed)
        fsync_directory(path.parent)
    except OSError as error:
        _remove_quietly(temporary)
        raise disk_error("write", path, error) from error
    except BaseException:
        _remove_quietly(temporary)
        raise
    return placed


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
    fields = _process_fields(pid)
    if not fields:
        return 0 if not Path("/proc/self/stat").exists() and _accepts_signal(pid) else None
    return None if fields[0] in ("Z", "X") else int(fields[19])


def _process_fields(pid: int) -> list[str]:
    """What the system says of a process, from its state on; nothing where it says nothing."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return stat.rpartition(")")[2].split()


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
    """Hold an exclusive lock on `path`, waiting for it. The system frees it when its holder dies.

    A wait of some seconds is said on the standard error, with who holds the lock, and again each minute. Raises LakeError
    where the disk refuses, or the file is removed again and again.
    """
    for _ in range(_MOST_TRIES):
        with _open_lock_file(path) as handle:
            _wait_for_lock(handle, path)
            if _is_file_at(handle, path):
                _write_lock_holder(handle)
                yield
                return
    raise _never_there(path)


@contextmanager
def try_lock(path: Path) -> Iterator[Holder | None]:
    """Take the lock without waiting: yields None when it is ours, else who holds it. Raises LakeError as `hold_lock`."""
    for _ in range(_MOST_TRIES):
        with _open_lock_file(path) as handle:
            if not _take_lock(handle):
                yield lock_holder(path) or Holder(0, 0)
                return
            if _is_file_at(handle, path):
                _write_lock_holder(handle)
                yield None
                return
    raise _never_there(path)


def _never_there(path: Path) -> LakeError:
    return LakeError(f"{path} is removed as often as it is made; find out by what, and leave it there")


def _take_lock(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_file_at(handle: IO[str], path: Path) -> bool:
    """Whether the open file is the one that others find: a lock on one that was removed keeps nobody out."""
    try:
        return os.path.samestat(os.fstat(handle.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _wait_for_lock(handle: IO[str], path: Path) -> None:
    if _take_lock(handle):
        return
    is_ours = threading.Event()

    def say_who_holds_it() -> None:
        seconds = FIRST_NOTICE_SECONDS
        while not is_ours.wait(seconds):
            sys.stderr.write(f"waiting for {path}, which {holder_text(lock_holder(path))} holds\n")
            seconds = _NEXT_NOTICE_SECONDS

    threading.Thread(target=say_who_holds_it, daemon=True).start()
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    finally:
        is_ours.set()


def holder_text(holder: Holder | None) -> str:
    """Who holds a lock, in words; with what to do where that process is stopped."""
    if holder is None or not holder.pid:
        return "another process"
    name = f"process {holder.pid}"
    if _process_fields(holder.pid)[:1] == ["T"]:
        return f"{name}, which is stopped (`kill -CONT {holder.pid}` lets it go on),"
    return name


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
