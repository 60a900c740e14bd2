/*
description: >
  Events of breadth in each universe: Zweig's thrust, the two Hindenburg omens, divergence from the index, and the share of highs among
  new highs and lows with its 10-session mean. Shares are compared as products of whole numbers.
grain: universe x seq
materialized: table
publish: false
blocks: {by: seq, back: 64}
columns:
  - {name: universe, type: VARCHAR, unit: "", description: "Name of the universe."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: benchmark_index, type: VARCHAR, unit: "", description: "Index or ETF that stands for the universe."}
  - {name: record_high_share, type: DOUBLE, unit: share, description: "New highs over new highs and lows; null without either."}
  - {name: high_low_index, type: DOUBLE, unit: share, description: "Its mean over 10 sessions, of which one may lack it."}
  - {name: zweig_ema, type: DOUBLE, unit: share, description: "Exponential mean of A / (A + D), alpha 2/11."}
  - {name: is_zweig_thrust, type: BOOLEAN, unit: "", description: "The mean passes .615 within 10 sessions of having been below .40."}
  - {name: is_hindenburg_classic, type: BOOLEAN, unit: "", description: "Classic omen."}
  - {name: is_hindenburg_classic_confirmed, type: BOOLEAN, unit: "", description: "A classic omen with another in the 36 sessions before."}
  - {name: is_hindenburg_morris, type: BOOLEAN, unit: "", description: "Omen by Morris's threshold."}
  - {name: is_hindenburg_morris_valid, type: BOOLEAN, unit: "", description: "Such an omen on this session or one of the 29 before."}
  - {name: is_divergence, type: BOOLEAN, unit: "", description: "Index at a 20-session high, above_sma50_share below that of 20 sessions ago."}
*/
with breadth_counts as (
    select
        s.universe,
        s.seq,
        s.advances,
        s.declines,
        s.eligible,
        s.is_defined,
        m.ratio_10 - m.ratio_5 as oscillator,
        if(s.range_52w_members > 0 and s.range_52w_members >= $coverage_gate * s.aged_252, s.new_highs_52w, null) as highs,
        if(s.range_52w_members > 0 and s.range_52w_members >= $coverage_gate * s.aged_252, s.new_lows_52w, null) as lows,
        if(s.sma50_members > 0 and s.sma50_members >= $coverage_gate * s.aged_50, s.above_sma50, null) as above_50,
        s.sma50_members,
        t.zweig_ema,
        -- compared at a billionth
        cast(round(1e9 * t.zweig_ema) as bigint) as ema_e9,
        b.benchmark_index,
        b.is_above_50d,
        b.is_20d_high
    from intermediate.breadth_sums as s
    left join intermediate.breadth_momentum as m on s.universe = m.universe and s.seq = m.seq
    left join intermediate.breadth_thrust as t on s.universe = t.universe and s.seq = t.seq
    left join intermediate.benchmark_indices as b on s.universe = b.universe and s.seq = b.seq
    where s.is_defined
),

index_changes_20d as (
    select
        n.*,
        -- whole 1e-9, so that the mean does not depend on order
        cast(round(1e9 * n.highs / nullif(n.highs + n.lows, 0)) as bigint) as share_e9,
        a.above_50 * n.sma50_members > n.above_50 * a.sma50_members as is_above_50_lower
    from breadth_counts as n
    left join breadth_counts as a on n.universe = a.universe and n.seq - 20 = a.seq
),

omens_by_counts as (
    select
        *,
        -- 2.2 % of issues; 2.8 % of those that moved
        highs * 1000 > 22 * eligible
        and lows * 1000 > 22 * eligible
        and is_above_50d
        and oscillator < 0
        and highs <= 2 * lows as is_classic,
        highs * 1000 > 28 * (advances + declines)
        and lows * 1000 > 28 * (advances + declines)
        and is_above_50d
        and oscillator < 0
        and highs <= 2 * lows as is_morris
    from index_changes_20d
),

-- without an index they are not defined, however few highs and lows there are
hindenburg_omens as (
    select
        * replace (
            if(benchmark_index is null, null, is_classic) as is_classic,
            if(benchmark_index is null, null, is_morris) as is_morris
        )
    from omens_by_counts
),

-- all windows at once, for they share one sort; when a thing last was costs less than whether it was in a frame of its own
event_counts_by_window as (
    select
        universe,
        seq,
        benchmark_index,
        highs,
        lows,
        zweig_ema,
        ema_e9,
        is_classic,
        is_morris,
        is_20d_high,
        is_above_50_lower,
        count(share_e9) over ten as shares_10,
        sum(share_e9) over ten as share_sum_e9,
        lag(ema_e9) over line as last_ema_e9,
        max(if(ema_e9 < 400000000, seq, null)) over before as low_seq,
        max(if(is_classic, seq, null)) over before as classic_seq,
        max(if(is_morris, seq, null)) over before as morris_seq
    from hindenburg_omens
    window
        line as (partition by universe order by seq),
        ten as (partition by universe order by seq range between 9 preceding and current row),
        before as (partition by universe order by seq rows between unbounded preceding and 1 preceding)
),

final as (
    select
        universe,
        seq,
        benchmark_index,
        highs / nullif(highs + lows, 0) as record_high_share,
        if(shares_10 >= 9, cast(share_sum_e9 as double) / shares_10 / 1e9, null) as high_low_index,
        zweig_ema,
        coalesce(ema_e9 > 615000000 and last_ema_e9 <= 615000000 and low_seq >= seq - 10, false) as is_zweig_thrust,
        is_classic as is_hindenburg_classic,
        if(is_classic is null, null, is_classic and coalesce(classic_seq >= seq - 36, false)) as is_hindenburg_classic_confirmed,
        is_morris as is_hindenburg_morris,
        if(is_morris is null, null, is_morris or coalesce(morris_seq >= seq - 29, false)) as is_hindenburg_morris_valid,
        is_20d_high and is_above_50_lower as is_divergence
    from event_counts_by_window
)

select *
from final
order by universe, seq
