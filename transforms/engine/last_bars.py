"""The last bar of each series before a block: what a build that reads a part of the bars has to know of the ones before."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

import duckdb

from transforms.engine.digests import MODULUS, digest_sql
from transforms.engine.reach import (
    BAR_COLUMNS,
    BEARER_BARS,
    BLOCK_BARS,
    LAST_BARS,
    LONG_HALT,
    REACH_AHEAD,
    REACH_BACK,
    SPANS,
    Reach,
)
from transforms.engine.run import KEPT
from warehouse.duck import error_line
from warehouse.errors import ModelError

_LAST_BARS_OF_BLOCKS = f"""
    select l.last_seq, b.*
    from (select * from lake.equity_bars where {{within_dates}}) as b
    inner join (
        select symbol, source, basis, max(last_seq) as last_seq, max(last_session) as session_date
        from {SPANS} where {{within_spans}} group by symbol, source, basis, last_seq // {{length}}
    ) as l using (symbol, source, basis, session_date)"""
# where a symbol had two bearers, or a stock two symbols, the last bar of each bearer in the block in which it ceased to be one
_BEARERS = f"""
    create or replace temp table bearers as
    select *, count(*) over (partition by symbol) > 1 or count(*) over (partition by instrument_id) > 1 as is_shared
    from intermediate.symbol_spans;
    create or replace temp table last_of_bearers as
    select i.symbol, b.source, b.basis, max(s.seq) as seq, max(s.session_date) as session_date
    from temp.bearers as i
    asof inner join lake.sessions as e on i.valid_to <= e.session_date
    inner join {SPANS} as b on i.symbol = b.symbol and b.first_seq // {{length}} = e.seq // {{length}}
    cross join range(8) as p (place)
    inner join lake.sessions as s on 8 * b.stretch + p.place = s.seq
    where i.is_shared and b.session_bits >> p.place & 1 = 1
        and s.session_date >= i.valid_from and s.session_date < i.valid_to
    group by i.symbol, i.instrument_id, i.valid_from, b.source, b.basis"""
_BARS_OF_BEARERS = f"""
    select l.seq, b.*
    from {BLOCK_BARS} as b
    inner join (select distinct * from temp.last_of_bearers where {{within}}) as l using (symbol, source, basis, session_date)"""
# the last bars of a stock within each block; of two names' bars of one session that of the later name is the last
_BARS_OF_STOCKS = f"""
    create or replace temp view bars_of_stocks as
    select b.*, i.instrument_id, i.valid_from
    from (
        from {KEPT}.{LAST_BARS} union all by name
        from {KEPT}.{BEARER_BARS} anti join {KEPT}.{LAST_BARS} using (symbol, source, basis, session_date)
    ) as b
    inner join temp.bearers as i
        on b.symbol = i.symbol
            and (not i.is_shared or (b.session_date >= i.valid_from and b.session_date < i.valid_to))"""
_OF_BEARERS = ("symbol", "source", "basis", "seq")
_FOLLOWED_BARS = f"""
    create or replace temp table followed_bars as
    select * from (
        select seq, symbol, session_date, source, basis, hash({BAR_COLUMNS}) as digest,
            lead(seq) over (partition by instrument_id, source, basis order by seq, valid_from, symbol desc) as next_seq
        from temp.bars_of_stocks
    )
    where next_seq is not null"""
# a bar is the last one before all blocks from the next one on, up to the one that the next bar is in
_CARRIED_AND_DROPPED = """
    select block, sum(digest) from (
        select seq // {length} + 1 as block, cast(digest as hugeint) as digest from temp.followed_bars
        union all select next_seq // {length} + 1, -cast(digest as hugeint) from temp.followed_bars
    ) group by block order by block"""
# the stocks that a block finds back after a halt longer than it looks back to: what they hang on may lie before it
_RESUMED = f"""
    with stretches as (
        select e.instrument_no, e.instrument_id, b.first_seq as seq,
            lag(b.last_seq) over (partition by e.series_no order by b.first_seq) as last_seq
        from (
            select * from intermediate.bar_runs where symbol not in (select symbol from temp.bearers where is_shared)
            union all by name
            select * exclude (stretch) from {SPANS} where symbol in (select symbol from temp.bearers where is_shared)
        ) as b
        inner join temp.bearers as i
            on b.symbol = i.symbol and b.first_session >= i.valid_from and b.first_session < i.valid_to
        inner join intermediate.equity_series as e
            on i.instrument_id = e.instrument_id and b.source = e.source and b.basis = e.basis
    )
    select distinct w.block, s.instrument_no, s.instrument_id
    from stretches as s
    inner join temp.block_windows as w on s.seq >= w.first_seq and s.seq < w.first_seq + {{window}}
    where s.seq > s.last_seq + {LONG_HALT}"""


def carry_bars(reach: Reach) -> None:
    """Fill `lake.carried_bars`: of each series the last bar before the sessions in reach. Raises ModelError where that fails;
    it can be tried again."""
    try:
        _carry_bars(reach)
    except duckdb.Error as error:
        raise ModelError(f"{LAST_BARS}: {error_line(error)}") from error


def _carry_bars(reach: Reach) -> None:
    columns = ", ".join(f'"{row[0]}" {row[1]}' for row in reach.con.execute("describe lake.equity_bars").fetchall())
    reach.keep(LAST_BARS, _LAST_BARS_OF_BLOCKS, f"(seq integer, {columns})")
    reach.con.execute(_BEARERS.format(length=reach.length))
    query = f"select seq // {reach.length}, {digest_sql(_OF_BEARERS)} from temp.last_of_bearers group by all"
    last = dict(reach.con.execute(query).fetchall())
    names = {block: f"{name} {last.get(block, '')}" for block, name in reach.lake_names.items()}
    reach.keep(BEARER_BARS, _BARS_OF_BEARERS, f"(seq integer, {columns})", names)
    reach.con.execute(_BARS_OF_STOCKS)
    reach.con.execute(_FOLLOWED_BARS)
    if not reach.is_whole:
        _fill_carried_bars(reach)
    changes = reach.con.execute(_CARRIED_AND_DROPPED.format(length=reach.length)).fetchall()
    blocks, sums = [block for block, _ in changes], [0, *accumulate(digest for _, digest in changes)]
    for back in {reach.short_back, REACH_BACK}:
        reach.carried[back] = {
            block: sums[bisect_right(blocks, block - back // reach.length)] % MODULUS for block in reach.blocks
        }
    windows = ", ".join(f"({block}, {block * reach.length - REACH_BACK})" for block in reach.blocks) or "(0, 0)"
    reach.con.execute(f"create or replace temp table block_windows as from (values {windows}) as w (block, first_seq)")
    resumed = _RESUMED.format(window=REACH_BACK + reach.length + REACH_AHEAD)
    reach.con.execute(f"create or replace temp table resumed as {resumed}")


def _fill_carried_bars(reach: Reach) -> None:
    firsts = ", ".join(f"({block * reach.length - REACH_BACK})" for block in sorted(reach.made)) or "(-1)"
    reach.con.execute("delete from lake.carried_bars")
    reach.con.execute(f"""insert into lake.carried_bars select b.* exclude (seq, instrument_id, valid_from)
        from temp.bars_of_stocks as b
        semi join (
            select f.* from temp.followed_bars as f
            inner join (values {firsts}) as r (first_seq) on f.seq < r.first_seq and r.first_seq <= f.next_seq
        ) as c
            on b.symbol = c.symbol and b.source = c.source and b.basis = c.basis and b.session_date = c.session_date
        where b.session_date not in (select session_date from lake.sessions_in_reach)""")
