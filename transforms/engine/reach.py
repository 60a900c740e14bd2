"""Which bars a build reads: those of the blocks that it makes, of the sessions that these look back and ahead to, and of each
series the last bar before them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from math import ceil

import duckdb

from transforms.engine.digests import MODULUS, block_digest_sql
from transforms.engine.run import KEPT, OUT
from transforms.engine.store import Block, BlockStore, database_of
from warehouse.lake.manifest import Manifest

# a quarter, for one more session makes all of the newest block again; and a whole number of the stretches of bar_spans
BLOCK_SESSIONS = 64
# the longest look back at bars; the look ahead of all models in a row
REACH_BACK = 256
# enough for models that look back a few weeks
SHORT_BACK = 64
REACH_AHEAD = 32
# how many sessions back the longest chain of models reads, a halt before it included, and how many ahead most do
_FOLLOWING = 320
_FOLLOWED = 8
# the first model that reads the bars in reach: what it has to know of the ones before stands in SPANS, which is made first
FIRST_IN_REACH = "intermediate.series_bars"
SPANS = "intermediate.bar_spans"
# of sessions: what a bar after a longer one hangs on may lie before all that a block looks back to
LONG_HALT = 32
_DATASETS = ("equity_bars", "index_bars", "sector_bars")
_FIRST_DAY, _LAST_DAY = "0001-01-01", "9999-12-31"
# of the store, beside the models: digests of the bars by session and series, the last bar of each series in each block, and the
# last ones of a symbol's bearers within blocks
_BARS = "lake.bars"
LAST_BARS = "lake.last_bars"
BEARER_BARS = "lake.bearer_bars"
ENGINE_TABLES = (_BARS, LAST_BARS, BEARER_BARS)
# the bars in reach, and those of the blocks that a model is made of, whatever their age; the history is of those attached last
BARS = "lake.equity_bars"
BLOCK_BARS = "lake.equity_bars_of_block"
BAR_COLUMNS = "symbol, session_date, source, basis, high, low, close, previous_close, volume, market_cap, is_final"
_BAR_DIGESTS = f"""
    select s.seq, b.source, b.basis, cast(sum(cast(hash({BAR_COLUMNS}) as hugeint)) % {MODULUS} as ubigint)
    from lake.equity_bars as b
    inner join (select * from lake.sessions where {{within}}) as s using (session_date)
    group by s.seq, b.source, b.basis"""


# makes a view of the bars of stocks of some days, read of the files that have any
AttachDays = Callable[[str, list[tuple[date, date]]], None]


class MoreBlocksNeededError(Exception):
    """The build has to begin again with these blocks in its reach."""

    def __init__(self, blocks: Collection[int]) -> None:
        super().__init__(f"{len(blocks)} blocks")
        self.blocks = frozenset(blocks)


@dataclass
class Reach:
    """The bars of one attempt at a build, whose lake is attached to `con`.

    `wanted` are blocks that an attempt before found missing. Once it is read, `blocks` are all that the lake has sessions of,
    `made` those that can be made, `lake_names` name what the lake has of each, and `bars` are the digests of its bars by
    session; once the last bars are carried, `carried` are, by how far blocks look back, the digests of those before each.
    """

    con: duckdb.DuckDBPyConnection
    store: BlockStore
    attach: AttachDays
    wanted: frozenset[int]
    length: int
    blocks: list[int] = field(default_factory=list)
    made: set[int] = field(default_factory=set)
    lake_names: dict[int, str] = field(default_factory=dict)
    bars: dict[int, int] = field(default_factory=dict)
    carried: dict[int, dict[int, int]] = field(default_factory=dict)
    _changed: set[int] = field(default_factory=set)

    def read(self, manifest: Manifest, as_of: str) -> None:
        """Choose the reach, and make the views of its bars, `lake.sessions_in_reach`, and `lake.carried_bars` without rows."""
        span = _sessions_with_bars(self.con, manifest)
        self.blocks = list(range(span[0] // self.length, span[1] // self.length + 1)) if span else []
        self.lake_names = self._names_of_lake(manifest, as_of)
        self._changed = {
            block
            for block, name in self.lake_names.items()
            if not all(self.store.find(table, block, name) for table in (_BARS, LAST_BARS))
        }
        before = self._bars_of_changed_blocks() if self.store.has_former(KEPT) else set()
        self.attach(BLOCK_BARS, [])
        self.attach(BARS, self._days_of(self._changed))
        self.keep(_BARS, _BAR_DIGESTS, "(seq integer, source varchar, basis varchar, digest ubigint)")
        differing = {bars[0] for bars in before ^ self._bars_of_changed_blocks()}
        hanging = {
            block
            for seq in differing
            for block in range((seq - _FOLLOWED) // self.length, (seq + _FOLLOWING) // self.length + 1)
        }
        self.made = (hanging | self._changed | self.wanted) & set(self.blocks)
        if not (self.store.has_former(OUT) and self.store.has_former(KEPT)):
            self.made = set(self.blocks)
        elif not self.made:
            # other facts have changed, and what is of the newest session hangs on most of them
            self.made = set(self.blocks[-1:])
        if self._changed != set(self.blocks):
            self.attach(BARS, self._days_of(self.made, REACH_BACK, REACH_AHEAD))
        where = _all_within(span) if self.is_whole else self._within_reach()
        self.con.execute(
            f"create table lake.sessions_in_reach as select session_date, seq from lake.sessions where {where}"
        )
        kind = "view" if self.is_whole else "table"
        self.con.execute(f"create {kind} lake.carried_bars as select * from {BARS} where false")
        query = (
            f"select seq, cast(sum(cast(digest as hugeint)) % {MODULUS} as ubigint) from {KEPT}.{_BARS} group by seq"
        )
        self.bars = dict(self.con.execute(query).fetchall())

    @property
    def newest(self) -> int | None:
        """The last block that has bars of stocks; indices and funds may be a block ahead."""
        return max(self.bars) // self.length if self.bars else None

    def series_of_stocks(self) -> list[tuple[str, str]]:
        """Source and basis of all bars of stocks."""
        return self.con.execute(f"select distinct source, basis from {KEPT}.{_BARS} order by all").fetchall()

    @property
    def is_whole(self) -> bool:
        """All blocks can be made: nothing lies before them, and plans are those of a build without a store."""
        return self.made == set(self.blocks)

    @property
    def is_small(self) -> bool:
        """At most half of the blocks can be made: what is made of the bars leaves memory to other tables."""
        return 2 * len(self.made) <= len(self.blocks)

    @property
    def short_back(self) -> int:
        """SHORT_BACK in whole blocks, at whose ends last bars are kept."""
        return ceil(SHORT_BACK / self.length) * self.length

    def within(self, by: str, blocks: Iterable[int]) -> str:
        """The condition that the session `by`, a number or the column session_date, is of one of the blocks."""
        runs = adjacent_runs(sorted(blocks))
        spans = [self.between(by, first * self.length, (last + 1) * self.length - 1) for first, last in runs]
        return f"({' or '.join(f'({span})' for span in spans) or 'false'})"

    def between(self, by: str, low: int, high: int, *, is_date: bool | None = None) -> str:
        """The condition that the session `by` lies between two sessions; a date without a session counts to the next one."""
        if is_date if is_date is not None else by == "session_date":
            after = f"{by} > date '{self.date_of(low - 1)}' and " if low > 0 else ""
            return f"{after}{by} <= date '{self.date_of(high)}'"
        return f"{by} between {low} and {high}"

    def date_of(self, seq: int) -> date:
        """The date of a session; of one before or after the calendar that of its first or last."""
        return self._days[min(max(seq, 0), len(self._days) - 1)]

    @cached_property
    def _days(self) -> list[date]:
        return [day for (day,) in self.con.execute("select session_date from lake.sessions order by seq").fetchall()]

    def _within_reach(self) -> str:
        return " or ".join(
            f"seq between {first * self.length - REACH_BACK} and {(last + 1) * self.length - 1 + REACH_AHEAD}"
            for first, last in adjacent_runs(sorted(self.made))
        )

    def _bars_of_changed_blocks(self) -> set[tuple[int, str, str, int]]:
        """What is kept of the bars of the blocks that the lake has other files of."""
        query = f"select seq, source, basis, digest from {KEPT}.{_BARS} where {self.within('seq', self._changed)}"
        return set(self.con.execute(query).fetchall())

    def keep(self, table: str, sql: str, columns: str, names: Mapping[int, str] | None = None) -> None:
        """Make what is kept of the bars of each block: of changed blocks from the lake. Where `names` are those of the blocks,
        such as have another one are made, of `BLOCK_BARS`."""
        changed = self._changed
        if names is not None:
            changed = {block for block, name in names.items() if not self.store.find(table, block, name)}
            self.attach_blocks(changed)
        if len(changed) == len(self.blocks):
            self.con.execute(f"drop table if exists {KEPT}.{table}; create table {KEPT}.{table} {columns}")
        unchanged = [block for block in self.blocks if block not in changed]
        self.con.execute(f"delete from {KEPT}.{table} where not {self.within('seq', unchanged)}")
        if changed:
            within = {
                "within": self.within("seq", changed),
                "within_dates": self.within("session_date", changed),
                "within_spans": self.within("last_seq", changed),
            }
            self.con.execute(f"insert into {KEPT}.{table} {sql.format(length=self.length, **within)}")
        self.note_blocks(table, "seq", self.lake_names if names is None else names, changed)

    def attach_blocks(self, blocks: Collection[int]) -> None:
        """Let `BLOCK_BARS` be the bars of these blocks."""
        if blocks:
            self.attach(BLOCK_BARS, self._days_of(blocks))

    def _days_of(self, blocks: Collection[int], back: int = 0, ahead: int = 0) -> list[tuple[date, date]]:
        """The days of blocks, from `back` sessions before to `ahead` after each."""
        return [
            (self.date_of(first * self.length - back), self.date_of((last + 1) * self.length - 1 + ahead))
            for first, last in adjacent_runs(sorted(blocks))
        ]

    def note_blocks(self, table: str, by: str, names: Mapping[int, str], made: Collection[int]) -> None:
        """Note of the table's blocks what they are: those of `made` from their rows, the others as before."""
        blocks = {block: self.store.find(table, block, name) for block, name in names.items() if block not in made}
        if made:
            where = self.within(by, made)
            rows = block_digest_sql(self.con, f"{database_of(table)}.{table}", by, where, self.length)
            found = {block: (count, digest) for block, count, digest in self.con.execute(rows).fetchall()}
            blocks |= {block: Block(names[block], *found.get(block, (0, 0))) for block in made}
        self.store.note(table, {block: one for block, one in blocks.items() if one is not None})

    def _names_of_lake(self, manifest: Manifest, as_of: str) -> dict[int, str]:
        """The name of what the lake has of the bars of stocks in each block: of the files that meet it."""
        files = manifest.files_of_dataset("equity_bars")
        names = {}
        for block in self.blocks:
            first, last = (str(self.date_of(seq)) for seq in (block * self.length, (block + 1) * self.length - 1))
            found = [file for file in files if file.may_have(first, last)]
            known = as_of if as_of and any(file.last_known_at > as_of for file in found) else ""
            names[block] = repr((self.length, sorted((file.path, file.facts_hash, file.rows) for file in found), known))
        return names


