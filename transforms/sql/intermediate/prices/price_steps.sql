/*
description: >
  Steps that nothing explains: each is set aside on its own session, and the next bar of the series gives the verdict. A bar is compared
  with the last good close before it, so that the step back from a bad tick is none. Nothing about a session depends on its verdict.
grain: dataset x symbol x source x basis x seq
materialized: table
publish: false
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars or sector_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Index or ETF."}
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
with recursive walk as (
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
    from intermediate.reference_steps as c
    anti join intermediate.reference_steps as p
        on c.dataset = p.dataset and c.symbol = p.symbol and c.source = p.source and c.basis = p.basis and c.last_seq = p.seq
    union all
    -- from bar to bar, as long as each is suspect
    select
        c.dataset,
        c.symbol,
        c.source,
        c.basis,
        c.seq,
        c.close,
        if(w.is_step and w.is_back, w.good_seq, w.seq) as good_seq,
        if(w.is_step and w.is_back, w.good_close, w.close) as good_close,
        c.seq - if(w.is_step and w.is_back, w.good_seq, w.seq) <= 5
        and (
            c.close / if(w.is_step and w.is_back, w.good_close, w.close) not between c.down_limit and c.up_limit
            -- the others are compared over the same sessions alone
            or (c.is_apart and not (w.is_step and w.is_back))
        )
        and not (c.is_confirmed and not (w.is_step and w.is_back)) as is_step,
        -- nearer in log to the last good close than to this one: beyond the geometric mean of both
        (c.close > if(w.is_step and w.is_back, w.good_close, w.close))
        = (c.next_close * c.next_close < c.close * if(w.is_step and w.is_back, w.good_close, w.close)) as is_back
    from walk as w
    inner join intermediate.reference_steps as c
        on w.dataset = c.dataset and w.symbol = c.symbol and w.source = c.source and w.basis = c.basis and w.seq = c.last_seq
),

steps as (
    select
        c.*,
        w.good_seq,
        w.good_close,
        w.is_back,
        greatest(c.close / w.good_close, w.good_close / c.close) as size
    from walk as w
    inner join intermediate.reference_steps as c
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
            when next_seq is null or next_seq > seq + 5 then 'pending'
            when is_back then 'bad_tick'
            -- an index that fell by a fifth fell by a fifth (1987-10-19); of a fund such a step may still be a split or a part spun off
            when kind in ('index', 'volatility') or size < $fund_break_ratio then 'true_move'
            else 'break'
        end as verdict,
        case when next_seq <= seq + 5 then next_seq end as verdict_seq,
        case when next_seq <= seq + 5 then next_close end as verdict_close
    from steps
)

select *
from final
order by dataset, symbol, source, basis, seq
