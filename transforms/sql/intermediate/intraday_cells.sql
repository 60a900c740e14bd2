/*
description: >
  Intraday highs and lows of 52 weeks, per session, set of universes and market-cap band, among the stocks whose series has highs and
  lows. Streaming lags over the sorted panel; windows are made by doubling.
grain: seq x profile_no x cap_band x shard of instruments
materialized: table
publish: false
shards: {of: intermediate.ranged_instruments, by: instrument_no}
columns:
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: profile_no, type: INTEGER, unit: "", description: "Set of universes."}
  - {name: cap_band, type: VARCHAR, unit: "", description: "Band of the last market cap stated in the five sessions before; unknown without one."}
  - {name: intraday_members, type: BIGINT, unit: stocks, description: "Members with high and low now and over 252 sessions."}
  - {name: intraday_highs_52w, type: BIGINT, unit: stocks, description: "Of these, highs above all of the 251 sessions before."}
  - {name: intraday_lows_52w, type: BIGINT, unit: stocks, description: "Of these, lows below all of the 251 sessions before."}
*/
with level_1 as (
    select
        seq,
        profile_no,
        age,
        idle,
        -- split as the close is
        high_e6 * (forward_close / close_e6) as h,
        low_e6 * (forward_close / close_e6) as l,
        -- running counts; the linter's grammar has no frame without an order
        sum(cast(high_e6 is null or low_e6 is null as integer))
            over (rows between unbounded preceding and current row) as absent, -- noqa: PRS
        sum(cast(is_mean_broken as integer))
            over (rows between unbounded preceding and current row) as broken, -- noqa: PRS
        case when age > 1 then lag(market_cap, 1) over () end as cap_1,
        case when age > 2 then lag(market_cap, 2) over () end as cap_2,
        case when age > 3 then lag(market_cap, 3) over () end as cap_3,
        case when age > 4 then lag(market_cap, 4) over () end as cap_4,
        case when age > 5 then lag(market_cap, 5) over () end as cap_5
    from intermediate.panel
    where instrument_no between $shard_first and $shard_last
),

level_2 as (
    select
        *,
        greatest(h, lag(h) over ()) as h2,
        least(l, lag(l) over ()) as l2,
        absent - lag(absent, 252, 0) over () as absent_252,
        -- a break at the oldest session of a window lies before it
        broken - lag(broken, 251, 0) over () as broken_252
    from level_1
),

level_4 as (
    select
        *,
        greatest(h2, lag(h2, 2) over ()) as h4,
        least(l2, lag(l2, 2) over ()) as l4
    from level_2
),

level_8 as (
    select
        *,
        greatest(h4, lag(h4, 4) over ()) as h8,
        least(l4, lag(l4, 4) over ()) as l8
    from level_4
),

level_16 as (
    select
        *,
        greatest(h8, lag(h8, 8) over ()) as h16,
        least(l8, lag(l8, 8) over ()) as l16
    from level_8
),

level_32 as (
    select
        *,
        greatest(h16, lag(h16, 16) over ()) as h32,
        least(l16, lag(l16, 16) over ()) as l32
    from level_16
),

level_64 as (
    select
        *,
        greatest(h32, lag(h32, 32) over ()) as h64,
        least(l32, lag(l32, 32) over ()) as l64
    from level_32
),

level_128 as (
    select
        *,
        greatest(h64, lag(h64, 64) over ()) as h128,
        least(l64, lag(l64, 64) over ()) as l128
    from level_64
),

flags as (
    select
        seq,
        profile_no,
        idle,
        coalesce(cap_1, cap_2, cap_3, cap_4, cap_5) as last_cap,
        age >= 252 and absent_252 <= 10 and broken_252 = 0 and h is not null and l is not null as has_range,
        -- above by more than a billionth: a split leaves the last digits of a price open; 128 and 128 sessions that overlap in five
        h > (1 + 1e-9) * greatest(lag(h128, 1) over (), lag(h128, 124) over ()) as is_high,
        l < (1 - 1e-9) * least(lag(l128, 1) over (), lag(l128, 124) over ()) as is_low
    from level_128
),

final as (
    select
        seq,
        profile_no,
        case
            when last_cap is null then 'unknown'
            when last_cap < 0.5e9 then 'micro'
            when last_cap < 2e9 then 'small'
            when last_cap < 10e9 then 'mid'
            when last_cap < 50e9 then 'upper_mid'
            when last_cap < 200e9 then 'large'
            else 'mega'
        end as cap_band,
        count(*) as intraday_members,
        count(*) filter (where is_high) as intraday_highs_52w,
        count(*) filter (where is_low) as intraday_lows_52w
    from flags
    where has_range and idle <= 5
    group by seq, profile_no, cap_band
)

select *
from final
order by seq, profile_no, cap_band