def read_all_bars(con: duckdb.DuckDBPyConnection, manifest: Manifest) -> None:
    """The reach of a build without a store: all sessions from the first to the last that the lake has bars of."""
    where = _all_within(_sessions_with_bars(con, manifest))
    con.execute(f"create table lake.sessions_in_reach as select session_date, seq from lake.sessions where {where}")
    con.execute(f"create view lake.carried_bars as select * from {BARS} where false")
    con.execute(f"create view {BLOCK_BARS} as from {BARS}")


def _sessions_with_bars(con: duckdb.DuckDBPyConnection, manifest: Manifest) -> tuple[int, int] | None:
    """The first and last session that the lake has bars of, by its files, a file that does not say among all days; None where
    it has none."""
    files = [file for dataset in _DATASETS for file in manifest.files_of_dataset(dataset)]
    if not files:
        return None
    first = min(file.first_date or _FIRST_DAY for file in files)
    last = max(file.last_date or _LAST_DAY for file in files)
    query = """select min(seq) filter (where session_date >= $1::date), max(seq) filter (where session_date <= $2::date)
        from lake.sessions"""
    low, high = con.execute(query, [first, last]).fetchall()[0]
    return None if low is None or high is None or low > high else (int(low), int(high))


def _all_within(span: tuple[int, int] | None) -> str:
    return "false" if span is None else f"seq between {span[0]} and {span[1]}"


def adjacent_runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Runs of adjacent numbers, as (first, last)."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
