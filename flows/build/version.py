"""Which code made a build: the release, and a digest of all that the warehouse's content depends on."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

# the texts stand in the tables of reports
_PACKAGES = ("warehouse", "transforms", "reports.texts")


@lru_cache(maxsize=1)
def code_version() -> str:
    """Such as 0.1.0+3f2a9c1b04de: equal where the code that makes a warehouse from a lake is equal, byte by byte."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for name, text in sorted(_source_files(_folder_of(package), package)):
            digest.update(name.encode() + b"\0" + text + b"\0")
    return f"{version('breadthwise')}+{digest.hexdigest()[:12]}"


def other_code_of(con: duckdb.DuckDBPyConnection) -> str:
    """The code that made a warehouse where that is not this one; '' where it is, or the file does not tell."""
    import duckdb

    try:
        made_by = str(con.execute("select any_value(code_version) from ops.builds").fetchall()[0][0])
    except duckdb.Error:
        return ""
    return "" if made_by == code_version() else made_by


def _folder_of(package: str) -> Path:
    """Where a package's files are; it is not imported for that."""
    top, *inner = package.split(".")
    spec = find_spec(top)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(next(iter(spec.submodule_search_locations)), *inner)


def _source_files(folder: Path, name: str) -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        path = f"{name}/{entry.name}"
        if entry.is_dir() and entry.name != "__pycache__":
            found += _source_files(entry, path)
        elif entry.name.endswith((".py", ".sql", ".po")):
            found.append((path, entry.read_bytes()))
    return found
