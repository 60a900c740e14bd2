/*
description: >
  Counts and sums for breadth, per session, set of universes and market-cap band. Everything is an integer, so the cells add
  up to any universe in any order. Streaming lags over the sorted panel; windows are made by doubling.
grain: seq x universe_set_id x cap_band
materialized: table
publish: false
blocks: {by: seq, back: 256, kept: false}
shards: {of: intermediate.panel, by: seq, at_most: 1260}
columns:
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: universe_set_id, type: BIGINT, unit: "", description: "Set of universes."}
  - {name: cap_band, type: VARCHAR, unit: "", description: "Band of the last market cap stated in the five sessions before; unknown without one."}
  - {name: members, type: BIGINT, unit: stocks, description: "Stocks with a bar in this session or one of the five before."}
  - {name: eligible, type: BIGINT, unit: stocks, description: "Members with a return: closes of this session and the one before."}
  - {name: excluded_set_aside, type: BIGINT, unit: stocks, description: "Members whose bar is none of this session: another session's values, a step that nothing explains, a repeated bar, not traded."}
  - {name: excluded_no_close, type: BIGINT, unit: stocks, description: "Members without a close."}
  - {name: excluded_no_previous_close, type: BIGINT, unit: stocks, description: "Members with a close but none of the session before."}
  - {name: excluded_disagreement, type: BIGINT, unit: stocks, description: "Members whose stated previous close disagrees by over 2 %."}
  - {name: advances, type: BIGINT, unit: stocks, description: "Eligible that closed above the previous close."}
  - {name: declines, type: BIGINT, unit: stocks, description: "Eligible that closed below it."}
  - {name: unchanged, type: BIGINT, unit: stocks, description: "Eligible that closed at it."}
  - {name: up_volume, type: HUGEINT, unit: shares, description: "Shares traded of those that advanced; null where none is known."}
  - {name: down_volume, type: HUGEINT, unit: shares, description: "Shares traded of those that declined; null where none is known."}
  - {name: eligible_with_volume, type: BIGINT, unit: stocks, description: "Eligible whose volume is known."}
  - {name: aged_20, type: BIGINT, unit: stocks, description: "Members with a close, listed for at least 20 sessions."}
  - {name: aged_50, type: BIGINT, unit: stocks, description: "Members with a close, listed for at least 50 sessions."}
  - {name: aged_200, type: BIGINT, unit: stocks, description: "Members with a close, listed for at least 200 sessions."}
  - {name: aged_252, type: BIGINT, unit: stocks, description: "Members with a close, listed for at least 252 sessions."}
  - {name: sma20_members, type: BIGINT, unit: stocks, description: "Members with a close and a 20-session mean."}
  - {name: sma50_members, type: BIGINT, unit: stocks, description: "Members with a close and a 50-session mean."}
  - {name: sma200_members, type: BIGINT, unit: stocks, description: "Members with a close and a 200-session mean."}
  - {name: above_sma20, type: BIGINT, unit: stocks, description: "Of these, closes above the mean."}
  - {name: above_sma50, type: BIGINT, unit: stocks, description: "Of these, closes above the mean."}
  - {name: above_sma200, type: BIGINT, unit: stocks, description: "Of these, closes above the mean."}
  - {name: range_52w_members, type: BIGINT, unit: stocks, description: "Members with a close and 252 sessions of closes."}
  - {name: new_highs_52w, type: BIGINT, unit: stocks, description: "Of these, closes above all of the 251 sessions before."}
  - {name: new_lows_52w, type: BIGINT, unit: stocks, description: "Of these, closes below all of the 251 sessions before."}
*/
with sums_over_1_session as (
    select
        seq,
        universe_set_id,
        age,
        market_age,
        sessions_since_bar,
        fill,
        volume,
        is_return_broken,
        base_close,
        forward_close as c,
        coalesce(forward_close, 0) as s1,
        coalesce(forward_close, 1e300) as l1,
        -- a bar that repeats the one before is none of its session: the next change would span two
        lag(if(fill = 'repeated', null, forward_close)) over () as previous_c,
        -- closes that a window lacks; a break counts as more of them than any window may lack
        if(forward_close is null, 1, 0) + if(is_mean_broken, 1024, 0) as n1,
        if(is_mean_broken, 1024, 0) as m1,
        lag(market_cap, 1) over () as cap_1,
        lag(market_cap, 2) over () as cap_2,
        lag(market_cap, 3) over () as cap_3,
        lag(market_cap, 4) over () as cap_4,
        lag(market_cap, 5) over () as cap_5
    from intermediate.panel
    where seq between $shard_first - 252 and $shard_last
),

