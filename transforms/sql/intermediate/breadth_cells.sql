/*
description: >
  Counts and sums for breadth, per session, set of universes and market-cap band. Everything is an integer, so the cells add
  up to any universe in any order. Streaming lags over the sorted panel; windows are made by doubling.
grain: seq x profile_no x cap_band x shard of instruments
materialized: table
publish: false
shards: {of: intermediate.panel, by: instrument_no}
columns:
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: profile_no, type: INTEGER, unit: "", description: "Set of universes."}
  - {name: cap_band, type: VARCHAR, unit: "", description: "Band of the last market cap stated in the five sessions before; unknown without one."}
  - {name: members, type: BIGINT, unit: stocks, description: "Stocks with a bar in this session or one of the five before."}
  - {name: eligible, type: BIGINT, unit: stocks, description: "Members with a return: closes of this session and the one before."}
  - {name: excluded_set_aside, type: BIGINT, unit: stocks, description: "Members whose bar holds another session's values."}
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
with level_1 as (
    select
        seq,
        profile_no,
        age,
        idle,
        fill,
        volume,
        is_return_broken,
        forward_close as c,
        coalesce(forward_close, 0) as s1,
        lag(forward_close) over () as previous_c,
        -- running counts: their difference over n rows is the count in n sessions; an order here would cost a sort (and
        -- the linter's grammar has no frame without one, hence its exemptions)
        cast(
            sum(cast(forward_close is null as integer))
                over (rows between unbounded preceding and current row) -- noqa: PRS
            as bigint
        ) as absent,
        cast(
            sum(cast(is_mean_broken as integer))
                over (rows between unbounded preceding and current row) -- noqa: PRS
            as bigint
        ) as broken,
        case
            when age > 1
                then coalesce(
                    lag(market_cap, 1) over (),
                    if(age > 2, lag(market_cap, 2) over (), null),
                    if(age > 3, lag(market_cap, 3) over (), null),
                    if(age > 4, lag(market_cap, 4) over (), null),
                    if(age > 5, lag(market_cap, 5) over (), null)
                )
        end as last_cap
    from intermediate.panel
    where instrument_no between $shard_first and $shard_last
),

level_2 as (
    select
        *,
        s1 + lag(s1) over () as s2,
        greatest(c, previous_c) as h2,
        least(c, previous_c) as l2,
        absent - lag(absent, 20, 0) over () as absent_20,
        absent - lag(absent, 50, 0) over () as absent_50,
        absent - lag(absent, 200, 0) over () as absent_200,
        absent - lag(absent, 252, 0) over () as absent_252,
        -- a break at the oldest session of a window lies before it
        broken - lag(broken, 19, 0) over () as broken_20,
        broken - lag(broken, 49, 0) over () as broken_50,
        broken - lag(broken, 199, 0) over () as broken_200,
        broken - lag(broken, 251, 0) over () as broken_252
    from level_1
),

level_4 as (
    select
        *,
        s2 + lag(s2, 2) over () as s4,
        greatest(h2, lag(h2, 2) over ()) as h4,
        least(l2, lag(l2, 2) over ()) as l4
    from level_2
),

level_8 as (
    select
        *,
        s4 + lag(s4, 4) over () as s8,
        greatest(h4, lag(h4, 4) over ()) as h8,
        least(l4, lag(l4, 4) over ()) as l8
    from level_4
),

level_16 as (
    select
        *,
        s8 + lag(s8, 8) over () as s16,
        greatest(h8, lag(h8, 8) over ()) as h16,
        least(l8, lag(l8, 8) over ()) as l16
    from level_8
),

level_32 as (
    select
        *,
        s16 + lag(s16, 16) over () as s32,
        greatest(h16, lag(h16, 16) over ()) as h32,
        least(l16, lag(l16, 16) over ()) as l32
    from level_16
),

level_64 as (
    select
        *,
        s32 + lag(s32, 32) over () as s64,
        greatest(h32, lag(h32, 32) over ()) as h64,
        least(l32, lag(l32, 32) over ()) as l64
    from level_32
),

level_128 as (
    select
        *,
        s64 + lag(s64, 64) over () as s128,
        greatest(h64, lag(h64, 64) over ()) as h128,
        least(l64, lag(l64, 64) over ()) as l128
    from level_64
),

windows as (
    select
        *,
        s16 + lag(s4, 16) over () as s20,
        s32 + lag(s16, 32) over () + lag(s2, 48) over () as s50,
        s128 + lag(s64, 128) over () + lag(s8, 192) over () as s200,
        -- the 251 sessions before this one: 128 and 128 that overlap in five
        greatest(lag(h128, 1) over (), lag(h128, 124) over ()) as h251,
        least(lag(l128, 1) over (), lag(l128, 124) over ()) as l251
    from level_128
),

-- absent closes may be 4 % of a window, and one is always allowed: 1 of 20, 2 of 50, 8 of 200, 10 of 252
flags as (
    select
        seq,
        profile_no,
        case
            when last_cap is null then 1
            when last_cap < 0.5e9 then 2
            when last_cap < 2e9 then 3
            when last_cap < 10e9 then 4
            when last_cap < 50e9 then 5
            when last_cap < 200e9 then 6
            else 7
        end as band,
        age,
        fill,
        volume,
        is_return_broken,
        c,
        case when age > 1 then previous_c end as p,
        age >= 20 and absent_20 <= 1 and broken_20 = 0 and c is not null as has_20,
        age >= 50 and absent_50 <= 2 and broken_50 = 0 and c is not null as has_50,
        age >= 200 and absent_200 <= 8 and broken_200 = 0 and c is not null as has_200,
        age >= 252 and absent_252 <= 10 and broken_252 = 0 and c is not null as has_252,
        c * (20 - absent_20) > s20 as is_above_20,
        c * (50 - absent_50) > s50 as is_above_50,
        c * (200 - absent_200) > s200 as is_above_200,
        c > h251 as is_high,
        c < l251 as is_low
    from windows
    -- a stock missing for over a week is no member any more
    where idle <= 5
),

judged as (
    select
        *,
        c is not null and p is not null and not is_return_broken as is_eligible
    from flags
),

-- three counts in one number, 20 bits each (a cell has under a million stocks): an aggregate costs more than what it counts
packed as (
    select
        seq,
        profile_no,
        band,
        1 + if(is_eligible, 1048576, 0) + if(fill = 'set_aside', 1099511627776, 0) as k1,
        if(fill = 'absent', 1, 0)
        + if(c is not null and p is null and not is_return_broken, 1048576, 0)
        + if(c is not null and is_return_broken, 1099511627776, 0) as k2,
        if(is_eligible and c > p, 1, 0)
        + if(is_eligible and c < p, 1048576, 0)
        + if(is_eligible and c = p, 1099511627776, 0) as k3,
        if(is_eligible and volume is not null, 1, 0)
        + if(c is not null and age >= 20, 1048576, 0)
        + if(c is not null and age >= 50, 1099511627776, 0) as k4,
        if(c is not null and age >= 200, 1, 0)
        + if(c is not null and age >= 252, 1048576, 0)
        + if(has_20, 1099511627776, 0) as k5,
        if(has_50, 1, 0) + if(has_200, 1048576, 0) + if(has_20 and is_above_20, 1099511627776, 0) as k6,
        if(has_50 and is_above_50, 1, 0) + if(has_200 and is_above_200, 1048576, 0) + if(has_252, 1099511627776, 0) as k7,
        if(has_252 and is_high, 1, 0) + if(has_252 and is_low, 1048576, 0) as k8,
        case when is_eligible and c > p then volume end as up_volume,
        case when is_eligible and c < p then volume end as down_volume
    from judged
),

sums as (
    select
        seq,
        profile_no,
        band,
        cast(sum(k1) as bigint) as k1,
        cast(sum(k2) as bigint) as k2,
        cast(sum(k3) as bigint) as k3,
        cast(sum(k4) as bigint) as k4,
        cast(sum(k5) as bigint) as k5,
        cast(sum(k6) as bigint) as k6,
        cast(sum(k7) as bigint) as k7,
        cast(sum(k8) as bigint) as k8,
        sum(up_volume) as up_volume,
        sum(down_volume) as down_volume
    from packed
    group by seq, profile_no, band
),

final as (
    select
        seq,
        profile_no,
        ['unknown', 'micro', 'small', 'mid', 'upper_mid', 'large', 'mega'][band] as cap_band,
        k1 % 1048576 as members,
        k1 // 1048576 % 1048576 as eligible,
        k1 // 1099511627776 as excluded_set_aside,
        k2 % 1048576 as excluded_no_close,
        k2 // 1048576 % 1048576 as excluded_no_previous_close,
        k2 // 1099511627776 as excluded_disagreement,
        k3 % 1048576 as advances,
        k3 // 1048576 % 1048576 as declines,
        k3 // 1099511627776 as unchanged,
        up_volume,
        down_volume,
        k4 % 1048576 as eligible_with_volume,
        k4 // 1048576 % 1048576 as aged_20,
        k4 // 1099511627776 as aged_50,
        k5 % 1048576 as aged_200,
        k5 // 1048576 % 1048576 as aged_252,
        k5 // 1099511627776 as sma20_members,
        k6 % 1048576 as sma50_members,
        k6 // 1048576 % 1048576 as sma200_members,
        k6 // 1099511627776 as above_sma20,
        k7 % 1048576 as above_sma50,
        k7 // 1048576 % 1048576 as above_sma200,
        k7 // 1099511627776 as range_52w_members,
        k8 % 1048576 as new_highs_52w,
        k8 // 1048576 % 1048576 as new_lows_52w
    from sums
)

select *
from final
order by seq, profile_no, cap_band
