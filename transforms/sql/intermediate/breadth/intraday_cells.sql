/*
description: >
  Intraday highs and lows of 52 weeks, per session, set of universes and market-cap band, among the stocks whose series has highs and
  lows. Streaming lags over the sorted panel; windows are made by doubling.
grain: seq x universe_set_id x cap_band
materialized: table
publish: false
blocks: {by: seq, back: 256, kept: false}
shards: {of: intermediate.panel, by: seq, at_most: 1260}
columns:
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: universe_set_id, type: BIGINT, unit: "", description: "Set of universes."}
  - {name: cap_band, type: VARCHAR, unit: "", description: "Band of the last market cap stated in the five sessions before; unknown without one."}
  - {name: intraday_members, type: BIGINT, unit: stocks, description: "Members with high and low now and over 252 sessions."}
  - {name: intraday_highs_52w, type: BIGINT, unit: stocks, description: "Of these, highs above all of the 251 sessions before."}
  - {name: intraday_lows_52w, type: BIGINT, unit: stocks, description: "Of these, lows below all of the 251 sessions before."}
*/
with extremes_over_1_session as (
    select
        seq,
        universe_set_id,
        age,
        market_age,
        sessions_since_bar,
        high_e6 is not null and low_e6 is not null and fill <> 'held_back' as is_ranged,
        -- split as the close is
        coalesce(high_e6 * (forward_close / close_e6), 0) as h1,
        coalesce(low_e6 * (forward_close / close_e6), 1e300) as l1,
        -- ranges that a window lacks; a break counts as more of them than any window may lack
        if(high_e6 is null or low_e6 is null, 1, 0) + if(is_mean_broken, 1024, 0) as n1,
        if(is_mean_broken, 1024, 0) as m1,
        lag(market_cap, 1) over () as cap_1,
        lag(market_cap, 2) over () as cap_2,
        lag(market_cap, 3) over () as cap_3,
        lag(market_cap, 4) over () as cap_4,
        lag(market_cap, 5) over () as cap_5
    from intermediate.panel
    where seq between $shard_first - 252 and $shard_last
),

extremes_over_2_sessions as (
    select
        *,
        n1 + lag(n1, 1, 0) over () as n2,
        if(h1 > lag(h1, 1) over (), h1, lag(h1, 1) over ()) as h2,
        if(l1 < lag(l1, 1) over (), l1, lag(l1, 1) over ()) as l2
    from extremes_over_1_session
),

extremes_over_4_sessions as (
    select
        *,
        n2 + lag(n2, 2, 0) over () as n4,
        if(h2 > lag(h2, 2) over (), h2, lag(h2, 2) over ()) as h4,
        if(l2 < lag(l2, 2) over (), l2, lag(l2, 2) over ()) as l4
    from extremes_over_2_sessions
),

extremes_over_8_sessions as (
    select
        *,
        n4 + lag(n4, 4, 0) over () as n8,
        if(h4 > lag(h4, 4) over (), h4, lag(h4, 4) over ()) as h8,
        if(l4 < lag(l4, 4) over (), l4, lag(l4, 4) over ()) as l8
    from extremes_over_4_sessions
),

extremes_over_16_sessions as (
    select
        *,
        n8 + lag(n8, 8, 0) over () as n16,
        if(h8 > lag(h8, 8) over (), h8, lag(h8, 8) over ()) as h16,
        if(l8 < lag(l8, 8) over (), l8, lag(l8, 8) over ()) as l16
    from extremes_over_8_sessions
),

extremes_over_32_sessions as (
    select
        *,
        n16 + lag(n16, 16, 0) over () as n32,
        if(h16 > lag(h16, 16) over (), h16, lag(h16, 16) over ()) as h32,
        if(l16 < lag(l16, 16) over (), l16, lag(l16, 16) over ()) as l32
    from extremes_over_16_sessions
),

extremes_over_64_sessions as (
    select
        *,
        n32 + lag(n32, 32, 0) over () as n64,
        if(h32 > lag(h32, 32) over (), h32, lag(h32, 32) over ()) as h64,
        if(l32 < lag(l32, 32) over (), l32, lag(l32, 32) over ()) as l64
    from extremes_over_32_sessions
),

extremes_over_128_sessions as (
    select
        *,
        n64 + lag(n64, 64, 0) over () as n128,
        if(h64 > lag(h64, 64) over (), h64, lag(h64, 64) over ()) as h128,
        if(l64 < lag(l64, 64) over (), l64, lag(l64, 64) over ()) as l128
    from extremes_over_64_sessions
),

stock_flags as (
    select
        seq,
        universe_set_id,
        sessions_since_bar,
        case
            when age > 5 then coalesce(cap_1, cap_2, cap_3, cap_4, cap_5)
            when age > 1
                then coalesce(cap_1, if(age > 2, cap_2, null), if(age > 3, cap_3, null), if(age > 4, cap_4, null))
        end as last_cap,
        -- 128 and 128 sessions less the four that are too many; a break at the oldest session of the window lies before it
        market_age >= 252
        and is_ranged
        and n128 + lag(n128, 128, 0) over () - lag(n4, 252, 0) over () - lag(m1, 251, 0) over () <= 10 as has_range,
        -- above by more than a billionth: a split leaves the last digits of a price open; 128 and 128 sessions that overlap in five
        h1 > (1 + 1e-9) * greatest(lag(h128, 1) over (), lag(h128, 124) over ()) as is_high,
        l1 < (1 - 1e-9) * least(lag(l128, 1) over (), lag(l128, 124) over ()) as is_low
    from extremes_over_128_sessions
),

final as (
    select
        seq,
        universe_set_id,
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
    from stock_flags
    where has_range and sessions_since_bar <= 5 and seq >= $shard_first
    group by seq, universe_set_id, cap_band
)

select *
from final
order by seq, universe_set_id, cap_band
