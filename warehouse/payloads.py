"""The store of raw bytes: what a source really answered, by SHA-256, with the request beside it."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from warehouse.errors import LakeError
from warehouse.files import write_whole

_PACKED = (b"PAR1", b"PK\x03\x04", b"\x1f\x8b")


class PayloadStore:
    """`raw/ab/<sha256>[.gz]` and `<sha256>.<request>.json`; a payload is written once."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "raw"

    def put(self, payload: bytes, request: Mapping[str, Any]) -> str:
        """Keep `payload` and what was asked; returns its SHA-256. The same twice is kept once."""
        digest = hashlib.sha256(payload).hexdigest()
        if self._find(digest) is None:
            self._write(digest, payload)
        text = json.dumps(request, sort_keys=True, default=str)
        name = f"{digest}.{hashlib.sha256(text.encode()).hexdigest()[:12]}.json"
        beside = self.folder / digest[:2] / name
        if not beside.exists():
            write_whole(beside, lambda path: path.write_text(text + "\n", encoding="utf-8") and None)
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes as they came. Raises LakeError where they are missing or damaged."""
        found = self._find(digest)
        if found is None:
            raise LakeError(f"payload {digest} is not in {self.folder}; was it moved away?")
        payload = found.read_bytes()
        if found.suffix == ".gz":
            payload = gzip.decompress(payload)
        if hashlib.sha256(payload).hexdigest() != digest:
            raise LakeError(f"payload {found} is damaged: its bytes do not have the SHA-256 of its name")
        return payload

    def requests(self, digest: str) -> Iterator[dict[str, Any]]:
        """What was asked when these bytes came, once per distinct request."""
        for path in sorted((self.folder / digest[:2]).glob(f"{digest}.*.json")):
            yield json.loads(path.read_text(encoding="utf-8"))

    def _find(self, digest: str) -> Path | None:
        for name in (digest, f"{digest}.gz"):
            path = self.folder / digest[:2] / name
            if path.exists():
                return path
        return None

    def _write(self, digest: str, payload: bytes) -> None:
        packed = payload.startswith(_PACKED)
        path = self.folder / digest[:2] / (digest if packed else f"{digest}.gz")
        body = payload if packed else gzip.compress(payload, compresslevel=6, mtime=0)
        write_whole(path, lambda temporary: temporary.write_bytes(body) and None)
