/*
description: >
  Steps that nothing explains: each is set aside on its own session, and the next bar of the series gives the verdict. A bar is compared
  with the last good close before it, so that the step back from a bad tick is none. Nothing about a session depends on its verdict.
grain: dataset x symbol x source x basis x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars, sector_bars or equity_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Index or ETF; the id of a stock."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Session of the step."}
  - {name: close, type: DOUBLE, unit: points or USD, description: "Close, splits carried forward."}
  - {name: good_seq, type: INTEGER, unit: sessions, description: "Session of the last good close before, at most five sessions ago."}
  - {name: good_close, type: DOUBLE, unit: points or USD, description: "The last good close, splits carried forward."}
  - {name: kind, type: VARCHAR, unit: "", description: "Kind of the series, on which the limits depend."}
  - {name: up_limit, type: DOUBLE, unit: "", description: "Close / last good close above which the step is a suspect."}
  - {name: down_limit, type: DOUBLE, unit: "", description: "The same, below which it is one."}
  - {name: nearest, type: VARCHAR, unit: "", description: "The one of the others that moved most alike; null where none is compared."}
  - {name: apart_pp, type: DOUBLE, unit: pp, description: "Log return less that of the nearest."}
  - {name: verdict, type: VARCHAR, unit: "", description: "pending, bad_tick (stays out), true_move (counts since the verdict) or break (likewise, but nothing crosses into it)."}
  - {name: verdict_seq, type: INTEGER, unit: sessions, description: "Session of the next bar, at most five later; null while pending."}
  - {name: verdict_close, type: DOUBLE, unit: points or USD, description: "Its close."}
invariants:
  - description: A verdict has its session, and only a verdict has.
    sql: select * from intermediate.price_steps where (verdict = 'pending') <> (verdict_seq is null)
  - description: The last good close is none that was set aside as a bad tick.
    sql: >
      select a.* from intermediate.price_steps as a inner join intermediate.price_steps as b on a.dataset = b.dataset and a.symbol = b.symbol
      and a.source = b.source and a.basis = b.basis and a.good_seq = b.seq where b.verdict in ('bad_tick', 'pending')
*/
with recursive candidate_steps as materialized (
    select
        dataset,
        symbol,
        source,
        basis,
        seq,
        close,
        last_seq,
        last_close,
        if(next_seq <= seq + 5, next_seq, null) as next_seq,
        if(next_seq <= seq + 5, next_close, null) as next_close,
        cast(null as double) as previous_close,
        kind,
        up_limit,
        down_limit,
        cast(1 as double) as market_ratio,
        cast(null as double) as volume_ratio,
        nearest,
        apart_pp,
        is_apart,
        is_confirmed
    from intermediate.reference_steps
    union all
    select
        'equity_bars' as dataset,
        e.instrument_id as symbol,
        e.source,
        e.basis,
        s.seq,
        s.close,
        s.last_seq,
        s.last_close,
        s.next_seq,
        s.next_close,
        s.previous_close,
        s.kind,
        s.up_limit,
        1 / s.up_limit as down_limit,
        s.market_ratio,
        s.volume_ratio,
        cast(null as varchar) as nearest,
        cast(null as double) as apart_pp,
        false as is_apart,
        s.is_confirmed
    from intermediate.stock_steps as s
    inner join intermediate.equity_series as e on s.series_no = e.series_no
    where s.kind <> 'option'
),

