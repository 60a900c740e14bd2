"""The cache of the heavy steps: cells of sessions whose part of the panel, with its warm-up, is what it was in an earlier build.

A file is named by a digest of all that its rows were made from, so that nothing has to be invalidated: what has changed has
another name. A build without the cache gives the same tables.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from transforms.engine import run
from transforms.engine.graph import parameter_names
from transforms.engine.model import Model
from transforms.engine.shards import SHARD_VALUES, insert_in_shards, shard_ranges
from warehouse.duck import error_line, quote_literal
from warehouse.durable_io import write_whole_file
from warehouse.errors import LakeError, ModelError

# each is a function of the panel's rows of its session and of the 252 before (a year: the longest window)
CACHED = frozenset({"intermediate.breadth_cells", "intermediate.flow_cells", "intermediate.intraday_cells"})
BLOCK = 126
WARM_UP_BLOCKS = 2
KEEP_DAYS = 14
_PANEL = "intermediate.panel"
_FORMAT = 2
# by what rows of a set of universes are known in every build
_SETS = "(select distinct universe_set_id, hash(universes) as set_hash from intermediate.universe_sets)"


@dataclass
class CellCache:
    """The cache of one build in `folder`; files used last over KEEP_DAYS before `used_at` go away when it ends."""

    folder: Path
    used_at: datetime
    digests: dict[int, int] = field(default_factory=dict)

    def make_cached_table(self, con: duckdb.DuckDBPyConnection, model: Model, values: Mapping[str, Any]) -> None:
        """Make the table of a model in CACHED: cells that are known are read, the others made, and kept for later.

        Raises ModelError where the SQL fails.
        """
        try:
            self._make_table(con, model, values)
        except duckdb.Error as error:
            raise ModelError(f"{model.name}: {error_line(error)}") from error

    def _make_table(self, con: duckdb.DuckDBPyConnection, model: Model, values: Mapping[str, Any]) -> None:
        if not self.digests:
            self._digest_blocks(con)
        table = f"{run.database_of_model(model)}.{model.name}"
        wanted = {name: values[name] for name in sorted(parameter_names(model.sql) - set(SHARD_VALUES))}
        paths = {block: self._cell_path(model, wanted, block) for block in sorted(self.digests)}
        present = [block for block, path in paths.items() if path.exists()]
        missing = [block for block in paths if block not in set(present)]
        if not present:
            run.make_table(con, model, values)
        else:
            try:
                self._read_cells(con, table, [paths[block] for block in present], model)
            except duckdb.Error:  # a damaged file, or one that another build has just removed: the cells are made again
                con.execute(f"drop table if exists {table}")
                run.make_table(con, model, values)
                missing = list(paths)
            else:
                assert model.shards is not None
                for first, last in _adjacent_runs(missing):
                    parts = shard_ranges(con, model.shards, (first * BLOCK, last * BLOCK + BLOCK - 1))
                    insert_in_shards(con, table, model.sql, parts, wanted)
        self._write_cells(con, table, model, {block: paths[block] for block in missing})

    def _digest_blocks(self, con: duckdb.DuckDBPyConnection) -> None:
        """The digest of each block of sessions of the panel. Numbers of instruments and sets differ from build to build, so
        ids and members stand for them; past the longest window the age makes no difference."""
        shown = (
            con.execute(
                f"select * exclude (instrument_no, series_no, universe_set_id, age, market_age) from {_PANEL} limit 0"
            ).description
            or []
        )
        columns = ", ".join(f'p."{column[0]}"' for column in shown)
        capped = ", ".join(f"least(p.{name}, {BLOCK * WARM_UP_BLOCKS})" for name in ("age", "market_age"))
        row = f"hash(i.name, s.set_hash, {capped}, {columns})"
        rows = con.execute(f"""
            select p.seq // {BLOCK}, sum(cast({row} as hugeint)) % 18446744073709551616
            from {_PANEL} as p
            inner join (
                select instrument_no, hash(instrument_id) as name from intermediate.equity_series where is_best
            ) as i on p.instrument_no = i.instrument_no
            inner join {_SETS} as s on p.universe_set_id = s.universe_set_id
            group by all order by all""").fetchall()
        self.digests = {int(block): int(digest) for block, digest in rows}

    def _cell_path(self, model: Model, values: Mapping[str, Any], block: int) -> Path:
        before = [self.digests.get(number, 0) for number in range(block - WARM_UP_BLOCKS, block + 1)]
        made_from = (_FORMAT, duckdb.__version__, BLOCK, model.sql, sorted(values.items()), block, before)
        digest = hashlib.sha256(repr(made_from).encode()).hexdigest()[:32]
        return self.folder / f"{model.stem}-{digest}.parquet"

    def _read_cells(self, con: duckdb.DuckDBPyConnection, table: str, paths: list[Path], model: Model) -> None:
        for path in paths:
            os.utime(path, (self.used_at.timestamp(), self.used_at.timestamp()))
        names = ", ".join(
            "s.universe_set_id"
            if column.name == "universe_set_id"
            else f'cast(c."{column.name}" as {column.type}) as "{column.name}"'
            for column in model.columns
        )
        con.execute(
            f"""create table {table} as select {names} from read_parquet(?) as c
            inner join {_SETS} as s on c.set_hash = s.set_hash""",
            [[str(path) for path in paths]],
        )

    def _write_cells(self, con: duckdb.DuckDBPyConnection, table: str, model: Model, paths: Mapping[int, Path]) -> None:
        # Parquet has no whole numbers of 128 bits and would take a double's 53 of them: as text they stay whole
        names = ", ".join(
            f'cast(c."{column.name}" as varchar) as "{column.name}"'
            if column.type == "HUGEINT"
            else f'c."{column.name}"'
            for column in model.columns
            if column.name != "universe_set_id"
        )
        for block, path in paths.items():
            query = f"""select {names}, s.set_hash from {table} as c inner join {_SETS} as s using (universe_set_id)
                where c.seq between {block * BLOCK} and {block * BLOCK + BLOCK - 1}"""

            def write_parquet(temporary: Path, query: str = query) -> None:
                con.execute(f"copy ({query}) to {quote_literal(temporary)} (format parquet)")

            write_whole_file(path, write_parquet)
            os.utime(path, (self.used_at.timestamp(), self.used_at.timestamp()))

    def prune_cells(self) -> None:
        """Remove what no build has used for KEEP_DAYS."""
        oldest = self.used_at.timestamp() - KEEP_DAYS * 86400
        for path in self.folder.glob("*_cells-*.parquet"):
            try:
                if path.stat().st_mtime < oldest:
                    path.unlink()
            except FileNotFoundError:
                continue  # another build has removed it
            except OSError as error:
                raise LakeError(f"cannot remove {path}: {error.strerror}; mend the permissions of the home") from error


def _adjacent_runs(blocks: list[int]) -> list[tuple[int, int]]:
    """Runs of adjacent blocks, as (first, last)."""
    spans: list[tuple[int, int]] = []
    for block in blocks:
        if spans and block == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], block)
        else:
            spans.append((block, block))
    return spans
