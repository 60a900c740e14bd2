"""Finds the files of an import: one file, a folder, a glob, or a zip whose members are checked before they are read.

A file packed by gzip (.csv.gz) is unpacked when it is read."""

from __future__ import annotations

import fnmatch
import glob
import gzip
import io
import os
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from sources.formats._base import Format
from warehouse.controls import printable_text
from warehouse.errors import FormatError, UsageError

SUFFIXES = (".csv", ".txt", ".tsv", ".parquet", ".pq", ".xlsx")
MAX_MEMBERS = 100_000
# Reading takes about five times as much memory as a text has bytes.
MAX_MEMBER_BYTES = 1 << 30
# Prices pack to a third or a tenth, sparse tables to a fiftieth; a two-hundredth says the same again and again.
MAX_RATIO = 200
_SMALL_BYTES = 16 << 20  # however little they were packed to
_PIECE_BYTES = 4 << 20
_ARCHIVES = (".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz", ".zst")
_DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError)
_GZ = ".gz"
_MAGIC = re.compile(r"[*?\[]")
_PACKED = b"PK\x03\x04"


@dataclass(frozen=True)
class BulkFile:
    """A file on disk, or a member of a zip. `name` is its folder and name, as in `etfs/closes.parquet`; without .gz."""

    name: str
    path: Path
    member: str = ""

    @property
    def source_name(self) -> str:
        """The name of the source where the user gives none: folder and stem."""
        return str(PurePosixPath(self.name).with_suffix(""))

    @property
    def name_fault(self) -> str:
        """Why its name cannot stand beside its rows; '' where it can."""
        if any("\ud800" <= letter <= "\udfff" for letter in self.name):
            return "its name, or its folder's, is not UTF-8; rename it"
        is_plain = self.name == printable_text(self.name)
        return "" if is_plain else "its name, or its folder's, holds control characters; rename it"

    @property
    def place(self) -> str:
        """Where it lies, as messages tell one of two files of the same name."""
        return str(self.path / self.member)

    def read_payload(self) -> bytes | Path:
        """What to parse: the path, or the unpacked bytes. Raises FormatError for what is damaged or locked."""
        if self.member:
            return _read_zip_member(self.path, self.member)
        return _read_gzip(self.path) if self.path.suffix.lower() == _GZ else self.path


@dataclass(frozen=True)
class Found:
    """The files of an import in order, and what lay beside them and is not read, each with the reason."""

    files: tuple[BulkFile, ...]
    skipped: tuple[str, ...] = ()


def find_files(path: str | Path, one: Format | None) -> Found:
    """The files at `path` that may be of format `one`; of any, where it is None.

    Raises UsageError where nothing is there or nothing fits, FormatError for a zip that must not be opened.
    """
    text = os.path.expanduser(str(path))
    place = Path(text)
    if not place.exists() and _MAGIC.search(text):
        result = _find_by_glob(text, one)
    elif place.is_dir():
        result = _find_in_folder(place, one)
    elif place.is_file():
        result = _file_or_members(place, one)
    elif place.exists():
        raise UsageError(f"{text} is neither a file nor a folder")
    else:
        wanted = "give a file, a folder, a zip, or a pattern in quotes such as 'bars/*.csv'"
        raise UsageError(f"there is nothing at {text}; {wanted}")
    if not result.files:
        places = f"{_file_pattern(one)} with {', '.join(SUFFIXES)}"
        beside = f"; skipped: {'; '.join(result.skipped[:5])}" if result.skipped else ""
        kind = f"file of format {one.name}" if one else "file that can be imported"
        raise UsageError(f"no {kind} at {text}: looked for {places}{beside}")
    return result


def _file_pattern(one: Format | None) -> str:
    return one.pattern if one else "*"


def _matches_pattern(name: str, one: Format | None) -> bool:
    bare = name.lower().removesuffix(_GZ)
    return bare.endswith(SUFFIXES) and fnmatch.fnmatch(PurePosixPath(name).stem, _file_pattern(one))


def _bulk_file(path: Path) -> BulkFile:
    whole = path.absolute()
    name = whole.name[: -len(_GZ)] if whole.suffix.lower() == _GZ else whole.name
    return BulkFile(f"{whole.parent.name}/{name}".lstrip("/"), path)


def _file_or_members(path: Path, one: Format | None) -> Found:
    try:
        with path.open("rb") as handle:
            is_zip = handle.read(4) == _PACKED
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    is_sheet = path.suffix.lower() in (".xlsx", ".xlsm")
    if (is_zip and not is_sheet) or path.suffix.lower() == ".zip":
        return _zip_members(path, one)
    return Found((_bulk_file(path),))


def _find_by_glob(pattern: str, one: Format | None) -> Found:
    fixed = Path(_MAGIC.split(pattern)[0] + "x").parent
    files: list[BulkFile] = []
    skipped: list[str] = []
    for name in sorted(glob.glob(pattern, recursive=True)):
        path = Path(name)
        if _leads_out_of_folder(path, fixed):
            skipped.append(f"{name} (a link that leads out of the folder)")
        elif path.is_file():
            found = _file_or_members(path, one)
            files += found.files
            skipped += found.skipped
    return Found(tuple(files), tuple(skipped))


