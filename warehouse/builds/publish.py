"""Publishing a build: a finished, read-only file in `builds/`, and one link that says which is current.

The link is relative and switched by rename, so a reader sees a whole build at any moment; a client
that still has an older build open, even for writing, leaves its WAL beside that build.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from warehouse.durable_io import (
    disk_error,
    fsync_directory,
    fsync_file,
    hold_lock,
    is_process_alive,
    try_lock,
    write_text,
)
from warehouse.errors import LakeError
from warehouse.lake.manifest import manifest_path, read_manifest

LINK = "warehouse.duckdb"
# in the folder of work of a build that is under way
WORK_LOCK = "lock"
_A_DAY = timedelta(days=1)
_BUILD_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")


def new_build_path(home: Path, build_id: str) -> Path:
    """Where the build `build_id` is to be made; its folder exists. Raises LakeError if that build exists."""
    if not _BUILD_ID.match(build_id):
        raise LakeError(f"build id {build_id!r} cannot name a file: letters, digits, '_', '.' and '-' are allowed")
    path = home / "builds" / f"{build_id}.duckdb"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error("make", path.parent, error) from error
    if path.exists():
        raise LakeError(f"{path} exists already: builds are immutable, choose another build id")
    return path


def publish_build(home: Path, build_path: Path, generation: int | None = None) -> bool:
    """Make the closed, checkpointed file `build_path` (in `builds/`) the current warehouse.

    With `generation` (of the lake that it was built from) a build never replaces one of a newer lake:
    the answer is then False. (One of a newer lake than there is was left by a lake that a backup has replaced.)
    Raises LakeError where the file is not finished or the disk refuses.
    """
    builds = home / "builds"
    if build_path.parent.resolve() != builds.resolve():
        raise LakeError(f"{build_path} cannot be published: a build must lie in {builds}")
    if not build_path.is_file():
        raise LakeError(f"{build_path} cannot be published: there is no such file")
    wal = build_path.with_name(build_path.name + ".wal")
    if wal.exists():
        raise LakeError(f"{build_path} cannot be published: it was not closed, {wal.name} lies beside it")
    with hold_lock(builds / ".publish.lock"):
        newest = _published_generation(builds)
        if generation is not None and newest is not None and generation < newest:
            of_lake = read_manifest(manifest_path(home)).generation
            if newest <= of_lake or not of_lake:
                return False
        try:
            _switch_current_build(home, build_path)
        except OSError as error:
            raise disk_error("publish", build_path, error) from error
        if generation is not None:
            write_text(builds / ".published.json", json.dumps({"build": build_path.name, "generation": generation}))
        return True


def _switch_current_build(home: Path, build_path: Path) -> None:
    build_path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
    fsync_file(build_path)
    fsync_directory(build_path.parent)
    temporary = home / f".{LINK}.tmp"  # under the lock there is one publisher; a dead one's link is replaced
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(Path("builds") / build_path.name)
    os.replace(temporary, home / LINK)
    fsync_directory(home)


def _published_generation(builds: Path) -> int | None:
    try:
        return int(json.loads((builds / ".published.json").read_text(encoding="utf-8"))["generation"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LakeError(f"{builds / '.published.json'} cannot be read ({error}); remove it and build again") from error


def current_build(home: Path) -> Path | None:
    """The current build's file; None where nothing has been published. Raises LakeError if it is gone."""
    path = _linked_path(home)
    if path is not None and not path.is_file():
        raise LakeError(f"{home / LINK} leads to {path}, which is gone; run `breadthwise build`")
    return path


def refuse_lost_build(home: Path) -> None:
    """Raises LakeError where a build was published and its file is gone."""
    if (home / LINK).is_symlink():
        current_build(home)


def build_to_replace(home: Path) -> Path | None:
    """The current build's file, for the build that is to come after it; None where there is none, or it is gone."""
    path = _linked_path(home)
    return path if path is not None and path.is_file() else None


def _linked_path(home: Path) -> Path | None:
    link = home / LINK
    try:
        name = Path(os.readlink(link)).name
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LakeError(f"{link} is no link to a build ({error.strerror}); move it away and build again") from error
    return home / "builds" / name


def prunable_files(home: Path, keep_days: float, now: datetime) -> list[Path]:
    """Files in `builds/` that were last written over `keep_days` before `now`, never the current build's.

    What was not published, and may be under way, is left alone for a day at least.
    """
    builds = home / "builds"
    if not builds.is_dir():
        return []
    link = home / LINK
    current = Path(os.readlink(link)).name if link.is_symlink() else ""
    oldest = now - timedelta(days=keep_days)
    kept = {current, f"{current}.wal"}
    files = [p for p in sorted(builds.iterdir()) if ".duckdb" in p.name and p.is_file() and p.name not in kept]
    return [p for p in files if _last_written_at(p) < (min(oldest, now - _A_DAY) if _is_writable(p) else oldest)]


def _is_writable(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IWUSR)


def _last_written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _remove_abandoned_folders(builds: Path) -> None:
    """Delete the folders of work (`.<build>.<pid>.work`) of builds that have come to no end of their own.

    Nobody holds the lock of such a folder, in other containers either, where processes have other numbers. One without a lock
    is of an earlier release, whose process is dead; or it is empty and has just been made.
    """
    for folder in builds.glob(".*.work"):
        pid = folder.name.split(".")[-2]
        if not pid.isdecimal():
            continue
        if (folder / WORK_LOCK).exists():
            with try_lock(folder / WORK_LOCK) as holder:
                if holder is None:
                    shutil.rmtree(folder, ignore_errors=True)
        elif _has_files(folder) and not is_process_alive(int(pid), 0):
            shutil.rmtree(folder, ignore_errors=True)


def _has_files(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except OSError:  # its build has ended meanwhile
        return False


def prune_builds(home: Path, keep_days: float, now: datetime) -> list[Path]:
    """Delete what `prunable` names; returns it. A reader that has a build open keeps it until it closes.

    The scratch files of builds that were killed go too.
    """
    with hold_lock(home / "builds" / ".publish.lock"):
        _remove_abandoned_folders(home / "builds")
        found = prunable_files(home, keep_days, now)
        for path in found:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise disk_error("delete", path, error) from error
        return found