steps_in_order as (
    -- the last good bar before a run of suspect ones
    select
        c.dataset,
        c.symbol,
        c.source,
        c.basis,
        c.last_seq as seq,
        c.last_close as close,
        c.last_seq as good_seq,
        c.last_close as good_close,
        false as is_step,
        false as is_back
    from candidate_steps as c
    anti join candidate_steps as p
        on c.dataset = p.dataset and c.symbol = p.symbol and c.source = p.source and c.basis = p.basis and c.last_seq = p.seq
    union all
    -- from bar to bar, as long as each is suspect
    select
        t.dataset,
        t.symbol,
        t.source,
        t.basis,
        t.seq,
        t.close,
        t.base_seq as good_seq,
        t.base_close as good_close,
        t.seq - t.base_seq <= 5
        and (
            t.close / t.base_close / t.market_ratio not between t.down_limit and t.up_limit
            -- the others are compared over the same sessions alone
            or (t.is_apart and t.base_seq = t.last_seq)
        )
        and not (t.is_confirmed and t.base_seq = t.last_seq)
        -- explained by a stated previous close that differs from the last one and fits; one that merely equals it proves nothing
        and not coalesce(
            abs(t.previous_close / t.base_close - 1) > 0.002
            and t.close between t.previous_close * t.down_limit and t.previous_close * t.up_limit,
            false
        )
        -- believed at once on volume; of a fall the shares count for less, as a split multiplies them; a small stock's fall to a
        -- third, a quarter or a fifth sharp is most likely a split
        and not coalesce(
            not t.is_after_step
            and not (
                t.kind in ('stock', 'stock_below_1_usd')
                and least(abs(3 * t.close / t.base_close - 1), abs(4 * t.close / t.base_close - 1), abs(5 * t.close / t.base_close - 1)) < 0.02
            )
            and t.close between t.base_close / $stock_step_limit_sure and t.base_close * $stock_step_limit_sure
            and t.volume_ratio * least(1, t.close / t.base_close)
            >= if(
                t.close > t.base_close and t.kind in ('stock', 'stock_500m', 'stock_2b'), $step_volume_gate_rise, $step_volume_gate
            ),
            false
        ) as is_step,
        -- nearer in log to the last good close than to this one: beyond the geometric mean of both
        (t.close > t.base_close) = (t.next_close * t.next_close < t.close * t.base_close) as is_back
    from (
        select
            c.*,
            w.is_step as is_after_step,
            if(w.is_step and w.is_back, w.good_seq, w.seq) as base_seq,
            if(w.is_step and w.is_back, w.good_close, w.close) as base_close
        from steps_in_order as w
        inner join candidate_steps as c
            on w.dataset = c.dataset and w.symbol = c.symbol and w.source = c.source and w.basis = c.basis and w.seq = c.last_seq
    ) as t
),

suspect_steps as (
    select
        c.*,
        w.good_seq,
        w.good_close,
        w.is_back,
        c.close / w.good_close as ratio,
        greatest(ratio, 1 / ratio) as size
    from steps_in_order as w
    inner join candidate_steps as c
        on w.dataset = c.dataset and w.symbol = c.symbol and w.source = c.source and w.basis = c.basis and w.seq = c.seq
    where w.is_step
),

final as (
    select
        dataset,
        symbol,
        source,
        basis,
        seq,
        close,
        good_seq,
        good_close,
        kind,
        up_limit,
        down_limit,
        nearest,
        apart_pp,
        case
            when next_seq is null then 'pending'
            when is_back then 'bad_tick'
            when kind = 'volatility' then 'true_move'
            -- an index that fell by a fifth fell by a fifth (1987-10-19), but none fell by three tenths; of a fund such a step may still be
            -- a split or a part spun off
            when kind = 'index' then if(size < $index_break_ratio, 'true_move', 'break')
            when dataset = 'sector_bars' then if(size < $fund_break_ratio, 'true_move', 'break')
            -- 3:2, 4:3 and 5:4 are splits, too
            when
                size < $stock_break_ratio
                and abs(size / 1.5 - 1) > 0.02
                and abs(size * 3 / 4 - 1) > 0.02
                and abs(size / 1.25 - 1) > 0.02
                then 'true_move'
            else 'break'
        end as verdict,
        next_seq as verdict_seq,
        next_close as verdict_close
    from suspect_steps
)

select *
from final
order by dataset, symbol, source, basis, seq
