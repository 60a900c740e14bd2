/*
description: >
  Sums for returns and money flows of universes, per session, set of universes and market-cap band. Everything is an integer, so the
  cells add up to any universe in any order. Streaming lags over the sorted panel.
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
  - {name: cmf_flow_e15, type: HUGEINT, unit: "1e-15 USD", description: "Close times volume times the multiplier of these."}
  - {name: volume_mean_members, type: BIGINT, unit: stocks, description: "Eligible with volume and its 21-session mean."}
  - {name: unusual_buys, type: BIGINT, unit: stocks, description: "Of these, advances on more than twice the mean."}
  - {name: unusual_sells, type: BIGINT, unit: stocks, description: "Of these, declines on more than twice the mean."}
*/
with level_1 as (
    select
        seq,
        profile_no,
        age,
        idle,
        volume,
        -- millionths of dollars times shares can pass 2^63
        cast(close_e6 as hugeint) * volume as traded,
        multiplier_e9,
        is_return_broken,
        forward_close as c,
        if(age > 1, lag(forward_close) over (), null) as p,
        -- shares of the first session, in thousandths: what a split makes of a volume is no unusual volume
        cast(round(volume * 1000.0 * close_e6 / forward_close) as hugeint) as forward_volume,
        -- running sums: their difference over n rows is the sum of n sessions; an order here would cost a sort, and the linter's
        -- grammar has no frame without one
        sum(coalesce(cast(round(volume * 1000.0 * close_e6 / forward_close) as hugeint), 0))
            over (rows between unbounded preceding and current row) as volume_so_far, -- noqa: PRS
        sum(cast(volume is null or forward_close is null as integer))
            over (rows between unbounded preceding and current row) as untraded, -- noqa: PRS
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
        coalesce(cap_1, cap_2, cap_3, cap_4, cap_5) as last_cap,
        volume_so_far - lag(volume_so_far, 21, 0) over () as volume_21,
        untraded - lag(untraded, 21, 0) over () as untraded_21
    from level_1
),

flags as (
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
        volume,
        traded,
        multiplier_e9,
        c > p as is_up,
        c < p as is_down,
        c is not null and p is not null and not is_return_broken as is_eligible,
        cast(round(1e9 * (c / p - 1)) as hugeint) as r,
        cast(round(cap_1 / 10000) as hugeint) as cap_before,
        age >= 21 and untraded_21 <= 1 and volume is not null as has_mean,
        -- twice a month's mean: the customary mark of an event
        forward_volume * (21 - untraded_21) > 2 * volume_21 as is_unusual
    from level_2
    -- a stock missing for over a week is no member any more
    where idle <= 5
),

final as (
    select
        seq,
        profile_no,
        cap_band,
        count(*) as members,
        count(*) filter (where is_eligible) as eligible,
        sum(r) filter (where is_eligible) as return_sum_e9,
        count(*) filter (where is_eligible and cap_before > 0) as eligible_with_cap,
        sum(cap_before) filter (where is_eligible) as cap_sum,
        sum(cap_before * r) filter (where is_eligible) as cap_return_sum_e9,
        count(*) filter (where is_eligible and volume is not null) as eligible_with_volume,
        count(*) filter (where is_eligible and is_up and volume > 0) as inflow_members,
        sum(traded) filter (where is_eligible) as traded_e6,
        sum(if(is_up, traded, if(is_down, -traded, 0 * traded))) filter (where is_eligible) as signed_traded_e6,
        count(*) filter (where traded is not null and multiplier_e9 is not null) as cmf_members,
        count(*) filter (where traded > 0 and multiplier_e9 > 0) as cmf_inflow_members,
        sum(traded) filter (where multiplier_e9 is not null) as cmf_traded_e6,
        sum(traded * multiplier_e9) as cmf_flow_e15,
        count(*) filter (where is_eligible and has_mean) as volume_mean_members,
        count(*) filter (where is_eligible and has_mean and is_unusual and is_up) as unusual_buys,
        count(*) filter (where is_eligible and has_mean and is_unusual and is_down) as unusual_sells
    from flags
    group by seq, profile_no, cap_band
)

select *
from final
order by seq, profile_no, cap_band
