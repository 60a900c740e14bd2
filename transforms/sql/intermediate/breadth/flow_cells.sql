/*
description: >
  Sums for returns and money flows of universes, per session, set of universes and market-cap band. Everything is an integer, so the
  cells add up to any universe in any order. Streaming lags over the sorted panel.
grain: seq x universe_set_id x cap_band
materialized: table
publish: false
blocks: {by: seq, back: 32, kept: false}
shards: {of: intermediate.panel, by: seq, at_most: 1260}
columns:
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: universe_set_id, type: BIGINT, unit: "", description: "Set of universes."}
  - {name: cap_band, type: VARCHAR, unit: "", description: "Band of the last market cap stated in the five sessions before; unknown without one."}
  - {name: members, type: BIGINT, unit: stocks, description: "Stocks with a bar in this session or one of the five before."}
  - {name: eligible, type: BIGINT, unit: stocks, description: "Members with a return: closes of this session and the one before."}
  - {name: return_sum_e9, type: HUGEINT, unit: 1e-9, description: "Sum of the 1-session returns of the eligible."}
  - {name: eligible_with_cap, type: BIGINT, unit: stocks, description: "Eligible whose market cap of the session before is known."}
  - {name: cap_sum, type: HUGEINT, unit: "10,000 USD", description: "Sum of these market caps."}
  - {name: cap_return_sum_e9, type: HUGEINT, unit: "1e-9 x 10,000 USD", description: "Sum of these caps times the returns."}
  - {name: eligible_with_volume, type: BIGINT, unit: stocks, description: "Eligible whose volume is known."}
  - {name: inflow_members, type: BIGINT, unit: stocks, description: "Of these, advances with a volume above nil."}
  - {name: traded_e6, type: HUGEINT, unit: "1e-6 USD", description: "Close times volume of these."}
  - {name: signed_traded_e6, type: HUGEINT, unit: "1e-6 USD", description: "The same, negative for those that declined, nil for the unchanged."}
  - {name: cmf_members, type: BIGINT, unit: stocks, description: "Members with high, low, close and volume."}
  - {name: cmf_inflow_members, type: BIGINT, unit: stocks, description: "Of these, closes in the upper half of the range."}
  - {name: cmf_traded_e6, type: HUGEINT, unit: "1e-6 USD", description: "Close times volume of these."}
  - {name: cmf_flow_e6, type: HUGEINT, unit: "1e-6 USD", description: "Close times volume times the multiplier of these, each rounded."}
  - {name: volume_mean_members, type: BIGINT, unit: stocks, description: "Eligible with volume and its 21-session mean; none crosses a new level that nothing explains."}
  - {name: unusual_buys, type: BIGINT, unit: stocks, description: "Of these, advances on more than twice the mean."}
  - {name: unusual_sells, type: BIGINT, unit: stocks, description: "Of these, declines on more than twice the mean."}
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
        cast(close_e6 as double) * volume as traded,
        multiplier_e9,
        is_return_broken and base_close is null as is_return_broken,
        forward_close as c,
        coalesce(base_close, if(age > 1, lag(if(fill = 'repeated', null, forward_close)) over (), null)) as p,
        -- shares of the first session, in thousandths: what a split makes of a volume is no unusual volume
        round(volume * 1e3 * close_e6 / forward_close) as v,
        coalesce(round(volume * 1e3 * close_e6 / forward_close), 0) as s1,
        -- volumes that a window lacks; a step to a new level that nothing explains, as of a split that no source gave, counts as more of
        -- them than any window may lack; at other breaks of prices, as by distributions, the shares stay the same
        if(volume is null or forward_close is null, 1, 0) + if(is_mean_broken and fill = 'held_back', 1024, 0) as n1,
        lag(market_cap, 1) over () as cap_1,
        lag(market_cap, 2) over () as cap_2,
        lag(market_cap, 3) over () as cap_3,
        lag(market_cap, 4) over () as cap_4,
        lag(market_cap, 5) over () as cap_5
    from intermediate.panel
    where seq between $shard_first - 26 and $shard_last
),

sums_over_2_sessions as (
    select
        * exclude (cap_1, cap_2, cap_3, cap_4, cap_5),
        if(age > 1, cap_1, null) as cap_before,
        case
            when age > 5 then coalesce(cap_1, cap_2, cap_3, cap_4, cap_5)
            when age > 1
                then coalesce(cap_1, if(age > 2, cap_2, null), if(age > 3, cap_3, null), if(age > 4, cap_4, null))
        end as last_cap,
        s1 + lag(s1) over () as s2,
        n1 + lag(n1) over () as n2
    from sums_over_1_session
),

sums_over_4_sessions as (
    select
        *,
        s2 + lag(s2, 2) over () as s4,
        n2 + lag(n2, 2) over () as n4
    from sums_over_2_sessions
),

sums_over_8_sessions as (
    select
        *,
        s4 + lag(s4, 4) over () as s8,
        n4 + lag(n4, 4) over () as n8
    from sums_over_4_sessions
),

sums_over_16_sessions as (
    select
        *,
        s8 + lag(s8, 8) over () as s16,
        n8 + lag(n8, 8) over () as n16
    from sums_over_8_sessions
),

window_sums as (
    select
        *,
        s16 + lag(s4, 16) over () + lag(s1, 20) over () as s21,
        n16 + lag(n4, 16) over () + lag(n1 % 1024, 20) over () as n21
    from sums_over_16_sessions
),

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
        -- held back: part of later sessions alone
        if(fill = 'held_back', null, volume) as volume,
        if(fill = 'held_back', null, traded) as traded,
        if(fill = 'held_back', null, round(traded * multiplier_e9 / 1e9)) as flow,
        if(fill = 'held_back', null, multiplier_e9) as multiplier_e9,
        c > p as is_up,
        c < p as is_down,
        c is not null and p is not null and not is_return_broken and fill not in ('held_back', 'repeated', 'not_traded') as is_eligible,
        round(1e9 * (c / p - 1)) as r,
        round(cap_before / 10000) as cap_before,
        -- twice a month's mean: the customary mark of an event
        v * (21 - n21) > 2 * s21 as is_unusual,
        market_age >= 21 and n21 <= 1 and volume is not null as has_mean
    from window_sums
    -- a stock missing for over a week is no member any more
    where sessions_since_bar <= 5 and seq >= $shard_first and market_age >= 1
),

stock_amounts as (
    select
        *,
        if(is_eligible, r, null) as eligible_return,
        if(is_eligible, cap_before, null) as eligible_cap,
        if(is_eligible, cap_before * r, null) as cap_return,
        if(is_eligible, traded, null) as eligible_traded,
        if(is_eligible, if(is_up, traded, if(is_down, -traded, 0 * traded)), null) as signed_traded,
        if(multiplier_e9 is not null, traded, null) as cmf_traded,
        is_eligible and has_mean as is_judged
    from stock_flags
),

-- three counts in one number of 53 bits; what may pass 2^53 when added up as thousands of 2^26 and a rest: sums of doubles are
-- four times as fast as sums of whole numbers, and exact, in any order, as long as they are whole and below 2^53
packed_sums as (
    select
        seq,
        universe_set_id,
        band,
        1 + if(is_eligible, 131072, 0) + if(is_eligible and cap_before > 0, 17179869184, 0) as k1,
        if(is_eligible and volume is not null, 1, 0)
        + if(is_eligible and is_up and volume > 0, 131072, 0)
        + if(traded is not null and multiplier_e9 is not null, 17179869184, 0) as k2,
        if(traded > 0 and multiplier_e9 > 0, 1, 0)
        + if(is_judged, 131072, 0)
        + if(is_judged and is_unusual and is_up, 17179869184, 0) as k3,
        if(is_judged and is_unusual and is_down, 1, 0) as k4,
        eligible_return,
        eligible_cap,
        floor(cap_return / 67108864) as cap_return_high,
        cap_return - 67108864 * floor(cap_return / 67108864) as cap_return_low,
        floor(eligible_traded / 67108864) as traded_high,
        eligible_traded - 67108864 * floor(eligible_traded / 67108864) as traded_low,
        floor(signed_traded / 67108864) as signed_high,
        signed_traded - 67108864 * floor(signed_traded / 67108864) as signed_low,
        floor(cmf_traded / 67108864) as cmf_traded_high,
        cmf_traded - 67108864 * floor(cmf_traded / 67108864) as cmf_traded_low,
        floor(flow / 67108864) as flow_high,
        flow - 67108864 * floor(flow / 67108864) as flow_low
    from stock_amounts
),

cell_sums as (
    select
        seq,
        universe_set_id,
        band,
        cast(sum(cast(k1 as double)) as bigint) as k1,
        cast(sum(cast(k2 as double)) as bigint) as k2,
        cast(sum(cast(k3 as double)) as bigint) as k3,
        cast(sum(cast(k4 as double)) as bigint) as k4,
        cast(sum(eligible_return) as hugeint) as return_sum_e9,
        cast(sum(eligible_cap) as hugeint) as cap_sum,
        67108864 * cast(sum(cap_return_high) as hugeint) + cast(sum(cap_return_low) as hugeint) as cap_return_sum_e9,
        67108864 * cast(sum(traded_high) as hugeint) + cast(sum(traded_low) as hugeint) as traded_e6,
        67108864 * cast(sum(signed_high) as hugeint) + cast(sum(signed_low) as hugeint) as signed_traded_e6,
        67108864 * cast(sum(cmf_traded_high) as hugeint) + cast(sum(cmf_traded_low) as hugeint) as cmf_traded_e6,
        67108864 * cast(sum(flow_high) as hugeint) + cast(sum(flow_low) as hugeint) as cmf_flow_e6
    from packed_sums
    group by seq, universe_set_id, band
),

final as (
    select
        seq,
        universe_set_id,
        ['unknown', 'micro', 'small', 'mid', 'upper_mid', 'large', 'mega'][band] as cap_band,
        k1 % 131072 as members,
        k1 // 131072 % 131072 as eligible,
        return_sum_e9,
        k1 // 17179869184 as eligible_with_cap,
        cap_sum,
        cap_return_sum_e9,
        k2 % 131072 as eligible_with_volume,
        k2 // 131072 % 131072 as inflow_members,
        traded_e6,
        signed_traded_e6,
        k2 // 17179869184 as cmf_members,
        k3 % 131072 as cmf_inflow_members,
        cmf_traded_e6,
        cmf_flow_e6,
        k3 // 131072 % 131072 as volume_mean_members,
        k3 // 17179869184 as unusual_buys,
        k4 as unusual_sells
    from cell_sums
)

select *
from final
order by seq, universe_set_id, cap_band
