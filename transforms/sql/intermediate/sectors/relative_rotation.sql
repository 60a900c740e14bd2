/*
description: >
  Relative strength of sectors and its momentum as trailing z-scores, by pair of series: over 50 sessions, and over 14 weeks on the last
  session of each.
grain: graph x symbol x pair_rank x step
materialized: table
publish: false
# 53 weeks of up to six sessions: twice the window for each of the two values, and the week before
blocks: {by: seq, back: 320}
columns:
  - {name: graph, type: VARCHAR, unit: "", description: "daily_50 or weekly_14."}
  - {name: symbol, type: VARCHAR, unit: "", description: "ETF of the sector."}
  - {name: pair_rank, type: BIGINT, unit: "", description: "Pair of series and segment between seams, the least being the best."}
  - {name: source, type: VARCHAR, unit: "", description: "Series of the sector's ETF."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar, of a week that of its last one."}
  - {name: step, type: BIGINT, unit: sessions or weeks, description: "Number of the session in the calendar, or of the week, counted from the first one of 1927."}
  - {name: rs_ratio, type: DOUBLE, unit: "", description: "100 + z of the relative strength over the trailing window."}
  - {name: rs_momentum, type: DOUBLE, unit: "", description: "100 + z of the change of rs_ratio in percent over the trailing window."}
  - {name: is_held_back, type: BOOLEAN, unit: "", description: "A close of the step is no part of what is shown for its own session."}
*/
with week_ends as (
    select
        date_diff('week', date '1927-01-03', session_date) as week_no,
        max(seq) as seq
    from staging.sessions
    group by week_no
),

relative_strengths as (
    -- 50 sessions: a quarter less its holidays; up to 2 of them (4 %) may be absent
    select
        'daily_50' as graph,
        49 as reach,
        98 as look_back,
        48 as least,
        symbol,
        pair_rank,
        source,
        seq,
        cast(seq as bigint) as step,
        rs_e10,
        is_held_back
    from intermediate.relative_strength
    union all
    -- 14 weeks: the customary quarter and a bit of a rotation graph; one of them may be absent
    select
        'weekly_14' as graph,
        13 as reach,
        26 as look_back,
        13 as least,
        r.symbol,
        r.pair_rank,
        r.source,
        r.seq,
        w.week_no as step,
        r.rs_e10,
        r.is_held_back
    from intermediate.relative_strength as r
    inner join week_ends as w on r.seq = w.seq
),

-- the first step is that of the window and of as many steps before it: a pair that was not there so long begins anew
strength_sums as (
    select
        * exclude (rs_e10),
        rs_e10 as x,
        min(step) over past as first_step,
        count(rs_e10) over span as n,
        sum(rs_e10) over span as s1,
        sum(rs_e10 * rs_e10) over span as s2
    from relative_strengths
    window
        span as (partition by graph, symbol, pair_rank order by step range between reach preceding and current row),
        past as (partition by graph, symbol, pair_rank order by step range between look_back preceding and current row)
),

-- n^2 times the population variance is n s2 - s1^2, exact in whole numbers; below 1e-9 the deviation counts as none
rs_ratios as (
    select
        * exclude (x, first_step, n, s1, s2),
        case
            when step - first_step >= reach and n >= least and n * s2 - s1 * s1 > 100 * n * n
                then 100 + (n * x - s1) / sqrt(cast(n * s2 - s1 * s1 as double))
        end as rs_ratio
    from strength_sums
),

ratio_changes as (
    select
        *,
        case
            when lag(step) over line = step - 1
                then cast(round(1e10 * 100 * (rs_ratio / nullif(lag(rs_ratio) over line, 0) - 1)) as hugeint)
        end as x
    from rs_ratios
    window line as (partition by graph, symbol, pair_rank order by step)
),

change_sums as (
    select
        *,
        min(if(x is not null, step, null)) over past as first_step,
        count(x) over span as n,
        sum(x) over span as s1,
        sum(x * x) over span as s2
    from ratio_changes
    window
        span as (partition by graph, symbol, pair_rank order by step range between reach preceding and current row),
        past as (partition by graph, symbol, pair_rank order by step range between look_back preceding and current row)
),

final as (
    select
        graph,
        symbol,
        pair_rank,
        source,
        seq,
        step,
        rs_ratio,
        case
            when step - first_step >= reach and n >= least and n * s2 - s1 * s1 > 100 * n * n
                then 100 + (n * x - s1) / sqrt(cast(n * s2 - s1 * s1 as double))
        end as rs_momentum,
        is_held_back
    from change_sums
    where rs_ratio is not null
)

select *
from final
order by graph, symbol, pair_rank, step
