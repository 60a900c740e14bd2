"""Which code makes a page: a digest of package reports, and the versions of the libraries that its bytes depend on."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

_LIBRARIES = ("altair", "vl-convert-python", "jinja2", "babel", "xlsxwriter", "pyarrow", "duckdb")


@lru_cache(maxsize=1)
def page_version() -> str:
    """Equal where the code that makes a report from a build is equal, byte by byte."""
    digest = hashlib.sha256()
    for name, content in sorted(_source_files(files("reports"), "reports")):
        digest.update(name.encode() + b"\0" + content + b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library}=={version(library)}\0".encode())
    return digest.hexdigest()[:12]


def _source_files(folder: Traversable, name: str) -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        path = f"{name}/{entry.name}"
        if entry.is_dir():
            if entry.name != "__pycache__":
                found += _source_files(entry, path)
        elif not entry.name.endswith(".pyc"):
            found.append((path, entry.read_bytes()))
    return found
