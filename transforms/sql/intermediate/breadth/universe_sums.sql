/*
description: Sums of the cells over the sets of each universe, and over the stocks of each band of market cap.
grain: universe x seq
materialized: table
publish: false
blocks: {by: seq, back: 0}
columns:
  - {name: universe, type: VARCHAR, unit: "", description: "Universe: all, a list, a sector, or cap: and a band of market cap."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: members, type: BIGINT, unit: stocks, description: "Stocks with a bar in this session or one of the five before."}
  - {name: eligible, type: BIGINT, unit: stocks, description: "Members with a return: closes of this session and the one before."}
  - {name: excluded_set_aside, type: BIGINT, unit: stocks, description: "Members whose bar is none of this session: another session's values, a step that nothing explains, a repeated bar, not traded."}
  - {name: excluded_no_close, type: BIGINT, unit: stocks, description: "Members without a close."}
  - {name: excluded_no_previous_close, type: BIGINT, unit: stocks, description: "Members with a close but none of the session before."}
  - {name: excluded_disagreement, type: BIGINT, unit: stocks, description: "Members whose stated previous close disagrees by over 2 %."}
  - {name: advances, type: BIGINT, unit: stocks, description: "Eligible that closed above the previous close."}
  - {name: declines, type: BIGINT, unit: stocks, description: "Eligible that closed below it."}
  - {name: unchanged, type: BIGINT, unit: stocks, description: "Eligible that closed at it."}
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
  - {name: up_volume, type: BIGINT, unit: shares, description: "Shares traded of those that advanced; null where none is known."}
  - {name: down_volume, type: BIGINT, unit: shares, description: "Shares traded of those that declined; null where none is known."}
*/
with universe_sets as (
    select distinct
        universe_set_id,
        universes
    from intermediate.universe_sets
),

set_universes as (
    select
        universe_set_id,
        unnest(universes) as universe
    from universe_sets
),

sets_of_stocks as (
    select universe_set_id
    from universe_sets
    where list_contains(universes, 'all')
),

cells_by_universe as (
    select
        m.universe,
        c.*
    from intermediate.breadth_cells as c
    inner join set_universes as m on c.universe_set_id = m.universe_set_id
    union all
    select
        'cap:' || c.cap_band as universe,
        c.*
    from intermediate.breadth_cells as c
    semi join sets_of_stocks as s on c.universe_set_id = s.universe_set_id
),

final as (
    select
        universe,
        seq,
        cast(sum(members) as bigint) as members,
        cast(sum(eligible) as bigint) as eligible,
        cast(sum(excluded_set_aside) as bigint) as excluded_set_aside,
        cast(sum(excluded_no_close) as bigint) as excluded_no_close,
        cast(sum(excluded_no_previous_close) as bigint) as excluded_no_previous_close,
        cast(sum(excluded_disagreement) as bigint) as excluded_disagreement,
        cast(sum(advances) as bigint) as advances,
        cast(sum(declines) as bigint) as declines,
        cast(sum(unchanged) as bigint) as unchanged,
        cast(sum(eligible_with_volume) as bigint) as eligible_with_volume,
        cast(sum(aged_20) as bigint) as aged_20,
        cast(sum(aged_50) as bigint) as aged_50,
        cast(sum(aged_200) as bigint) as aged_200,
        cast(sum(aged_252) as bigint) as aged_252,
        cast(sum(sma20_members) as bigint) as sma20_members,
        cast(sum(sma50_members) as bigint) as sma50_members,
        cast(sum(sma200_members) as bigint) as sma200_members,
        cast(sum(above_sma20) as bigint) as above_sma20,
        cast(sum(above_sma50) as bigint) as above_sma50,
        cast(sum(above_sma200) as bigint) as above_sma200,
        cast(sum(range_52w_members) as bigint) as range_52w_members,
        cast(sum(new_highs_52w) as bigint) as new_highs_52w,
        cast(sum(new_lows_52w) as bigint) as new_lows_52w,
        cast(sum(up_volume) as bigint) as up_volume,
        cast(sum(down_volume) as bigint) as down_volume
    from cells_by_universe
    group by universe, seq
)

select *
from final
order by universe, seq
