"""The store of blocks: which blocks an earlier build left, in which of two files.

Tables of marts and reports lie in the file that was published, the others in a file of the store. A build begins with a copy of
each, if it is as the index says (its SHA-256), and makes of their tables the blocks that have another name now. The store may be
deleted at any time; its file is never altered, and the index is replaced whole at the end of a build.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from transforms.engine.former import Former, Start
from transforms.engine.model import PUBLISHED
from transforms.engine.run import KEPT, OUT
from warehouse.durable_io import fsync_file, write_text
from warehouse.errors import LakeError
from warehouse.settings import Settings

_INDEX = "index.json"
_FORMAT = 2
# a file that the index no longer names may still be copied by a build that began before
_KEEP_SECONDS = 3600


@dataclass(frozen=True)
class Block:
    """A block of a table: its name, how many rows it has and what their hashes add up to."""

    name: str
    rows: int
    digest: int


@dataclass
class BlockStore:
    """The blocks in `folder`; none where that is None. With `is_read_only` nothing is kept of what a build makes.

    `starts` says with what each database of the build at hand began.
    """

    folder: Path | None
    used_at: datetime
    is_read_only: bool = False
    starts: dict[str, Start] = field(default_factory=dict)
    _file: str = ""
    _taken: str = ""
    _formers: dict[str, Former] = field(default_factory=dict)
    _known: dict[str, dict[int, Block]] = field(default_factory=dict)
    _made: dict[str, dict[int, Block]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.folder is None:
            return
        try:
            index = json.loads((self.folder / _INDEX).read_text(encoding="utf-8"))
            if index["format"] == _FORMAT:
                formers = {database: Former(**index[database]) for database in (OUT, KEPT)}
                known = {
                    table: {
                        int(block): Block(name, rows, int(digest)) for block, (name, rows, digest) in blocks.items()
                    }
                    for table, blocks in index["tables"].items()
                }
                self._file, self._formers, self._known = str(index["file"]), formers, known
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass  # none yet, or damaged: all is made anew

    def begin(self) -> None:
        """Forget what an attempt before has made."""
        self._made, self._taken, self.starts = {}, "", {}

    def copy_former(self, database: str, target: Path, before: Path | None, settings: Settings) -> Start:
        """Copy to the new file `target` what an earlier build left of the database, if there is any. `before` is the file that
        was published before."""
        kept = None if self.folder is None or not self._file else self.folder / self._file
        former = self._formers.get(database, Former())
        self.starts[database] = former.copy(before if database == OUT else kept, target, settings)
        return self.starts[database]

    def has_former(self, database: str) -> bool:
        """The build began with what an earlier one left of the database."""
        return self.starts.get(database, Start.NOTHING) is not Start.NOTHING

    def find(self, table: str, block: int, name: str) -> Block | None:
        """The block of the table, where the build began with it under this name."""
        found = self._known.get(table, {}).get(block) if self.has_former(database_of(table)) else None
        return found if found is not None and found.name == name else None

    def note(self, table: str, blocks: Mapping[int, Block]) -> None:
        """What the build's table has: it holds once the files are whole, with the index."""
        self._made[table] = dict(blocks)

    def blocks_of(self, table: str) -> dict[int, Block]:
        """What was noted of the table."""
        return self._made.get(table, {})

    def take(self, kept: Path) -> None:
        """Move the file with a build's other kept blocks into the store; the index does not name it yet. Raises LakeError."""
        if self.folder is None or self.is_read_only or not self._made:
            return
        self._taken = f"blocks-{uuid.uuid4().hex}.duckdb"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # which copies it where the folder is on another file system; no index names it yet
            shutil.move(kept, self.folder / self._taken)
            fsync_file(self.folder / self._taken)
        except OSError as error:
            raise LakeError(
                f"cannot write to {self.folder}: {error.strerror}; mend the permissions of the home"
            ) from error

    def write_index(self, out: Path, settings: Settings) -> None:
        """Make the blocks of a build visible to later ones: those in its file `out`, and those in the file that was taken."""
        if self.folder is None or not self._taken:
            return

        def followed(database: str, path: Path) -> Former:
            former = self._formers.get(database, Former())
            return former.followed_by(path, settings, self.starts.get(database, Start.NOTHING))

        paths = {OUT: out, KEPT: self.folder / self._taken}
        with ThreadPoolExecutor() as pool:
            formers = dict(zip(paths, pool.map(followed, paths, paths.values()), strict=True))
        tables = {
            table: {str(block): [one.name, one.rows, str(one.digest)] for block, one in sorted(blocks.items())}
            for table, blocks in sorted(self._made.items())
        }
        index = {"format": _FORMAT, "file": self._taken, **{key: asdict(one) for key, one in formers.items()}}
        write_text(self.folder / _INDEX, json.dumps({**index, "tables": tables}, separators=(",", ":")))
        self._remove_old_files(self._taken)

    def _remove_old_files(self, named: str) -> None:
        assert self.folder is not None
        for path in (*self.folder.glob("*.duckdb"), *self.folder.glob("*.parquet")):
            try:
                if path.name != named and path.stat().st_mtime < self.used_at.timestamp() - _KEEP_SECONDS:
                    path.unlink()
            except FileNotFoundError:
                continue  # another build has removed it
            except OSError as error:
                raise LakeError(f"cannot remove {path}: {error.strerror}; mend the permissions of the home") from error


def database_of(table: str) -> str:
    """The database that has the blocks of a table."""
    return OUT if table.partition(".")[0] in PUBLISHED else KEPT
