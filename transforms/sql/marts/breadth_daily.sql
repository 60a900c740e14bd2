/*
description: >
  Breadth of each universe on each session. Values are null, with the reason, where too few members have a return; running sums
  and exponential means pass over such sessions and say how many.
grain: session_date x universe
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: universe, type: VARCHAR, unit: "", description: "all, sp500, sp500_list, russell2000 (a fund's holdings), sector:GICS, nasdaq_sector:NAME or cap:BAND."}
  - {name: members, type: BIGINT, unit: stocks, description: "Stocks of the universe with a bar in this session or one of the five before."}
  - {name: eligible, type: BIGINT, unit: stocks, description: "Members with closes of this session and the one before."}
  - {name: excluded_set_aside, type: BIGINT, unit: stocks, description: "Members whose bar holds another session's values."}
  - {name: excluded_no_close, type: BIGINT, unit: stocks, description: "Members without a close."}
  - {name: excluded_no_previous_close, type: BIGINT, unit: stocks, description: "Members with a close but none of the session before."}
  - {name: excluded_disagreement, type: BIGINT, unit: stocks, description: "Members whose stated previous close disagrees with the last close by over 2 %, without a split."}
  - {name: advances, type: BIGINT, unit: stocks, description: "Eligible that closed above the previous close, splits allowed for."}
  - {name: declines, type: BIGINT, unit: stocks, description: "Eligible that closed below it."}
  - {name: unchanged, type: BIGINT, unit: stocks, description: "Eligible that closed at it."}
  - {name: advance_share, type: DOUBLE, unit: share, description: "Advances over eligible."}
  - {name: ad_line, type: BIGINT, unit: stocks, description: "Running sum of advances less declines since the first defined session."}
  - {name: mcclellan_oscillator, type: DOUBLE, unit: "", description: "Ratio-adjusted: of 1000 (A - D) / (A + D)."}
  - {name: mcclellan_oscillator_raw, type: DOUBLE, unit: stocks, description: "Of A - D."}
  - {name: mcclellan_summation, type: DOUBLE, unit: "", description: "Running sum of the ratio-adjusted oscillator."}
  - {name: above_sma20_share, type: DOUBLE, unit: share, description: "Members above their 20-session mean (a month of trading)."}
  - {name: above_sma50_share, type: DOUBLE, unit: share, description: "Members above their 50-session mean (a quarter)."}
  - {name: above_sma200_share, type: DOUBLE, unit: share, description: "Members above their 200-session mean (most of a year)."}
  - {name: sma20_members, type: BIGINT, unit: stocks, description: "Denominator of above_sma20_share."}
  - {name: sma50_members, type: BIGINT, unit: stocks, description: "Denominator of above_sma50_share."}
  - {name: sma200_members, type: BIGINT, unit: stocks, description: "Denominator of above_sma200_share."}
  - {name: new_highs_52w, type: BIGINT, unit: stocks, description: "Members that closed above all of the 251 sessions before."}
  - {name: new_lows_52w, type: BIGINT, unit: stocks, description: "Members that closed below all of the 251 sessions before."}
  - {name: range_52w_members, type: BIGINT, unit: stocks, description: "Members with 252 sessions of closes: what highs and lows are counted among."}
  - {name: up_volume, type: BIGINT, unit: shares, description: "Shares traded of those that advanced; null where closes are implied."}
  - {name: down_volume, type: BIGINT, unit: shares, description: "Shares traded of those that declined; null where closes are implied."}
  - {name: trin, type: DOUBLE, unit: "", description: "(A/D) / (up volume / down volume)."}
  - {name: is_point_in_time, type: BOOLEAN, unit: "", description: "The members are known as they were on that day."}
  - {name: is_implied, type: BOOLEAN, unit: "", description: "The session was lost; closes are what the next one states as previous closes."}
  - {name: passed_over, type: BIGINT, unit: sessions, description: "Sessions that running sums and means have passed over so far."}
  - {name: reason, type: VARCHAR, unit: "", description: "Why values are null; null where they are not."}
invariants:
  - description: Advances, declines and unchanged make up the eligible.
    sql: select * from marts.breadth_daily where reason is null and advances + declines + unchanged <> eligible
  - description: Members are eligible or excluded for one reason.
    sql: >
      select * from marts.breadth_daily where members <> eligible + excluded_set_aside + excluded_no_close
      + excluded_no_previous_close + excluded_disagreement
  - description: Cap bands and Nasdaq sectors both partition all.
    sql: >
      select session_date from marts.breadth_daily group by session_date
      having sum(eligible) filter (where universe like 'cap:%') <> sum(eligible) filter (where universe = 'all')
      or sum(eligible) filter (where universe like 'nasdaq_sector:%') <> sum(eligible) filter (where universe = 'all')
      or sum(members) filter (where universe like 'cap:%') <> sum(members) filter (where universe = 'all')
      or sum(members) filter (where universe like 'nasdaq_sector:%') <> sum(members) filter (where universe = 'all')
  - description: Shares lie between 0 and 1.
    sql: >
      select * from marts.breadth_daily where advance_share not between 0 and 1 or above_sma20_share not between 0 and 1
      or above_sma50_share not between 0 and 1 or above_sma200_share not between 0 and 1
method:
  - id: advance_decline
    version: 1
    formula: A, D, U are closes above, below, equal to the previous close; A/D line is the running sum of A - D
    parameters: eligible / members >= coverage gate
    citation: ""
    oracle: ""
    deviations: a session below the gate is passed over
  - id: mcclellan
    version: 1
    formula: EMA(0.10) - EMA(0.05) of 1000 (A - D) / (A + D), first value as seed; summation = MO - 10 T10 + 20 T5 - 10 x_0
    parameters: alpha 0.10 and 0.05
    citation: S. and M. McClellan, Patterns for Profit, 1970
    oracle: pandas ewm(adjust=False)
    deviations: the customary +1000 is not added to the summation
  - id: above_sma
    version: 1
    formula: members with close > mean of the closes of the last n sessions, over members with such a mean
    parameters: n = 20, 50, 200; at most 4 % of the closes absent, one always allowed
    citation: ""
    oracle: pandas rolling
    deviations: null where under the coverage gate of the members listed for n sessions has a mean
  - id: new_highs_lows
    version: 1
    formula: close above (below) every close of the 251 sessions before
    parameters: 252 sessions, closes only
    citation: ""
    oracle: pandas rolling
    deviations: intraday highs and lows are not used
  - id: trin
    version: 1
    formula: (A / D) / (UV / DV)
    parameters: null where D, UV or DV is 0
    citation: R. Arms, 1967
    oracle: ""
    deviations: ""
*/
with known as (
    select distinct
        s.universe,
        s.session_date
    from intermediate.breadth_sums as s
    inner join intermediate.universe_knowledge as k
        on s.universe = k.universe and s.session_date >= k.valid_from and s.session_date < k.valid_to
),