sums_over_2_sessions as (
    select
        seq,
        universe_set_id,
        age,
        market_age,
        sessions_since_bar,
        fill,
        volume,
        is_return_broken and base_close is null as is_return_broken,
        c,
        coalesce(base_close, previous_c) as previous_c,
        s1,
        n1,
        m1,
        case
            when age > 5 then coalesce(cap_1, cap_2, cap_3, cap_4, cap_5)
            when age > 1
                then coalesce(cap_1, if(age > 2, cap_2, null), if(age > 3, cap_3, null), if(age > 4, cap_4, null))
        end as last_cap,
        s1 + lag(s1) over () as s2,
        n1 + lag(n1, 1, 0) over () as n2,
        if(s1 > lag(s1) over (), s1, lag(s1) over ()) as h2,
        if(l1 < lag(l1) over (), l1, lag(l1) over ()) as l2
    from sums_over_1_session
),

sums_over_4_sessions as (
    select
        *,
        s2 + lag(s2, 2) over () as s4,
        n2 + lag(n2, 2, 0) over () as n4,
        if(h2 > lag(h2, 2) over (), h2, lag(h2, 2) over ()) as h4,
        if(l2 < lag(l2, 2) over (), l2, lag(l2, 2) over ()) as l4
    from sums_over_2_sessions
),

sums_over_8_sessions as (
    select
        *,
        s4 + lag(s4, 4) over () as s8,
        n4 + lag(n4, 4, 0) over () as n8,
        if(h4 > lag(h4, 4) over (), h4, lag(h4, 4) over ()) as h8,
        if(l4 < lag(l4, 4) over (), l4, lag(l4, 4) over ()) as l8
    from sums_over_4_sessions
),

sums_over_16_sessions as (
    select
        *,
        s8 + lag(s8, 8) over () as s16,
        n8 + lag(n8, 8, 0) over () as n16,
        if(h8 > lag(h8, 8) over (), h8, lag(h8, 8) over ()) as h16,
        if(l8 < lag(l8, 8) over (), l8, lag(l8, 8) over ()) as l16
    from sums_over_8_sessions
),

sums_over_32_sessions as (
    select
        *,
        s16 + lag(s16, 16) over () as s32,
        n16 + lag(n16, 16, 0) over () as n32,
        if(h16 > lag(h16, 16) over (), h16, lag(h16, 16) over ()) as h32,
        if(l16 < lag(l16, 16) over (), l16, lag(l16, 16) over ()) as l32
    from sums_over_16_sessions
),

sums_over_64_sessions as (
    select
        *,
        s32 + lag(s32, 32) over () as s64,
        n32 + lag(n32, 32, 0) over () as n64,
        if(h32 > lag(h32, 32) over (), h32, lag(h32, 32) over ()) as h64,
        if(l32 < lag(l32, 32) over (), l32, lag(l32, 32) over ()) as l64
    from sums_over_32_sessions
),

sums_over_128_sessions as (
    select
        *,
        s64 + lag(s64, 64) over () as s128,
        n64 + lag(n64, 64, 0) over () as n128,
        if(h64 > lag(h64, 64) over (), h64, lag(h64, 64) over ()) as h128,
        if(l64 < lag(l64, 64) over (), l64, lag(l64, 64) over ()) as l128
    from sums_over_64_sessions
),

window_sums as (
    select
        *,
        s16 + lag(s4, 16) over () as s20,
        s32 + lag(s16, 32) over () + lag(s2, 48) over () as s50,
        s128 + lag(s64, 128) over () + lag(s8, 192) over () as s200,
        -- a break at the oldest session of a window lies before it
        n16 + lag(n4, 16, 0) over () - lag(m1, 19, 0) over () as n20,
        n32 + lag(n16, 32, 0) over () + lag(n2, 48, 0) over () - lag(m1, 49, 0) over () as n50,
        n128 + lag(n64, 128, 0) over () + lag(n8, 192, 0) over () - lag(m1, 199, 0) over () as n200,
        -- 128 and 128 sessions less the four that are too many
        n128 + lag(n128, 128, 0) over () - lag(n4, 252, 0) over () - lag(m1, 251, 0) over () as n252,
        -- the 251 sessions before this one: 128 and 128 that overlap in five
        greatest(lag(h128, 1) over (), lag(h128, 124) over ()) as h251,
        least(lag(l128, 1) over (), lag(l128, 124) over ()) as l251
    from sums_over_128_sessions
),

