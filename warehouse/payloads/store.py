"""The store of raw bytes: what a source really answered, by SHA-256, with the request beside it."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from warehouse.durable_io import disk_error, write_bytes, write_text
from warehouse.errors import LakeError
from warehouse.payloads.gzipped import NOTE_ROOM, compress_with_note, read_note
from warehouse.payloads.packing import Packs

_PACKED = (b"PAR1", b"PK\x03\x04", b"\x1f\x8b")


class PayloadStore:
    """`raw/ab/<sha256>.gz`, old ones in `raw/packed/*.zip`; a payload is written once, and with it what was asked, as a note
    in the gzip's header: they are many and small, and one file is synced in half the time of two.

    Bytes that are compressed already are kept as they are, `<sha256>`. Their requests, and the later ones of any payload,
    lie beside it: `<sha256>.<request>.json`.
    """

    def __init__(self, home: Path) -> None:
        self.folder = Path(home) / "raw"
        self._packs = Packs(self.folder)

    def put_payload(self, payload: bytes, request: Mapping[str, Any]) -> str:
        """Keep `payload` and what was asked; returns its SHA-256. The same twice is kept once, and in place of a damaged copy.

        Raises LakeError where the disk refuses.
        """
        digest = hashlib.sha256(payload).hexdigest()
        text = json.dumps(request, sort_keys=True, default=str) + "\n"
        stored = self._read_whole(digest)
        if stored is not None:
            is_kept = read_note(stored) == text.encode() or self._has_request_beside(digest, text.encode())
        else:
            is_kept = self._write_payload(digest, payload, text.encode())
        if not is_kept:
            write_text(self.folder / digest[:2] / _request_name(digest, text.encode()), text)
        return digest

    def has_payload(self, digest: str) -> bool:
        """Whether the payload is here, loose or packed."""
        return self._is_loose(digest) or bool(self._body_files(digest))

    def get_payload(self, digest: str) -> bytes:
        """The bytes as they came. Raises LakeError where they are missing or damaged."""
        found = self._read_body(digest)
        if found is None:
            raise LakeError(f"payload {digest} is not in {self.folder}; was it moved away?")
        return _unpack_payload(digest, *found)

    def payload_place(self, digest: str) -> str:
        """Where a payload that is here lies under the home, for a person: its file, or its member of a zip.

        `raw/ab/ab12*.gz`, or in full where it has no ending and files with its requests begin as it does.
        """
        for path in self._loose_files(digest):
            if path.exists():
                return f"{self.folder.name}/{digest[:2]}/{_short_name(path.name)}"
        for name, archive in self._body_files(digest):
            return f"{digest[:2]}/{_short_name(name)} in {archive.relative_to(self.folder.parent).as_posix()}"
        return digest

    def payload_digests(self) -> list[str]:
        """All payloads that are here, loose or packed, in order."""
        loose = {path.name.partition(".")[0] for path in self.folder.glob("??/*") if not path.name.startswith(".")}
        return sorted(loose | self._packs.packed_digests())

    def find_payloads(self, prefix: str) -> list[str]:
        """The payloads whose SHA-256 begins with `prefix`, in order."""
        return [digest for digest in self.payload_digests() if digest.startswith(prefix)]

    def requests_for_payload(self, digest: str) -> Iterator[dict[str, Any]]:
        """What was asked when these bytes came, once per distinct request. Raises LakeError where that is damaged."""
        for text in self._request_texts(digest):
            try:
                yield json.loads(text)
            except ValueError as error:
                raise LakeError(
                    f"what is kept with payload {digest} is damaged ({error}); restore it from a backup of the home"
                ) from error

    def _read_whole(self, digest: str) -> bytes | None:
        """The payload as it is stored; None where it is not here, or cannot be read as it came."""
        try:
            found = self._read_body(digest)
            if found is None:
                return None
            _unpack_payload(digest, *found)
        except LakeError:
            return None
        return found[1]

    def _request_texts(self, digest: str) -> list[bytes]:
        """The distinct requests as they are stored, by the names of their files."""
        beside = map(_read_bytes_if_present, (self.folder / digest[:2]).glob(f"{digest}.*.json"))
        packed = [member for member in self._packs.members_of_payload(digest) if member[0].endswith(".json")]
        found = self._read_body(digest)
        texts = [read_note(found[1]) if found else None, *beside, *map(self._packs.read_member, packed)]
        return sorted({text for text in texts if text}, key=lambda text: _request_name(digest, text))

    def _has_request_beside(self, digest: str, text: bytes) -> bool:
        """Whether it is stored apart from the payload. By name, for thousands may have been answered with the same few bytes."""
        name = f"{digest[:2]}/{_request_name(digest, text)}"
        return (self.folder / name).exists() or any(name == one for one, _ in self._packs.members_of_payload(digest))

    def _is_loose(self, digest: str) -> bool:
        return any(path.exists() for path in self._loose_files(digest))

    def _loose_files(self, digest: str) -> list[Path]:
        return [self.folder / digest[:2] / name for name in (digest, f"{digest}.gz")]

    def _body_files(self, digest: str) -> list[tuple[str, Path]]:
        return [m for m in self._packs.members_of_payload(digest) if not m[0].endswith(".json")]

    def _read_body(self, digest: str) -> tuple[str, bytes] | None:
        """Name and stored bytes. Loose first: a packer deletes a loose file only after its zip is whole."""
        for path in self._loose_files(digest):
            found = _read_bytes_if_present(path)
            if found is not None:
                return str(path), found
        for member in self._body_files(digest):
            return member[0], self._packs.read_member(member)
        return None

    def _write_payload(self, digest: str, payload: bytes, request: bytes) -> bool:
        """Whether the request could be written with it."""
        as_it_is, path = self._loose_files(digest)
        if payload.startswith(_PACKED):
            write_bytes(as_it_is, payload)
            return False
        has_room = len(request) <= NOTE_ROOM
        write_bytes(path, compress_with_note(payload, request if has_room else b""))
        return has_room


def _unpack_payload(digest: str, name: str, stored: bytes) -> bytes:
    """The bytes as they came. Raises LakeError where they are damaged."""
    try:
        payload = gzip.decompress(stored) if name.endswith(".gz") else stored
    except (OSError, EOFError, zlib.error) as error:
        raise LakeError(f"payload {name} is damaged ({error}); restore it from a backup of the home") from error
    if hashlib.sha256(payload).hexdigest() != digest:
        raise LakeError(
            f"payload {name} is damaged: its bytes do not have the SHA-256 of its name; "
            "restore it from a backup of the home"
        )
    return payload


def _short_name(name: str) -> str:
    stem = name.rpartition("/")[2]
    return f"{stem[:12]}*.gz" if stem.endswith(".gz") else stem


def _request_name(digest: str, text: bytes) -> str:
    return f"{digest}.{hashlib.sha256(text.rstrip()).hexdigest()[:12]}.json"


def _read_bytes_if_present(path: Path) -> bytes | None:
    """What the file holds; None where it is not there, or no longer."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk_error("read", path, error) from error
