/*
description: >
  What the technical part of a stock's score is made of: returns, the distance from the 52-week high, dollar volume against its mean,
  and Chaikin's money flow, for the members of sp500 and russell2000 that have a sector. Streaming lags; a span with too many absent
  closes has none.
grain: seq x instrument_no
materialized: table
publish: false
blocks: {by: seq, back: 256, kept: false}
shards: {of: intermediate.scored_panel, by: instrument_no}
columns:
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: sector, type: VARCHAR, unit: "", description: "GICS sector."}
  - {name: return_21d_e9, type: BIGINT, unit: 1e-9, description: "Return over 21 sessions."}
  - {name: return_63d_e9, type: BIGINT, unit: 1e-9, description: "Return over 63 sessions."}
  - {name: return_126d_e9, type: BIGINT, unit: 1e-9, description: "Return over 126 sessions."}
  - {name: return_252d_e9, type: BIGINT, unit: 1e-9, description: "Return over 252 sessions."}
  - {name: high_distance_e9, type: BIGINT, unit: 1e-9, description: "Close over the highest close of 252 sessions, less 1."}
  - {name: volume_ratio_e9, type: BIGINT, unit: 1e-9, description: "Dollar volume over its mean of 63 sessions."}
  - name: cmf
    type: DOUBLE
    unit: ""
    description: "Sum of multiplier x volume over the sum of volume, for $cmf_window sessions; null without highs and lows."
invariants:
  - description: Money flow lies between -1 and 1.
    sql: select * from intermediate.stock_signals where cmf not between -1 and 1
*/
with sector_sets as (
    select distinct
        universe_set_id,
        substr(list_filter(universes, lambda u: starts_with(u, 'sector:'))[1], 8) as sector
    from intermediate.universe_sets
    where
        (list_contains(universes, 'sp500') or list_contains(universes, 'russell2000'))
        and len(list_filter(universes, lambda u: starts_with(u, 'sector:'))) > 0
),

-- running counts and sums: their difference over n rows is that of n sessions; an order would cost a sort, and the linter's
-- grammar has no frame without one, hence its exemptions
member_prices as (
    select
        instrument_no,
        seq,
        age,
        universe_set_id,
        is_scored,
        is_return_broken,
        is_mean_broken,
        forward_close as c,
        multiplier_e9,
        cast(close_e6 as hugeint) * volume as traded,
        -- volume in the first session's shares, in thousandths, so that a split within the window weighs nothing
        if(multiplier_e9 is null, null, cast(round(volume * 1e3 * close_e6 / forward_close) as hugeint)) as v
    from intermediate.scored_panel
    where instrument_no between $shard_first and $shard_last
),

sums_over_1_session as (
    select
        instrument_no,
        seq,
        age,
        universe_set_id,
        is_scored,
        c,
        traded,
        v,
        count(*) filter (where c is null)
            over (rows between unbounded preceding and current row) as absent, -- noqa: PRS
        count(*) filter (where is_return_broken)
            over (rows between unbounded preceding and current row) as broken, -- noqa: PRS
        count(*) filter (where is_mean_broken)
            over (rows between unbounded preceding and current row) as jumps, -- noqa: PRS
        count(*) filter (where traded is null)
            over (rows between unbounded preceding and current row) as untraded, -- noqa: PRS
        sum(coalesce(traded, 0))
            over (rows between unbounded preceding and current row) as traded_so_far, -- noqa: PRS
        count(*) filter (where v is null)
            over (rows between unbounded preceding and current row) as flowless, -- noqa: PRS
        sum(coalesce(v, 0))
            over (rows between unbounded preceding and current row) as volume_so_far, -- noqa: PRS
        sum(coalesce(v * multiplier_e9, 0))
            over (rows between unbounded preceding and current row) as flow_so_far -- noqa: PRS
    from member_prices
),

sums_over_2_sessions as (
    select
        *,
        greatest(c, lag(c) over ()) as h2,
        if(age > 21 and broken = lag(broken, 21) over (), lag(c, 21) over (), null) as c_21,
        if(age > 63 and broken = lag(broken, 63) over (), lag(c, 63) over (), null) as c_63,
        if(age > 126 and broken = lag(broken, 126) over (), lag(c, 126) over (), null) as c_126,
        if(age > 252 and broken = lag(broken, 252) over (), lag(c, 252) over (), null) as c_252,
        absent - lag(absent, 252, 0) over () as absent_252,
        -- a break at the oldest session of a window lies before it
        jumps - lag(jumps, 251, 0) over () as jumps_252,
        untraded - lag(untraded, 63, 0) over () as untraded_63,
        traded_so_far - lag(traded_so_far, 63, 0) over () as traded_63,
        flowless - lag(flowless, $cmf_window, 0) over () as flowless_n,
        volume_so_far - lag(volume_so_far, $cmf_window, 0) over () as volume_n,
        flow_so_far - lag(flow_so_far, $cmf_window, 0) over () as flow_n
    from sums_over_1_session
),

sums_over_4_sessions as (
    select
        *,
        greatest(h2, lag(h2, 2) over ()) as h4
    from sums_over_2_sessions
),

sums_over_8_sessions as (
    select
        *,
        greatest(h4, lag(h4, 4) over ()) as h8
    from sums_over_4_sessions
),

sums_over_16_sessions as (
    select
        *,
        greatest(h8, lag(h8, 8) over ()) as h16
    from sums_over_8_sessions
),

sums_over_32_sessions as (
    select
        *,
        greatest(h16, lag(h16, 16) over ()) as h32
    from sums_over_16_sessions
),

sums_over_64_sessions as (
    select
        *,
        greatest(h32, lag(h32, 32) over ()) as h64
    from sums_over_32_sessions
),

sums_over_128_sessions as (
    select
        *,
        greatest(h64, lag(h64, 64) over ()) as h128
    from sums_over_64_sessions
),

window_sums as (
    select
        *,
        -- 252 sessions: 128 and 128 that overlap in four
        greatest(h128, lag(h128, 124) over ()) as h252
    from sums_over_128_sessions
),

final as (
    select
        w.seq,
        w.instrument_no,
        m.sector,
        -- nine billion times the price before is no return
        try_cast(round(1e9 * (w.c / w.c_21 - 1)) as bigint) as return_21d_e9,
        try_cast(round(1e9 * (w.c / w.c_63 - 1)) as bigint) as return_63d_e9,
        try_cast(round(1e9 * (w.c / w.c_126 - 1)) as bigint) as return_126d_e9,
        try_cast(round(1e9 * (w.c / w.c_252 - 1)) as bigint) as return_252d_e9,
        -- at most 4 % of the closes absent
        case
            when w.age >= 252 and w.absent_252 <= 10 and w.jumps_252 = 0
                then cast(round(1e9 * (w.c / w.h252 - 1)) as bigint)
        end as high_distance_e9,
        case
            when w.age >= 63 and w.untraded_63 <= 2 and w.traded_63 > 0
                then cast(round(1e9 * (cast(w.traded as double) * (63 - w.untraded_63) / cast(w.traded_63 as double))) as bigint)
        end as volume_ratio_e9,
        -- at most 4 % absent, one always allowed
        case
            when
                w.v is not null and w.volume_n > 0 and w.age >= $cmf_window
                and w.flowless_n <= greatest(1, floor(0.04 * $cmf_window))
                then cast(w.flow_n as double) / cast(w.volume_n as double) / 1e9
        end as cmf
    from window_sums as w
    inner join sector_sets as m on w.universe_set_id = m.universe_set_id
    where w.c is not null and w.is_scored
)

select *
from final
