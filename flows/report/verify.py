"""Makes the newest report of a past build again from the build made again, and compares its bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flows.build.version import code_version
from flows.report.folder import FOLDER
from flows.report.version import page_version
from reports.page import PageOptions
from reports.reading import open_build
from reports.session import session_files
from reports.site import read_manifests


@dataclass(frozen=True)
class PageVerdict:
    """`line` says what came of it; `is_equal` is False where the same code makes other bytes, or a file was changed."""

    line: str
    is_equal: bool


def verify_page(home: Path, build_id: str, built_again: Path) -> PageVerdict:
    """Compare the newest report of `build_id` under `home` with that of the file `built_again`."""
    own = [one for one in read_manifests(home / FOLDER) if one["build_id"] == build_id]
    if not own:
        return PageVerdict("page: there is no report of this build (never made, or made again from a later one)", True)
    manifest = own[-1]
    day = date.fromisoformat(manifest["session_date"])
    folder = home / FOLDER / day.isoformat()
    options = PageOptions(tuple(manifest["options"]["up_is_red_in"]), int(manifest["options"]["close_margin_minutes"]))
    with open_build(built_again) as reading:
        made = session_files(reading, day, manifest["languages"], options, manifest["page_version"])
    return _compare_files(manifest, folder, made)


def _compare_files(manifest: dict[str, Any], folder: Path, made: dict[str, bytes]) -> PageVerdict:
    where = f"page: {folder.parent.name}/{folder.name}"
    changed = [name for name, digest in manifest["files"].items() if _file_digest(folder / name) != digest]
    if changed:
        return PageVerdict(f"{where}: changed since it was made: {', '.join(changed)}", False)
    different = [
        name for name, digest in manifest["files"].items() if hashlib.sha256(made.get(name, b"")).hexdigest() != digest
    ]
    if not different:
        return PageVerdict(f"{where}: all {len(manifest['files'])} files are made again byte by byte", True)
    named = ", ".join(different[:5]) + (f" and {len(different) - 5} more" if len(different) > 5 else "")
    then, now = (manifest["code_version"], manifest["page_version"]), (code_version(), page_version())
    if then != now:
        return PageVerdict(
            f"{where}: made by other code ({' '.join(then)}, this is {' '.join(now)}); differ: {named}", True
        )
    return PageVerdict(f"{where}: DIFFERENT under the same code: {named}", False)


def _file_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
