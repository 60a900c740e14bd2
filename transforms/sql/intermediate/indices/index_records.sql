/*
description: >
  For the run of sessions (weeks) of each session that has a sheet: when the index last moved at least as far over as many sessions (weeks). Looked
  up by blocks of 64, so that no session is compared with all before it.
grain: series_no x seq x period x measure
materialized: table
publish: false
# as far back as there are closes
blocks: {by: seq, back: 100000}
shards: {of: intermediate.index_runs, by: seq}
columns:
  - {name: series_no, type: INTEGER, unit: "", description: "Number of the series in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: period, type: VARCHAR, unit: "", description: "day or week."}
  - {name: measure, type: VARCHAR, unit: "", description: "points or pct."}
  - {name: since_seq, type: INTEGER, unit: sessions, description: "Session that ends the last move as large; null where there is none."}
  - {name: is_known, type: BOOLEAN, unit: "", description: "At most 4 % of the sessions since then (or since the first close) are absent."}
invariants:
  - description: What is looked for lies before.
    sql: select * from intermediate.index_records where since_seq >= seq
*/
with printed_runs as (
    select
        series_no,
        seq,
        'day' as period,
        seq as step,
        run_sessions as k,
        close_e6,
        run_base_e6 as base_e6
    from intermediate.index_runs
    where run_sessions <> 0 and is_printed and seq between $shard_first and $shard_last
    union all
    select
        series_no,
        seq,
        'week' as period,
        week_no as step,
        run_weeks as k,
        close_e6,
        run_weeks_base_e6 as base_e6
    from intermediate.index_runs
    where run_weeks <> 0 and is_printed and seq between $shard_first and $shard_last
),

run_lengths as (
    select distinct
        series_no,
        period,
        k
    from printed_runs
),

closes_by_period as (
    select
        series_no,
        seq,
        'day' as period,
        seq as step,
        close_e6
    from intermediate.index_runs
    union all
    select
        series_no,
        seq,
        'week' as period,
        week_no as step,
        close_e6
    from intermediate.index_runs
    where is_week_end
),

-- the step that each move is measured from; made before the join, which then finds it by equality alone
move_ends as materialized (
    select
        n.series_no,
        n.period,
        n.k,
        t.seq,
        t.step,
        t.close_e6,
        t.step - abs(n.k) as base_step
    from run_lengths as n
    inner join closes_by_period as t
        on n.series_no = t.series_no and n.period = t.period
),

-- all moves over each length that occurs, upwards or downwards as the run goes; percent as whole 1e-12 of the base,
-- of which a bigint holds nine million times it
moves_by_length as (
    select
        t.series_no,
        t.period,
        t.k,
        t.seq,
        t.step,
        sign(t.k) * (t.close_e6 - b.close_e6) as points,
        cast(least(round(sign(t.k) * (t.close_e6 - b.close_e6) / b.close_e6 * 1e12), 9e18) as bigint) as pct
    from move_ends as t
    inner join closes_by_period as b
        on t.series_no = b.series_no and t.period = b.period and t.base_step = b.step
    where sign(t.k) * (t.close_e6 - b.close_e6) > 0
),

moves_by_block as (
    select
        series_no,
        period,
        k,
        'points' as measure,
        seq,
        step,
        step // 64 as block,
        points as x
    from moves_by_length
    union all
    select
        series_no,
        period,
        k,
        'pct' as measure,
        seq,
        step,
        step // 64 as block,
        pct as x
    from moves_by_length
),

run_moves as (
    select
        series_no,
        period,
        k,
        'points' as measure,
        seq,
        step,
        step // 64 as block,
        cast(sign(k) * (close_e6 - base_e6) as bigint) as x
    from printed_runs
    union all
    select
        series_no,
        period,
        k,
        'pct' as measure,
        seq,
        step,
        step // 64 as block,
        cast(least(round(sign(k) * (close_e6 - base_e6) / base_e6 * 1e12), 9e18) as bigint) as x
    from printed_runs
),

block_maxima as (
    select
        series_no,
        period,
        k,
        measure,
        block,
        max(x) as x
    from moves_by_block
    group by series_no, period, k, measure, block
),

near_records as (
    select
        a.*,
        max(h.seq) filter (where h.step < a.step and h.x >= a.x) as near_seq
    from run_moves as a
    left join moves_by_block as h
        on
            a.series_no = h.series_no
            and a.period = h.period
            and a.k = h.k
            and a.measure = h.measure
            and a.block = h.block
    group by all
),

block_bounds as (
    select
        n.series_no,
        n.period,
        n.k,
        n.measure,
        n.seq,
        n.x,
        max(b.block) as block
    from near_records as n
    inner join block_maxima as b
        on
            n.series_no = b.series_no
            and n.period = b.period
            and n.k = b.k
            and n.measure = b.measure
            and n.block > b.block
            and n.x <= b.x
    where n.near_seq is null
    group by all
),

far_records as (
    select
        l.series_no,
        l.period,
        l.measure,
        l.seq,
        max(h.seq) as far_seq
    from block_bounds as l
    inner join moves_by_block as h
        on
            l.series_no = h.series_no
            and l.period = h.period
            and l.k = h.k
            and l.measure = h.measure
            and l.block = h.block
            and l.x <= h.x
    group by all
),

first_sessions as (
    select
        series_no,
        min(seq) as first_seq
    from intermediate.index_runs
    group by series_no
),

last_larger_moves as (
    select
        n.series_no,
        n.seq,
        n.period,
        n.measure,
        coalesce(n.near_seq, f.far_seq) as since_seq,
        coalesce(n.near_seq, f.far_seq, z.first_seq) as back_seq
    from near_records as n
    inner join first_sessions as z on n.series_no = z.series_no
    left join far_records as f
        on n.series_no = f.series_no and n.period = f.period and n.measure = f.measure and n.seq = f.seq
),

final as (
    select
        f.series_no,
        f.seq,
        f.period,
        f.measure,
        f.since_seq,
        -- of the sessions since then, those without a close; one is always allowed
        (f.seq - b.seq) - (t.place - b.place) <= greatest(1, 0.04 * (f.seq - b.seq)) as is_known
    from last_larger_moves as f
    inner join intermediate.index_runs as t on f.series_no = t.series_no and f.seq = t.seq
    inner join intermediate.index_runs as b on f.series_no = b.series_no and f.back_seq = b.seq
)

select *
from final
order by series_no, seq, period, measure
