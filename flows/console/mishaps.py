"""What goes wrong outside this program (disk, permissions, a file as path, Prefect's server), in our words, with what to do."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from warehouse.errors import BreadthwiseError, LakeError, UsageError
from warehouse.home import data_home

_OF_THE_DISK = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO)


class PrefectError(BreadthwiseError):
    """The Prefect server went away, or refused a request."""


def check_home(home: Path) -> None:
    """Raises UsageError where no folder can be at `home`, because it or what it lies under is a file."""
    for place in (home, *home.parents):
        if place.is_dir():
            return
        if place.exists():
            of = "" if place == home else f" {home} cannot lie in it;"
            raise UsageError(f"{place} is a file, and the data home is a folder;{of} set --home or BREADTHWISE_HOME")


def to_breadthwise_error(error: Exception) -> BreadthwiseError | None:
    """`error` as one of ours where it is not this program's fault, else None."""
    if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
        from warehouse.durable_io import disk_error

        return disk_error("write", Path(str(error.filename or "the data home")), error)
    if "httpx" in sys.modules and isinstance(error, sys.modules["httpx"].HTTPError):
        return _prefect_error(error)
    if "duckdb" in sys.modules:  # who has none of its errors need not wait for it
        import duckdb

        from warehouse.duck import error_line, is_damaged, is_for_want_of_room

        if isinstance(error, duckdb.Error) and is_damaged(error):
            return LakeError(
                f"the warehouse's file is damaged ({error_line(error)}); `breadthwise build` makes the warehouse anew"
            )
        if isinstance(error, duckdb.Error) and is_for_want_of_room(error):
            return LakeError(f"the warehouse cannot be written: {error_line(error)}")
    return None


def of_other_release(home: Path, error: Exception) -> BreadthwiseError | None:
    """`error` as one of ours where a command found missing what the warehouse of an earlier release does not have."""
    if "duckdb" not in sys.modules:
        return None
    from transforms.other_release import error_of_other_release

    return error_of_other_release(home, error)


def _prefect_error(error: Exception) -> BreadthwiseError:
    """Of a request to the Prefect server: nobody else is asked through this library."""
    log = data_home() / "prefect" / "server.log"
    url = os.environ.get("PREFECT_API_URL")
    where = f"the Prefect server at {url} (PREFECT_API_URL)" if url else f"the Prefect server (log: {log})"
    reason = " ".join(str(error).split())[:200]
    return PrefectError(
        f"{where} did not do what it was asked: {reason or type(error).__name__}; what was committed stays, and the same "
        "command goes on where this one ended"
    )
