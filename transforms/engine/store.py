"""The store of blocks: Parquet files of what builds made, and an index that says which file has which block under which name.

It may be deleted at any time. Files are immutable; the index is replaced whole at the end of a build. What the index says of
a block's rows is held against the rows when they are read, so that a damaged, half-written or exchanged file is noticed.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

import duckdb

from transforms.engine.former import Former
from warehouse.duck import quote_literal
from warehouse.durable_io import write_text
from warehouse.errors import LakeError

_INDEX = "index.json"
_FORMAT = 1
# a file that the index no longer names may still be read by a build that began before
_KEEP_SECONDS = 86400


@dataclass(frozen=True)
class Entry:
    """A block: its name, what its rows add up to, and the file that has them."""

    name: str
    digest: int
    file: str = ""


@dataclass
class BlockStore:
    """The blocks in `folder`; none where that is None. With `is_read_only` nothing is kept of what a build makes."""

    folder: Path | None
    used_at: datetime
    is_read_only: bool = False
    former: Former = field(default_factory=Former)
    _entries: dict[str, dict[int, Entry]] = field(default_factory=dict)
    _named: dict[str, dict[int, Entry]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.folder is None:
            return
        try:
            index = json.loads((self.folder / _INDEX).read_text(encoding="utf-8"))
            if index["format"] == _FORMAT:
                self._entries = {
                    table: {
                        int(block): Entry(name, int(digest), file) for block, (name, digest, file) in blocks.items()
                    }
                    for table, blocks in index["tables"].items()
                }
                self.former = Former(**index["former"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self._entries = {}  # none yet, or damaged: all is made anew

    def has(self, table: str, block: int, name: str) -> bool:
        return self.find(table, block, name) is not None

    def find(self, table: str, block: int, name: str) -> Entry | None:
        """The block of the table, where the store has it under this name."""
        entry = self._entries.get(table, {}).get(block)
        return entry if entry is not None and entry.name == name else None

    def forget(self, table: str, blocks: Iterable[int]) -> None:
        for block in blocks:
            self._entries.get(table, {}).pop(block, None)

    def rows_sql(self, file: str, columns: Mapping[str, str]) -> str:
        """A SELECT of the rows of a file."""
        assert self.folder is not None
        names = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in columns.items())
        return f"select {names} from read_parquet({quote_literal(self.folder / file)})"

    def add(
        self,
        con: duckdb.DuckDBPyConnection,
        table: str,
        rows: str,
        columns: Mapping[str, str],
        entries: Mapping[int, Entry],
    ) -> None:
        """Keep the rows of the SELECT as those of the blocks."""
        if self.folder is None or self.is_read_only:
            return
        # Parquet has no whole numbers of 128 bits and would take a double's 53 of them: as text they stay whole
        names = ", ".join(
            f'cast("{n}" as varchar) as "{n}"' if kind == "HUGEINT" else f'"{n}"' for n, kind in columns.items()
        )
        file = f"{table.partition('.')[2] or table}-{uuid.uuid4().hex}.parquet"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LakeError(f"cannot make {self.folder}: {error.strerror}; mend the permissions of the home") from error
        con.execute(f"copy (select {names} from ({rows})) to {quote_literal(self.folder / file)} (format parquet)")
        self._entries.setdefault(table, {}).update(
            {block: replace(entry, file=file) for block, entry in entries.items()}
        )

    def name_blocks(self, table: str, entries: Mapping[int, Entry]) -> None:
        """Note the names of blocks that are kept in the build's own file: they hold once it is whole, with the index."""
        self._named[table] = dict(entries)

    def write_index(self, former: Former) -> None:
        """Make what was added visible to later builds, and remove files that have not been in use for a day."""
        self._entries.update(self._named)
        if self.folder is None or self.is_read_only or not self._entries:
            return
        tables = {
            table: {str(block): [entry.name, str(entry.digest), entry.file] for block, entry in sorted(blocks.items())}
            for table, blocks in sorted(self._entries.items())
        }
        write_text(
            self.folder / _INDEX,
            json.dumps({"format": _FORMAT, "former": asdict(former), "tables": tables}, separators=(",", ":")),
        )
        named = {entry.file for blocks in self._entries.values() for entry in blocks.values()}
        for path in self.folder.glob("*.parquet"):
            try:
                if path.name not in named and path.stat().st_mtime < self.used_at.timestamp() - _KEEP_SECONDS:
                    path.unlink()
            except FileNotFoundError:
                continue  # another build has removed it
            except OSError as error:
                raise LakeError(f"cannot remove {path}: {error.strerror}; mend the permissions of the home") from error