joined as (
    select
        s.*,
        m.ad_line,
        m.ratio_first,
        m.ratio_10,
        m.ratio_5,
        m.raw_10,
        m.raw_5,
        s.universe = 'all'
        or starts_with(s.universe, 'nasdaq_sector:')
        or starts_with(s.universe, 'cap:')
        or k.universe is not null as is_point_in_time
    from intermediate.breadth_sums as s
    left join intermediate.breadth_momentum as m on s.universe = m.universe and s.seq = m.seq
    left join known as k on s.universe = k.universe and s.session_date = k.session_date
),

final as (
    select
        session_date,
        universe,
        members,
        eligible,
        excluded_set_aside,
        excluded_no_close,
        excluded_no_previous_close,
        excluded_disagreement,
        case when is_defined then advances end as advances,
        case when is_defined then declines end as declines,
        case when is_defined then unchanged end as unchanged,
        case when is_defined then advances / eligible end as advance_share,
        cast(ad_line as bigint) as ad_line,
        ratio_10 - ratio_5 as mcclellan_oscillator,
        raw_10 - raw_5 as mcclellan_oscillator_raw,
        (ratio_10 - ratio_5) - 10 * ratio_10 + 20 * ratio_5 - 10 * ratio_first as mcclellan_summation,
        case
            when is_defined and sma20_members >= $coverage_gate * aged_20 then above_sma20 / nullif(sma20_members, 0)
        end as above_sma20_share,
        case
            when is_defined and sma50_members >= $coverage_gate * aged_50 then above_sma50 / nullif(sma50_members, 0)
        end as above_sma50_share,
        case
            when is_defined and sma200_members >= $coverage_gate * aged_200 then above_sma200 / nullif(sma200_members, 0)
        end as above_sma200_share,
        sma20_members,
        sma50_members,
        sma200_members,
        case
            when is_defined and range_52w_members > 0 and range_52w_members >= $coverage_gate * aged_252 then new_highs_52w
        end as new_highs_52w,
        case
            when is_defined and range_52w_members > 0 and range_52w_members >= $coverage_gate * aged_252 then new_lows_52w
        end as new_lows_52w,
        range_52w_members,
        case when is_defined then up_volume end as up_volume,
        case when is_defined then down_volume end as down_volume,
        case
            when is_defined and up_volume > 0 and down_volume > 0
                then (advances / nullif(declines, 0)) / (up_volume / down_volume)
        end as trin,
        is_point_in_time,
        mark = 'missing' and is_defined as is_implied,
        passed_over,
        case
            when is_defined then null
            when members = 0 then 'no members'
            when mark = 'missing' and excluded_no_close = members then 'session missing'
            when eligible = 0 then 'no member has closes of this session and the one before'
            else printf('coverage %.3f is below %.2f', eligible / members, $coverage_gate)
        end as reason
    from joined
)

select *
from final
order by session_date, universe
