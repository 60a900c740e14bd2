"""Parsed payloads kept on the disk for the time of a replay: what has news is committed without being parsed again."""

from __future__ import annotations

import pickle
from pathlib import Path

import pyarrow as pa

from sources.base import Parsed
from warehouse.durable_io import disk_error


class Kept:
    """One file that only this process reads, written from its beginning to its end; a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: dict[int, tuple[int, int, int]] = {}

    def __enter__(self) -> Kept:
        try:
            self._file = self._path.open("w+b")
        except OSError as error:
            raise disk_error("write", self._path, error) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, place: int, rows: Parsed) -> None:
        """Keep `rows` under the number `place`. Raises LakeError where the disk refuses."""
        whole = pickle.dumps(rows, protocol=5)
        packed = pa.compress(whole, codec="lz4", asbytes=True)
        try:
            self._places[place] = self._file.seek(0, 2), len(packed), len(whole)
            self._file.write(packed)
        except OSError as error:
            raise disk_error("write", self._path, error) from error

    def get(self, place: int) -> Parsed:
        """The rows of `place`. Raises LakeError where the disk refuses."""
        start, size, unpacked = self._places[place]
        try:
            self._file.seek(start)
            packed = self._file.read(size)
        except OSError as error:
            raise disk_error("read", self._path, error) from error
        rows: Parsed = pickle.loads(pa.decompress(packed, unpacked, codec="lz4", asbytes=True))
        return rows
