"""Models that are made block by block of sessions: a build begins with the tables of an earlier one, and makes what has changed.

A block is named by all that its rows are made from (see `names.py`), so that nothing has to be invalidated: what has changed has
another name. To make one takes the bars of its sessions and of some before and after, the reach of the build (see
`reach.py`); tables whose header says `kept: false` hold the rows of those sessions alone. A build that finds on its way that
another block is to be made begins again with that block in its reach. Without a store all blocks are made, of the same SQL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import duckdb

from transforms.engine import run
from transforms.engine.databases import SEARCH_PATH
from transforms.engine.graph import model_inputs, referenced_tables
from transforms.engine.model import LAYERS, Model
from transforms.engine.names import BAR_TABLES, BARS_OF_BLOCK, Names
from transforms.engine.reach import MoreBlocksNeededError, Reach, adjacent_runs
from transforms.engine.shards import insert_in_shards, shard_ranges
from transforms.engine.store import Block, BlockStore
from warehouse.duck import error_line
from warehouse.errors import ModelError

_CALENDAR = "staging.sessions"


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

    @cached_property
    def of_bars(self) -> frozenset[str]:
        """The models that hold the sessions in reach alone, or read those that do; others can be made of any block."""
        return names_of_bar_models(self.models)

    def maker_of(self, model: Model) -> run.Maker | None:
        """What makes the model's table; None where that is made whole."""
        if model.blocks is None:
            return None
        if model.blocks.is_newest:
            return self.make_newest
        return self.make_table if model.blocks.is_kept else self.make_part

    def make_table(self, con: duckdb.DuckDBPyConnection, model: Model, values: Mapping[str, Any]) -> None:
        """Make the table of a model whose blocks are kept: as the build began with it, with the blocks that have another name
        made anew. Raises ModelError where the SQL fails, MoreBlocksNeededError."""
        assert model.blocks is not None
        names = self.names.of_blocks(model)
        # it is gone where this is tried again on fewer threads
        has_table = self._has_table(model)
        missing = [b for b, name in names.items() if not has_table or self.store.find(model.name, b, name) is None]
        if model.name in self.of_bars and not set(missing) <= self.reach.made:
            raise MoreBlocksNeededError(missing)
        try:
            if not BARS_OF_BLOCK.isdisjoint(referenced_tables(model.sql, LAYERS)):
                self.reach.attach_blocks(missing)
            if len(missing) == len(names):
                self.con.execute(f"drop table if exists {run.database_of_model(model)}.{model.name}")
                run.make_table(self.con, model, values)
            else:
                self._replace_blocks(model, values, [block for block in names if block not in set(missing)], missing)
            self.reach.note_blocks(model.name, model.blocks.by, names, missing)
        except duckdb.Error as error:
            raise ModelError(f"{model.name}: {error_line(error)}") from error
        rows = self.con.execute(f"select count(*) from {run.database_of_model(model)}.{model.name}").fetchall()[0][0]
        if rows != sum(block.rows for block in self.store.blocks_of(model.name).values()):
            raise ModelError(
                f"{model.name} has rows of days without bars, which are in no block; leave `blocks` out of its header"
            )

    def make_newest(self, con: duckdb.DuckDBPyConnection, model: Model, values: Mapping[str, Any]) -> None:
        """Make the table of a model of the newest session, unless it is as the build began with it. Raises ModelError,
        MoreBlocksNeededError."""
        newest = self.reach.newest
        table = f"{run.database_of_model(model)}.{model.name}"
        if newest is None:
            self.con.execute(f"drop table if exists {table}")
            run.make_table(self.con, model, values)
            return
        name = self.names.of_blocks(model)[newest]
        block = self.store.find(model.name, newest, name) if self._has_table(model) else None
        if block is None:
            if newest not in self.reach.made:
                raise MoreBlocksNeededError([newest])
            self.con.execute(f"drop table if exists {table}")
            run.make_table(self.con, model, values)
            rows, digest = run.table_hash(self.con, table)
            block = Block(name, rows, int(digest, 16))
        self.store.note(model.name, {newest: block})

    def make_part(self, con: duckdb.DuckDBPyConnection, model: Model, values: Mapping[str, Any]) -> None:
        """Make a table that is not kept: of the blocks that are made alone, where no reader looks back in it."""
        if self.reach.is_whole:
            run.make_table(con, model, values)
            return
        # to find out how a part of the bars packs best takes as long as to write it
        con.execute("set force_compression = 'uncompressed'")
        try:
            self._make_part(con, model, values)
        finally:
            con.execute("set force_compression = 'auto'")

    def _make_part(self, con: duckdb.DuckDBPyConnection, model: Model, values: Mapping[str, Any]) -> None:
        assert model.blocks is not None
        if model.shards is None or model.shards.by != model.blocks.by or self._is_read_from_before(model):
            run.make_table(con, model, values)
            return
        try:
            columns = ", ".join(f'"{column.name}" {column.type}' for column in model.columns)
            self.con.execute(f"create table {run.SCRATCH}.{model.name} ({columns})")
            for first, last in adjacent_runs(sorted(self._blocks_of_readers(model))):
                self._insert_blocks(model, values, range(first, last + 1))
        except duckdb.Error as error:
            raise ModelError(f"{model.name}: {error_line(error)}") from error

    def _replace_blocks(
        self, model: Model, values: Mapping[str, Any], kept: Collection[int], missing: Collection[int]
    ) -> None:
        assert model.blocks is not None
        table = f"{run.database_of_model(model)}.{model.name}"
        self.replaced[model.name] = f"not {self.reach.within(model.blocks.by, kept)}"
        self.con.execute(f"delete from {table} where {self.replaced[model.name]}")
        for first, last in adjacent_runs(missing):
            with self._inputs_clipped(model, first, last):
                self._insert_blocks(model, values, range(first, last + 1))

    def _insert_blocks(self, model: Model, values: Mapping[str, Any], blocks: Collection[int]) -> None:
        """Add what the model's SQL makes of adjacent blocks."""
        assert model.blocks is not None
        table = f"{run.database_of_model(model)}.{model.name}"
        sql, given = run.filled_sql(model, values)
        within = f"select * from ({sql}\n) where {self.reach.within(model.blocks.by, blocks)}"
        if model.shards is None:
            self.con.execute(f"insert into {table} {within}", given)
        else:
            span = (min(blocks) * self.reach.length, (max(blocks) + 1) * self.reach.length - 1)
            insert_in_shards(self.con, table, within, shard_ranges(self.con, model.shards, span), given)

    @contextmanager
    def _inputs_clipped(self, model: Model, first: int, last: int) -> Iterator[None]:
        """Let the SQL read, of tables with a row a session, the sessions alone that the blocks hang on by the model's header.

        What is not kept has those in reach, and the last bar before."""
        assert model.blocks is not None
        low, high = (
            first * self.reach.length - model.blocks.back,
            (last + 1) * self.reach.length - 1 + model.blocks.ahead,
        )
        clipped = []
        for name in sorted(referenced_tables(model.sql, LAYERS) & self.models.keys() - {_CALENDAR}):
            read = self.models[name]
            columns = read.session_columns
            if model.blocks.is_alone and read.blocks is not None:
                columns = (read.blocks.by,)
            if len(columns) == 1 and (not read.is_view or name in BARS_OF_BLOCK):
                by = columns[0]
                is_date = read.column_types[by] == "DATE"
                where = self.reach.between(by, low, high, is_date=is_date)
                clipped.append(name)
                self.con.execute(
                    f"""create schema if not exists {run.CLIPPED}.{read.schema};
                    create view {run.CLIPPED}.{name} as select * from {run.database_of_model(read)}.{name} where {where}"""
                )
        schemas = sorted({f"{run.CLIPPED}.{name.partition('.')[0]}" for name in clipped})
        self.con.execute(f"set search_path = '{','.join([*schemas, SEARCH_PATH])}'")
        try:
            yield
        finally:
            self.con.execute(f"set search_path = '{SEARCH_PATH}'")
            for name in clipped:
                self.con.execute(f"drop view {run.CLIPPED}.{name}")

    def _has_table(self, model: Model) -> bool:
        query = "select 1 from duckdb_tables() where database_name = ? and schema_name = ? and table_name = ?"
        return bool(self.con.execute(query, [run.database_of_model(model), model.schema, model.stem]).fetchall())

    def _is_read_from_before(self, model: Model) -> bool:
        return any(reader.blocks is None or reader.blocks.back > 0 for reader in self._readers(model))

    def _blocks_of_readers(self, part: Model) -> set[int]:
        """The blocks of a table that is not kept which those that read it lack, as far as that can be known before it is made."""
        blocks: set[int] = set()
        for reader in self._readers(part):
            is_known = (
                reader.blocks is not None and reader.blocks.is_kept and self.names.inputs(reader) <= self._before(part)
            )
            if not is_known:
                return self.reach.made
            blocks |= {
                b for b, name in self.names.of_blocks(reader).items() if not self.store.find(reader.name, b, name)
            }
        return blocks & self.reach.made

    def _readers(self, model: Model) -> list[Model]:
        return [one for one in self.models.values() if model.name in referenced_tables(one.sql, LAYERS)]

    def _before(self, model: Model) -> set[str]:
        """All that is made before the model."""
        found: set[str] = set()
        todo = [model.name]
        while todo:
            read = model_inputs(self.models[todo.pop()], LAYERS) & self.models.keys() - found
            found |= read
            todo += read
        return found


