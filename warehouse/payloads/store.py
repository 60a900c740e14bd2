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
from warehouse.payloads.packing import Packs

_PACKED = (b"PAR1", b"PK\x03\x04", b"\x1f\x8b")


class PayloadStore:
    """`raw/ab/<sha256>[.gz]` and `<sha256>.<request>.json`, old ones in `raw/packed/*.zip`; a payload is written once.

    Bytes that are compressed already are kept as they are.
    """

    def __init__(self, home: Path) -> None:
        self.folder = Path(home) / "raw"
        self._packs = Packs(self.folder)

    def put_payload(self, payload: bytes, request: Mapping[str, Any]) -> str:
        """Keep `payload` and what was asked; returns its SHA-256. The same twice is kept once.

        Raises LakeError where the disk refuses.
        """
        digest = hashlib.sha256(payload).hexdigest()
        packed = {member.rpartition("/")[2] for member, _ in self._packs.members_of_payload(digest)}
        if all(name.endswith(".json") for name in packed) and not self._is_loose(digest):
            self._write_payload(digest, payload)
        text = json.dumps(request, sort_keys=True, default=str)
        name = f"{digest}.{hashlib.sha256(text.encode()).hexdigest()[:12]}.json"
        if name not in packed:
            # it names an instant, so it is new; the same request again would be the same text
            write_text(self.folder / digest[:2] / name, text + "\n")
        return digest

    def has_payload(self, digest: str) -> bool:
        """Whether the payload is here, loose or packed."""
        return self._is_loose(digest) or bool(self._body_files(digest))

    def get_payload(self, digest: str) -> bytes:
        """The bytes as they came. Raises LakeError where they are missing or damaged."""
        found = self._read_body(digest)
        if found is None:
            raise LakeError(f"payload {digest} is not in {self.folder}; was it moved away?")
        name, payload = found
        try:
            payload = gzip.decompress(payload) if name.endswith(".gz") else payload
        except (OSError, EOFError, zlib.error) as error:
            raise LakeError(f"payload {name} is damaged ({error}); restore it from a backup of the home") from error
        if hashlib.sha256(payload).hexdigest() != digest:
            raise LakeError(f"payload {name} is damaged: its bytes do not have the SHA-256 of its name")
        return payload

    def payload_digests(self) -> list[str]:
        """All payloads that are here, loose or packed, in order."""
        loose = {path.name.partition(".")[0] for path in self.folder.glob("??/*") if not path.name.startswith(".")}
        return sorted(loose | self._packs.packed_digests())

    def requests_for_payload(self, digest: str) -> Iterator[dict[str, Any]]:
        """What was asked when these bytes came, once per distinct request."""
        texts: dict[str, bytes] = {}
        for path in sorted((self.folder / digest[:2]).glob(f"{digest}.*.json")):
            found = _read_bytes_if_present(path)
            if found is not None:
                texts[path.name] = found
        for member in self._packs.members_of_payload(digest):
            name = member[0].rpartition("/")[2]
            if name.endswith(".json") and name not in texts:
                texts[name] = self._packs.read_member(member)
        for name in sorted(texts):
            yield json.loads(texts[name])

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

    def _write_payload(self, digest: str, payload: bytes) -> None:
        packed = payload.startswith(_PACKED)
        path = self._loose_files(digest)[0 if packed else 1]
        body = payload if packed else gzip.compress(payload, compresslevel=6, mtime=0)
        write_bytes(path, body)


def _read_bytes_if_present(path: Path) -> bytes | None:
    """What the file holds; None where it is not there, or no longer."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk_error("read", path, error) from error
