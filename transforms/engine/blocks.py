"""Models that are made block by block of sessions: what the store has under its name is read, the rest is made.

A block is named by all that its rows are made from (see `names.py`), so that nothing has to be invalidated: what has changed has
another name. To make one takes the bars of its sessions and of some before and after, the reach of the build (see
`reach.py`); tables whose header says `kept: false` hold the rows of those sessions alone. A build that finds on its way that
another block is to be made begins again with that block in its reach. Without a store all blocks are made, of the same SQL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from transforms.engine import run
from transforms.engine.graph import model_inputs, referenced_tables
from transforms.engine.model import Model
from transforms.engine.names import Names
from transforms.engine.reach import MoreBlocksNeededError, Reach, adjacent_runs, session_digest_sql
from transforms.engine.shards import insert_in_shards, shard_ranges
from transforms.engine.store import BlockStore, Entry
from warehouse.duck import error_line
from warehouse.errors import ModelError


@dataclass
class BlockBuild:
    """The blocks of one attempt at a build; `replaced` says, of tables taken over from the build before, which rows were made
    anew."""

    con: duckdb.DuckDBPyConnection
    models: Mapping[str, Model]
    store: BlockStore
    reach: Reach
    names: Names
    replaced: dict[str, str] = field(default_factory=dict)

    def maker_of(self, model: Model) -> run.Maker | None:
        """What makes the model's table; None where that is made whole."""
        if model.blocks is None or model.blocks.is_newest:
            return None
        return self.make_table if model.blocks.is_kept else self.make_part

    def make_table(self, con: duckdb.DuckDBPyConnection, model: Model, values: Mapping[str, Any]) -> None:
        """Make the table of a model whose blocks are kept. Raises ModelError where the SQL fails, MoreBlocksNeededError."""
        try:
            self._make_table(model, values)
        except duckdb.Error as error:
            raise ModelError(f"{model.name}: {error_line(error)}") from error

    def make_part(self, con: duckdb.DuckDBPyConnection, model: Model, values: Mapping[str, Any]) -> None:
        """Make a table that is not kept: of the blocks that are made alone, where no reader looks back in it."""
        assert model.blocks is not None
        is_whole = self.reach.is_whole or self._is_read_from_before(model)
        if model.shards is None or model.shards.by != model.blocks.by or is_whole:
            run.make_table(con, model, values)
            return
        try:
            table = self._create_table(model)
            for first, last in adjacent_runs(sorted(self.reach.made)):
                self._insert_blocks(model, table, values, range(first, last + 1))
        except duckdb.Error as error:
            raise ModelError(f"{model.name}: {error_line(error)}") from error

    def _make_table(self, model: Model, values: Mapping[str, Any]) -> None:
        assert model.blocks is not None
        names = self.names.of_blocks(model)
        is_lost = model.blocks.is_copied and not self._has_table(model)
        stored = (
            {}
            if is_lost
            else {block: name for block, name in names.items() if self.store.find(model.name, block, name)}
        )
        missing = [block for block in names if block not in stored]
        if not set(missing) <= self.reach.made:
            raise MoreBlocksNeededError(missing)
        if model.blocks.is_copied:
            self._replace_blocks(model, values, missing)
            self.store.name_blocks(model.name, {block: Entry(name, 0) for block, name in names.items()})
            return
        table = f"{run.database_of_model(model)}.{model.name}"
        types = {column.name: column.type for column in model.columns}
        by = model.blocks.by
        if not stored:
            run.make_table(self.con, model, values)
        else:
            self._create_table(model)
            for is_stored, blocks in _runs(names, stored):
                if not is_stored:
                    self._insert_blocks(model, table, values, blocks)
                    continue
                lost = self.reach.read_blocks(model.name, table, types, by, {block: names[block] for block in blocks})
                if lost:  # which the store has forgotten by now
                    self.con.execute(f"drop table {table}")
                    self._make_table(model, values)
                    return
        if missing:
            within = self.reach.within(by, missing)
            digests = self.reach.digests_by_block(session_digest_sql(self.con, table, by, within))
            entries = {block: Entry(names[block], digests.get(block, 0)) for block in missing}
            self.store.add(self.con, model.name, f"select * from {table} where {within}", types, entries)

    def _replace_blocks(self, model: Model, values: Mapping[str, Any], missing: list[int]) -> None:
        """Put the missing blocks into the table as the build before left it."""
        assert model.blocks is not None
        table = f"{run.database_of_model(model)}.{model.name}"
        if len(missing) == len(self.reach.blocks):
            self.con.execute(f"drop table if exists {table}")
            self.con.execute(f"checkpoint {run.OUT}")
            run.make_table(self.con, model, values)
            return
        kept = [block for block in self.reach.blocks if block not in set(missing)]
        self.replaced[model.name] = f"not {self.reach.within(model.blocks.by, kept)}"
        self.con.execute(f"delete from {table} where {self.replaced[model.name]}")
        for first, last in adjacent_runs(missing):
            self._insert_blocks(model, table, values, range(first, last + 1))

    def _insert_blocks(self, model: Model, table: str, values: Mapping[str, Any], blocks: Collection[int]) -> None:
        """Add what the model's SQL makes of adjacent blocks."""
        assert model.blocks is not None
        sql, given = run.filled_sql(model, values)
        within = f"select * from ({sql}\n) where {self.reach.within(model.blocks.by, blocks)}"
        if model.shards is None:
            self.con.execute(f"insert into {table} {within}", given)
        else:
            span = (min(blocks) * self.reach.length, (max(blocks) + 1) * self.reach.length - 1)
            insert_in_shards(self.con, table, within, shard_ranges(self.con, model.shards, span), given)

    def _create_table(self, model: Model) -> str:
        """Make the model's table without rows; its name."""
        table = f"{run.database_of_model(model)}.{model.name}"
        columns = ", ".join(f'"{column.name}" {column.type}' for column in model.columns)
        self.con.execute(f"create table {table} ({columns})")
        return table

    def _has_table(self, model: Model) -> bool:
        query = "select 1 from duckdb_tables() where database_name = ? and schema_name = ? and table_name = ?"
        return bool(self.con.execute(query, [run.database_of_model(model), model.schema, model.stem]).fetchall())

    def _is_read_from_before(self, model: Model) -> bool:
        schemas = {one.schema for one in self.models.values()}
        readers = [one for one in self.models.values() if model.name in referenced_tables(one.sql, schemas)]
        return any(reader.blocks is None or reader.blocks.back > 0 for reader in readers)


def check_readers(models: Mapping[str, Model]) -> None:
    """Raises ModelError where a model that is made of all sessions reads a table that holds those in reach alone."""
    schemas = {model.schema for model in models.values()}
    for model in models.values():
        if model.blocks is not None or model.is_view:
            continue
        for name in sorted(model_inputs(model, schemas) & models.keys()):
            read = models[name].blocks
            if read is not None and not read.is_kept and not read.is_newest:
                raise ModelError(
                    f"{model.name} reads {name}, which holds the sessions in reach alone; "
                    "give it `blocks` in its header, or read a table that is kept"
                )


def _runs(blocks: Iterable[int], stored: Collection[int]) -> Iterator[tuple[bool, list[int]]]:
    """The blocks in order, in runs of those that are stored and of those that are not."""
    current: list[int] = []
    for block in blocks:
        if current and (block in stored) is not (current[-1] in stored):
            yield current[-1] in stored, current
            current = []
        current.append(block)
    if current:
        yield current[-1] in stored, current
