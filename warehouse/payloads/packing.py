"""Old payloads, many small files, go into a few zip files; `PayloadStore` still finds them by SHA-256."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

from warehouse.durable_io import TEMPORARY_SUFFIX, disk_error, write_whole_file
from warehouse.errors import LakeError

FOLDER = "packed"


def packable_files(home: Path, before: datetime) -> list[Path]:
    """Loose payloads (requests beside them included) last written before that instant."""
    folders = [p for p in (home / "raw").glob("??") if p.is_dir()]
    files = (p for folder in folders for p in sorted(folder.iterdir()) if not p.name.endswith(TEMPORARY_SUFFIX))
    return sorted(p for p in files if datetime.fromtimestamp(p.stat().st_mtime, UTC) < before)


def pack_files(home: Path, files: list[Path], now: datetime) -> Path | None:
    """Move `files` of `raw/` into one new zip. They are deleted only once the zip is whole on disk."""
    if not files:
        return None
    raw = home / "raw"
    taken = {p.name for p in (raw / FOLDER).glob("*.zip")}
    stem = f"{now.astimezone(UTC):%Y%m%dT%H%M%S}"
    name = next(n for n in (f"{stem}-{i:03d}.zip" for i in range(len(taken) + 1)) if n not in taken)

    def write_zip(temporary: Path) -> None:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
            for path in files:
                archive.write(path, str(path.relative_to(raw)))

    target = raw / FOLDER / name
    write_whole_file(target, write_zip)
    for path in files:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise disk_error("delete", path, error) from error
    return target


class Packs:
    """What the zips of a store hold: member name -> zip. Reads each directory once, new ones as they come."""

    def __init__(self, raw: Path) -> None:
        self.folder = raw / FOLDER
        self._seen: set[str] = set()
        self._members: dict[str, list[tuple[str, Path]]] = {}

    def members_of_payload(self, digest: str) -> list[tuple[str, Path]]:
        """The packed files of a payload: (name of the member, its zip)."""
        for path in sorted(self.folder.glob("*.zip")):
            if path.name not in self._seen:
                self._index_zip(path)
        return self._members.get(digest, [])

    def packed_digests(self) -> set[str]:
        """The payloads that lie in any zip."""
        self.members_of_payload("")
        return set(self._members)

    def _index_zip(self, path: Path) -> None:
        try:
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
        except (OSError, zipfile.BadZipFile) as error:
            raise LakeError(f"{path} is damaged ({error}); restore it from a backup of the home") from error
        for name in names:
            digest = name.rpartition("/")[2].partition(".")[0]
            self._members.setdefault(digest, []).append((name, path))
        self._seen.add(path.name)

    @staticmethod
    def read_member(member: tuple[str, Path]) -> bytes:
        name, path = member
        try:
            with zipfile.ZipFile(path) as archive:
                return archive.read(name)
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise LakeError(f"{name} in {path} cannot be read ({error}); restore it from a backup") from error