def _find_in_folder(folder: Path, one: Format | None) -> Found:
    files: list[BulkFile] = []
    skipped: list[str] = []
    for place, folders, names in os.walk(folder, followlinks=False):
        skipped += [f"{Path(place) / name} (a linked folder)" for name in folders if (Path(place) / name).is_symlink()]
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        for name in sorted(names):
            path = Path(place) / name
            if name.startswith(".") or not _matches_pattern(name, one):
                skipped.append(_other_kind(path, one))
            elif _leads_out_of_folder(path, folder):
                skipped.append(f"{path} (a link that leads out of the folder)")
            elif path.is_file():
                files.append(_bulk_file(path))
    return Found(tuple(files), tuple(skipped))


def _other_kind(path: Path, one: Format | None) -> str:
    return f"{path} (not {_file_pattern(one)} with {', '.join(SUFFIXES)})"


def _leads_out_of_folder(path: Path, folder: Path) -> bool:
    return path.resolve() != path.absolute() and not path.resolve().is_relative_to(folder.resolve())


def _zip_members(path: Path, one: Format | None) -> Found:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except _DAMAGED as error:
        raise FormatError(f"{path} is no whole zip file ({error}); fetch it again") from error
    if len(infos) > MAX_MEMBERS:
        detail = f"{path} holds {len(infos)} members; at most {MAX_MEMBERS} are read"
        raise FormatError(f"{detail}; unpack it and import the folder")
    for info in infos:
        _check_zip_member(path, info)
    files: list[BulkFile] = []
    skipped: list[str] = []
    for info in sorted(infos, key=lambda info: info.filename):
        member = PurePosixPath(info.filename)
        if info.is_dir() or any(folder.startswith((".", "__MACOSX")) for folder in member.parent.parts):
            continue
        if member.name.startswith(".") or not _matches_pattern(info.filename, one):
            skipped.append(_other_kind(path / info.filename, one))
        else:
            inside = PurePosixPath(path.stem) / info.filename
            files.append(BulkFile(f"{inside.parent.name}/{inside.name}", path, info.filename))
    counts = Counter(file.member for file in files)
    twice = next((name for name, count in counts.items() if count > 1), "")
    if twice:
        raise FormatError(
            f"{path} is refused: {counts[twice]} of its members are called {twice[:100]!r}, and nothing says which is meant; "
            "pack it again"
        )
    return Found(tuple(files), tuple(skipped))


def _check_zip_member(path: Path, info: zipfile.ZipInfo) -> None:
    """Raise FormatError for a member that leads out of the zip, is another archive, or unpacks to too much."""
    name = info.filename.replace("\\", "/")
    reason = ""
    if not name:
        reason = "it has no name"
    elif name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/"):
        reason = "its path leads out of the zip"
    elif (info.external_attr >> 16) & 0o170000 == 0o120000:
        reason = "it is a symbolic link"
    elif name.lower().endswith(_ARCHIVES):
        reason = "it is an archive itself; unpack that one first"
    elif info.flag_bits & 1:
        reason = "it is locked by a password"
    elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        reason = "it is packed by a method other than deflate; pack it again"
    elif info.file_size > MAX_MEMBER_BYTES:
        reason = f"it unpacks to {info.file_size:,} bytes, more than {MAX_MEMBER_BYTES:,}; split it, or unpack it"
    elif _is_bomb(info.file_size, info.compress_size):
        reason = f"it unpacks to {info.file_size:,} bytes from {info.compress_size:,}: a zip bomb"
    if reason:
        raise FormatError(f"{path} is refused for its member {info.filename[:100]!r}: {reason}")


@lru_cache(maxsize=1)
def _open_zip(path: Path, changed: int) -> zipfile.ZipFile:
    """The zip, kept open: reading its directory again for each of 10,000 members would take minutes."""
    return zipfile.ZipFile(path)


def _read_zip_member(path: Path, member: str) -> bytes:
    try:
        archive = _open_zip(path, path.stat().st_mtime_ns)
        stated = archive.getinfo(member).file_size
        with archive.open(member) as handle:
            payload = handle.read(stated + 1)  # the stated size can lie, so what comes is counted
        if len(payload) > stated:
            raise FormatError(f"{path}: member {member!r} unpacks to more than it states; refused")
    except (*_DAMAGED, KeyError, RuntimeError) as error:
        raise FormatError(f"{path}: member {member!r} cannot be read ({error}); fetch the zip again") from error
    if payload.startswith(_PACKED) and not member.lower().endswith(".xlsx"):
        raise FormatError(f"{path} is refused for its member {member!r}: it is an archive itself; unpack it first")
    return payload


def _is_bomb(size: int, packed: int) -> bool:
    return size > _SMALL_BYTES and size > MAX_RATIO * max(packed, 1)


def _read_gzip(path: Path) -> bytes:
    """The unpacked bytes. Unpacks no further than to where the file proves to be too much."""
    unpacked = io.BytesIO()
    try:
        packed = path.stat().st_size
        with gzip.open(path) as handle:
            while piece := handle.read(_PIECE_BYTES):
                size = unpacked.tell() + len(piece)
                if size > MAX_MEMBER_BYTES or _is_bomb(size, packed):
                    break
                unpacked.write(piece)
            else:
                return unpacked.getvalue()
    except _DAMAGED as error:
        raise FormatError(f"{path} is no whole gzip file ({error}); fetch it again") from error
    if size > MAX_MEMBER_BYTES:
        reason = f"it unpacks to more than {MAX_MEMBER_BYTES:,} bytes; split it (by years, say), or unpack it"
    else:
        reason = f"it unpacks to {size:,} bytes or more from {packed:,}: a zip bomb; if it is none, unpack it"
    raise FormatError(f"{path} is refused: {reason}")