def names_of_bar_models(models: Mapping[str, Model]) -> frozenset[str]:
    """The models that read bars of stocks, or a table with a row for each that is not kept."""
    parts = {name for name, model in models.items() if model.blocks is not None and not model.blocks.is_kept}
    schemas = {"lake", *LAYERS}
    return frozenset(
        name
        for name, model in models.items()
        if not referenced_tables(model.sql, schemas).isdisjoint(BAR_TABLES | parts)
    )


def check_readers(models: Mapping[str, Model]) -> None:
    """Raises ModelError where a model that is made of all sessions reads bars, or a table that holds those of the sessions in
    reach alone, or where one reads the bars of its block and looks beyond it."""
    schemas = {model.schema for model in models.values()}
    for model in models.values():
        if model.is_view:
            continue
        reads = model_inputs(model, schemas)
        blocks = model.blocks
        of_block = sorted(reads & BARS_OF_BLOCK)
        in_reach = {name for name in reads & models.keys() if name in BAR_TABLES or _is_part(models[name])}
        if of_block and (blocks is None or not blocks.is_kept or blocks.back or blocks.ahead or in_reach):
            raise ModelError(
                f"{model.name} reads {of_block[0]}, which has the bars of the blocks that are made alone; "
                "give it `blocks` with `back: 0` in its header, and join what it is to be held against in another model"
            )
        if blocks is not None:
            continue
        for name in sorted(in_reach):
            raise ModelError(
                f"{model.name} reads {name}, which holds the sessions in reach alone; "
                "give it `blocks` in its header, or read a table that is kept"
            )


def _is_part(model: Model) -> bool:
    """Its table has the sessions in reach alone."""
    return model.blocks is not None and not model.blocks.is_kept and not model.blocks.is_newest