-- absent closes may be 4 % of a window, and one is always allowed: 1 of 20, 2 of 50, 8 of 200, 10 of 252
stock_flags as (
    select
        seq,
        universe_set_id,
        case
            when last_cap is null then 1
            when last_cap < 0.5e9 then 2
            when last_cap < 2e9 then 3
            when last_cap < 10e9 then 4
            when last_cap < 50e9 then 5
            when last_cap < 200e9 then 6
            else 7
        end as band,
        market_age,
        fill,
        volume,
        is_return_broken,
        -- held back: part of later sessions alone
        if(fill = 'held_back', null, c) as c,
        case when age > 1 then previous_c end as p,
        market_age >= 20 and n20 <= 1 and c is not null as has_20,
        market_age >= 50 and n50 <= 2 and c is not null as has_50,
        market_age >= 200 and n200 <= 8 and c is not null as has_200,
        market_age >= 252 and n252 <= 10 and c is not null as has_252,
        c * (20 - n20) > s20 as is_above_20,
        c * (50 - n50) > s50 as is_above_50,
        c * (200 - n200) > s200 as is_above_200,
        c > h251 as is_high,
        c < l251 as is_low
    from window_sums
    -- a stock missing for over a week is no member any more
    where sessions_since_bar <= 5 and seq >= $shard_first and market_age >= 1
),

eligible_stocks as (
    select
        *,
        c is not null
        and p is not null
        and not is_return_broken
        and fill not in ('repeated', 'not_traded') as is_eligible,
        fill in ('set_aside', 'held_back', 'repeated', 'not_traded') as is_excluded
    from stock_flags
),

-- three counts in one number, 17 bits each (a cell has under 131,072 stocks), as a double, which holds whole numbers of 53 bits:
-- an aggregate costs more than what it counts, and one of whole numbers four times as much as one of doubles
packed_counts as (
    select
        seq,
        universe_set_id,
        band,
        1 + cast(is_eligible as double) * 131072 + cast(is_excluded as double) * 17179869184 as k1,
        cast(fill = 'absent' as double)
        + cast(c is not null and p is null and not is_return_broken and not is_excluded as double) * 131072
        + cast(c is not null and is_return_broken and not is_excluded as double) * 17179869184 as k2,
        cast(is_eligible and c > p as double)
        + cast(is_eligible and c < p as double) * 131072
        + cast(is_eligible and c = p as double) * 17179869184 as k3,
        cast(is_eligible and volume is not null as double)
        + cast(c is not null and market_age >= 20 as double) * 131072
        + cast(c is not null and market_age >= 50 as double) * 17179869184 as k4,
        cast(c is not null and market_age >= 200 as double)
        + cast(c is not null and market_age >= 252 as double) * 131072
        + cast(has_20 as double) * 17179869184 as k5,
        cast(has_50 as double) + cast(has_200 as double) * 131072 + cast(has_20 and is_above_20 as double) * 17179869184 as k6,
        cast(has_50 and is_above_50 as double) + cast(has_200 and is_above_200 as double) * 131072 + cast(has_252 as double) * 17179869184 as k7,
        cast(has_252 and is_high as double) + cast(has_252 and is_low as double) * 131072 as k8,
        case when is_eligible and c > p then volume end as up_volume,
        case when is_eligible and c < p then volume end as down_volume
    from eligible_stocks
),

cell_sums as (
    select
        seq,
        universe_set_id,
        band,
        cast(sum(k1) as bigint) as k1,
        cast(sum(k2) as bigint) as k2,
        cast(sum(k3) as bigint) as k3,
        cast(sum(k4) as bigint) as k4,
        cast(sum(k5) as bigint) as k5,
        cast(sum(k6) as bigint) as k6,
        cast(sum(k7) as bigint) as k7,
        cast(sum(k8) as bigint) as k8,
        cast(sum(cast(up_volume as double)) as hugeint) as up_volume,
        cast(sum(cast(down_volume as double)) as hugeint) as down_volume
    from packed_counts
    group by seq, universe_set_id, band
),

final as (
    select
        seq,
        universe_set_id,
        ['unknown', 'micro', 'small', 'mid', 'upper_mid', 'large', 'mega'][band] as cap_band,
        k1 % 131072 as members,
        k1 // 131072 % 131072 as eligible,
        k1 // 17179869184 as excluded_set_aside,
        k2 % 131072 as excluded_no_close,
        k2 // 131072 % 131072 as excluded_no_previous_close,
        k2 // 17179869184 as excluded_disagreement,
        k3 % 131072 as advances,
        k3 // 131072 % 131072 as declines,
        k3 // 17179869184 as unchanged,
        up_volume,
        down_volume,
        k4 % 131072 as eligible_with_volume,
        k4 // 131072 % 131072 as aged_20,
        k4 // 17179869184 as aged_50,
        k5 % 131072 as aged_200,
        k5 // 131072 % 131072 as aged_252,
        k5 // 17179869184 as sma20_members,
        k6 % 131072 as sma50_members,
        k6 // 131072 % 131072 as sma200_members,
        k6 // 17179869184 as above_sma20,
        k7 % 131072 as above_sma50,
        k7 // 131072 % 131072 as above_sma200,
        k7 // 17179869184 as range_52w_members,
        k8 % 131072 as new_highs_52w,
        k8 // 131072 % 131072 as new_lows_52w
    from cell_sums
)

select *
from final
order by seq, universe_set_id, cap_band
