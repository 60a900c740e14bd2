"""Why a Prefect server of our own did not come up: its database is damaged, locked or cannot be written; and what to do."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

_DAMAGED = ("file is not a database", "database disk image is malformed", "malformed database schema")
# of another Prefect, or of a migration that was cut off
_OF_ANOTHER_PREFECT = (
    "Can't locate revision",
    "already exists",
    "duplicate column name",
    "no such table",
    "no such column",
)
_FULL = ("database or disk is full", "No space left on device", "Disk quota exceeded", "disk I/O error")
_REFUSED = (
    "attempt to write a readonly database",
    "unable to open database file",
    "Permission denied",
    "Read-only file",
)
_LEAST_BYTES = 1_000_000


def database_of(home: Path) -> Path:
    """Prefect's database of a home: the history of flow runs, and nothing that a figure depends on."""
    return home / "prefect" / "prefect.db"


def is_database_damaged(log_text: str) -> bool:
    """Whether the server ended because no Prefect could read its database, so says its log."""
    return any(sign in log_text for sign in _DAMAGED)


def move_damaged_database(home: Path, now: datetime) -> Path:
    """Move the database, with what SQLite put beside it, out of the server's way; returns its new name."""
    database = database_of(home)
    aside = database.with_name(f"{database.name}.damaged-{now.astimezone(UTC):%Y%m%dT%H%M%S}")
    for suffix in ("-wal", "-shm", ""):
        part = database.with_name(database.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside


def explain_end(home: Path, log_text: str) -> str:
    """What a server died of and what to do, by its log; '' where that is not known."""
    database = database_of(home)
    if any(sign in log_text for sign in _FULL) or shutil.disk_usage(database.parent).free < _LEAST_BYTES:
        return f"the disk of {database.parent} is full; free space and run the same command again"
    if is_database_damaged(log_text):
        return f"its database {database} is damaged; {_move_away(database)}"
    if "database is locked" in log_text:
        holders = _programs_with_open_file(database)
        by = f" by {', '.join(holders)}" if holders else ""
        return f"its database {database} is locked{by}; end the program that holds it and run the same command again"
    if any(sign in log_text for sign in _REFUSED):
        return f"its database {database} cannot be written; see that {database.parent} is writable"
    if any(sign in log_text for sign in _OF_ANOTHER_PREFECT):
        return f"its database {database} is not one of this Prefect; {_move_away(database)}"
    if "ddress already in use" in log_text:
        return "another program took its port; run the same command again"
    return ""


def _move_away(database: Path) -> str:
    return (
        f"move it away, with any -wal and -shm beside it, and run the same command again: only the history of flow runs "
        f"is lost with {database.name}"
    )


def _programs_with_open_file(path: Path) -> list[str]:
    """Who else has the file open, as `name (process 123)`, where the system tells."""
    found = set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(link) == str(path.resolve()) and int(link.parts[2]) != os.getpid():
                name = (link.parents[1] / "comm").read_text(encoding="utf-8").strip()
                found.add(f"{name} (process {link.parts[2]})")
        except OSError:
            continue
    return sorted(found)
