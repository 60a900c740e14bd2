"""The names of blocks: a digest of the SQL, the parameters, and what the inputs hold of the sessions that the block hangs on."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import ceil
from typing import Any

import duckdb

from transforms.engine import run
from transforms.engine.digests import MODULUS, digest_sql, session_digest_sql
from transforms.engine.graph import parameter_names, referenced_tables
from transforms.engine.model import LAYERS, Model
from transforms.engine.parts import FOREVER
from transforms.engine.reach import BARS, LONG_HALT, REACH_BACK, SHORT_BACK, Reach
from transforms.engine.texts import fill_in_texts

# how the bars of the lake are read: their views, and the tables by which a build reads a part of them
BAR_TABLES = frozenset({"staging.equity_bars", "staging.carried_bars", "staging.sessions_in_reach"})
# bars of the block that is made, whatever its age, and all facts of those of which more than one is known: which they are the
# names of files say, and digests of bars do not
BARS_OF_BLOCK = frozenset({"staging.equity_bars_of_block", "staging.equity_bars_history"})
_BACKS = (0, 320, 576, 1088)
_AHEADS = (0, 8, 16, 32)
# how a row says which stock it is of
_OF_STOCK = {
    "instrument_no": "t.instrument_no = r.instrument_no",
    "series_no": "t.series_no // 1000 = r.instrument_no",
    "instrument_id": "t.instrument_id = r.instrument_id",
    "symbol": "t.symbol = r.instrument_id",
}
# from the first to the last bar of each stock
_LIVES = """select instrument_no, instrument_id, min(first_session) as first_session, max(last_session) as last_session
    from intermediate.equity_series group by instrument_no, instrument_id"""


@dataclass(frozen=True)
class Span:
    """How many sessions before and after a block its rows hang on."""

    back: int
    ahead: int

    @property
    def is_short(self) -> bool:
        """Of bars a few weeks before are enough, and what a bar hangs on after a halt that is not long."""
        return 0 < self.back <= SHORT_BACK - LONG_HALT

    def widened(self) -> Span:
        """The next wider of a few spans, so that models share what is computed of their inputs."""
        return Span(_next_of(_BACKS, self.back), _next_of(_AHEADS, self.ahead))


@dataclass
class Names:
    """The names of the blocks of one build, of the bars in `reach`; `values` are the parameters."""

    con: duckdb.DuckDBPyConnection
    models: Mapping[str, Model]
    values: Mapping[str, Any]
    reach: Reach
    _known: dict[tuple[str, Span], dict[int, Any]] = field(default_factory=dict)
    _sums: dict[str, tuple[list[int], list[int]]] = field(default_factory=dict)
    _intervals: dict[tuple[str, Span], dict[int, int]] = field(default_factory=dict)
    _windows: dict[Span, str] = field(default_factory=dict)
    _wholes: dict[str, int] = field(default_factory=dict)
    _resumed: dict[tuple[str, int], dict[int, int]] = field(default_factory=dict)
    _names: dict[str, dict[int, str]] = field(default_factory=dict)

    def inputs(self, model: Model) -> set[str]:
        """What has to be there before the blocks of the model can be named."""
        return {name for name, _ in self._walk(model, Span(0, 0), {}) if name != BARS}

    def of_blocks(self, model: Model) -> dict[int, str]:
        """The name of each block of the model."""
        if model.name not in self._names:
            self._names[model.name] = self._make_names(model)
        return self._names[model.name]

    def _make_names(self, model: Model) -> dict[int, str]:
        texts = self.values.get(run.TEXTS, {})
        sql: dict[str, str] = {}
        inputs: dict[str, Span] = {}
        for read, span in self._walk(model, Span(0, 0), sql):
            known = inputs.get(read, Span(0, 0))
            inputs[read] = Span(max(known.back, span.back), max(known.ahead, span.ahead))
        sql = {name: f"{fill_in_texts(self.models[name], texts)} {self.models[name].shards or ''}" for name in sql}
        used = sorted({name for text in sql.values() for name in parameter_names(text)} & self.values.keys())
        columns = [(column.name, column.type) for column in model.columns]
        given = [(name, self.values[name]) for name in used]
        of_texts = _digest(repr(sorted(texts.items()))) if model.schema == "reports" else ""
        made_from = _digest(repr((self.reach.length, sorted(sql.items()), columns, given, of_texts)))
        is_named_by_lake = inputs.keys() <= {BARS, "staging.sessions"} or not BARS_OF_BLOCK.isdisjoint(sql)
        held = {
            name: self.reach.lake_names if name == BARS and is_named_by_lake else self._held(name, span)
            for name, span in sorted(inputs.items())
        }
        return {
            block: _digest(repr((made_from, block, [(name, by_block.get(block)) for name, by_block in held.items()])))
            for block in self.reach.blocks
        }

    def _walk(self, model: Model, span: Span, sql: dict[str, str]) -> Iterator[tuple[str, Span]]:
        """What the model reads, through tables that are not kept; their SQL is put into `sql`."""
        assert model.blocks is not None
        sql[model.name] = model.sql
        reach = Span(span.back + model.blocks.back, span.ahead + model.blocks.ahead)
        for name in sorted(referenced_tables(model.sql, {"lake", *LAYERS})):
            read = self.models.get(name)
            if read is not None and name in BAR_TABLES | BARS_OF_BLOCK:
                sql[name] = read.sql
                yield BARS, reach
            elif read is not None and read.blocks is not None and not read.blocks.is_kept:
                yield from self._walk(read, reach, sql)
            else:
                yield name, reach

    def _held(self, name: str, span: Span) -> Mapping[int, Any]:
        """By block, what the input holds of its sessions, of those before that the block looks back to, and of those after it."""
        if (name, span) not in self._known:
            if name == BARS:
                of_sessions = self._by_session(name, span)
                before = self.reach.carried[self.reach.short_back if span.is_short else REACH_BACK]
            else:
                of_sessions = self._clipped(name, span)
                before = self._of_resumed(name, span.widened()) if span.back else {}
            self._known[name, span] = {
                block: (of_sessions.get(block, 0), before.get(block, 0)) for block in self.reach.blocks
            }
        return self._known[name, span]

    def _clipped(self, name: str, span: Span) -> dict[int, int]:
        columns = self.models[name].session_columns
        if not columns:
            return dict.fromkeys(self.reach.blocks, self._whole(name))
        noted = self.reach.store.blocks_of(name)
        if noted and not span.ahead:
            # whole blocks: nothing is read to find out that nothing has changed
            before = ceil(span.back / self.reach.length)
            return {
                block: sum(noted[one].digest for one in range(block - before, block + 1) if one in noted) % MODULUS
                for block in self.reach.blocks
            }
        if len(columns) == 2:
            return self._interval(name, columns[0], columns[1], span.widened())
        return self._by_session(name, span)

    def _by_session(self, name: str, span: Span) -> dict[int, int]:
        """By block, what the rows of the sessions that it hangs on add up to."""
        if name not in self._sums:
            if name == BARS:
                rows = self.reach.bars.items()
            else:
                model = self.models[name]
                query = session_digest_sql(model.column_types, name, model.session_columns[0])
                rows = dict(self.con.execute(query).fetchall()).items()
            self._sums[name] = _running_sums(sorted(rows))
        seqs, sums = self._sums[name]
        found = {}
        for block in self.reach.blocks:
            low, high = self._sessions(self._looked_at(span), block)
            found[block] = (sums[bisect_right(seqs, high)] - sums[bisect_left(seqs, low)]) % MODULUS
        return found

    def _looked_at(self, span: Span) -> Span:
        """The sessions before and after a block whose rows are in its name."""
        wide = span.widened()
        if span.is_short:
            return Span(self.reach.short_back, wide.ahead)
        return wide

    def _sessions(self, span: Span, block: int) -> tuple[int, int]:
        """The first and last session that the block hangs on."""
        return block * self.reach.length - span.back, (block + 1) * self.reach.length - 1 + span.ahead

    def _whole(self, name: str) -> int:
        if name not in self._wholes:
            query = f"select {digest_sql(self.models[name].column_types)} from {name}"
            self._wholes[name] = self.con.execute(query).fetchall()[0][0]
        return self._wholes[name]

    def _of_resumed(self, name: str, span: Span) -> dict[int, int]:
        """By block, the rows of stocks that are back there after a long halt, from the first session on."""
        key = (name, span.ahead)
        if key not in self._resumed:
            columns = self.models[name].column_types
            of_stock = next((sql for column, sql in _OF_STOCK.items() if column in columns), None)
            sessions = self.models[name].session_columns
            found: dict[int, int] = {}
            if of_stock is not None and sessions:
                first, *after = sessions
                high = f"(r.block + 1) * {self.reach.length} - 1 + {span.ahead}"
                if columns[first] == "DATE":
                    high = f"(select max(session_date) from lake.sessions where seq <= {high})"
                shown = [f't."{column}"' for column in columns if column not in after]
                shown += [f"least(coalesce(t.{end}, {high} + 1), {high} + 1)" for end in after if end != FOREVER]
                found = dict(
                    self.con.execute(f"""
                        select r.block, cast(sum(cast(hash({", ".join(shown)}) as hugeint)) % {MODULUS} as ubigint)
                        from {name} as t inner join temp.resumed as r on {of_stock}
                        where t.{first} <= {high} group by r.block""").fetchall()
                )
            self._resumed[key] = found
        return self._resumed[key]

    def _interval(self, name: str, first: str, until: str, span: Span) -> dict[int, int]:
        """By block, the rows whose interval meets what the block hangs on, clipped to that: when an interval begins before or
        ends after makes no difference, nor what is known of stocks that have no bars by then or none any more."""
        if (name, span) not in self._intervals:
            columns = self.models[name].column_types
            others = ", ".join(f't."{column}"' for column in columns if column not in (first, until))
            low, high, after = ("first_seq", "last_seq", "after_seq")
            if columns[first] == "DATE":
                low, high, after = ("first_day", "last_day", "after_day")
            end = f"w.{after}" if until == FOREVER else f"least(coalesce(t.until, w.{after}), w.{after})"
            of_stock = next(
                (sql for column, sql in _OF_STOCK.items() if column in columns and column != "symbol"), "false"
            )
            self._intervals[name, span] = dict(
                self.con.execute(f"""
                    with rows as (
                        select t.{first} as begin, {"null" if until == FOREVER else f"t.{until}"} as until,
                            hash({others}) as digest, l.first_session, l.last_session
                        from {name} as t left join ({_LIVES}) as l on {of_stock.replace("r.", "l.")}
                    )
                    select w.block,
                        cast(sum(cast(hash(t.digest, greatest(t.begin, w.{low}), {end}) as hugeint)) % {MODULUS} as ubigint)
                    from rows as t inner join {self._windows_of(span)} as w on t.begin <= w.{high} and {end} > w.{low}
                    where t.first_session is null or (t.first_session <= w.last_day and t.last_session >= w.first_day)
                    group by w.block""").fetchall()
            )
        return self._intervals[name, span]

    def _windows_of(self, span: Span) -> str:
        """A table of the first and last session that each block hangs on: as numbers, which may lie outside the calendar, and as
        days, those of its ends then. What is `after` is there for intervals, which end before their last column: one that ends
        on the last session is another than one that goes on."""
        if span not in self._windows:
            table = f"temp.windows_{span.back}_{span.ahead}"
            windows = [self._sessions(span, block) for block in self.reach.blocks]
            lows, highs = [low for low, _ in windows], [high for _, high in windows]
            days = ([self.reach.date_of(seq) for seq in lows], [self.reach.date_of(seq) for seq in highs])
            self.con.execute(
                f"""create temp table {table} as
                select *, last_seq + 1 as after_seq, last_day + 1 as after_day from (
                    select unnest($1::integer[]) as block, unnest($2::integer[]) as first_seq,
                        unnest($3::integer[]) as last_seq, unnest($4::date[]) as first_day, unnest($5::date[]) as last_day
                )""",
                [self.reach.blocks, lows, highs, *days],
            )
            self._windows[span] = table
        return self._windows[span]


def _next_of(sizes: Sequence[int], wanted: int) -> int:
    return next((size for size in sizes if size >= wanted), wanted)


def _running_sums(rows: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """The sessions, and before each the sum of the digests so far."""
    return [seq for seq, _ in rows], [0, *accumulate(digest for _, digest in rows)]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
