/*
description: >
  The cells of breadth added up to universes, one row for each session of the panel and each universe, sorted by universe and
  session. Defined where those with a return reach the coverage gate of the members and the names on the list without any bar.
grain: universe x seq
materialized: table
publish: false
blocks: {by: seq, back: 0}
columns:
  - {name: universe, type: VARCHAR, unit: "", description: "Name of the universe."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: mark, type: VARCHAR, unit: "", description: "present, partial or missing."}
  - {name: is_defined, type: BOOLEAN, unit: "", description: "Coverage reaches the gate."}
  - {name: members, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: listed_without_bars, type: BIGINT, unit: names, description: "Names on the list without a bar so far; 0 where the universe has no list."}
  - {name: eligible, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: excluded_set_aside, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: excluded_no_close, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: excluded_no_previous_close, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: excluded_disagreement, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: advances, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: declines, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: unchanged, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: eligible_with_volume, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: aged_20, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: aged_50, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: aged_200, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: aged_252, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: sma20_members, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: sma50_members, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: sma200_members, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: above_sma20, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: above_sma50, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: above_sma200, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: range_52w_members, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: new_highs_52w, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: new_lows_52w, type: BIGINT, unit: stocks, description: "As in the cells."}
  - {name: up_volume, type: BIGINT, unit: shares, description: "As in the cells; null where no volume is known."}
  - {name: down_volume, type: BIGINT, unit: shares, description: "As in the cells; null where no volume is known."}
  - {name: reason, type: VARCHAR, unit: "", description: "Why it is not defined; null where it is."}
*/
with universe_sessions as (
    select
        u.universe,
        m.seq,
        m.session_date,
        m.mark
    from intermediate.counted_universes as u
    cross join intermediate.session_marks as m
),

session_sums as (
    select
        f.universe,
        f.seq,
        f.session_date,
        f.mark,
        coalesce(s.eligible, 0) > 0
        and s.eligible >= $coverage_gate * (s.members + coalesce(n.names, 0)) as is_defined,
        coalesce(s.members, 0) as members,
        coalesce(n.names, 0) as listed_without_bars,
        coalesce(s.eligible, 0) as eligible,
        coalesce(s.excluded_set_aside, 0) as excluded_set_aside,
        coalesce(s.excluded_no_close, 0) as excluded_no_close,
        coalesce(s.excluded_no_previous_close, 0) as excluded_no_previous_close,
        coalesce(s.excluded_disagreement, 0) as excluded_disagreement,
        coalesce(s.advances, 0) as advances,
        coalesce(s.declines, 0) as declines,
        coalesce(s.unchanged, 0) as unchanged,
        coalesce(s.eligible_with_volume, 0) as eligible_with_volume,
        coalesce(s.aged_20, 0) as aged_20,
        coalesce(s.aged_50, 0) as aged_50,
        coalesce(s.aged_200, 0) as aged_200,
        coalesce(s.aged_252, 0) as aged_252,
        coalesce(s.sma20_members, 0) as sma20_members,
        coalesce(s.sma50_members, 0) as sma50_members,
        coalesce(s.sma200_members, 0) as sma200_members,
        coalesce(s.above_sma20, 0) as above_sma20,
        coalesce(s.above_sma50, 0) as above_sma50,
        coalesce(s.above_sma200, 0) as above_sma200,
        coalesce(s.range_52w_members, 0) as range_52w_members,
        coalesce(s.new_highs_52w, 0) as new_highs_52w,
        coalesce(s.new_lows_52w, 0) as new_lows_52w,
        case when s.eligible_with_volume > 0 then coalesce(s.up_volume, 0) end as up_volume,
        case when s.eligible_with_volume > 0 then coalesce(s.down_volume, 0) end as down_volume
    from universe_sessions as f
    left join intermediate.universe_sums as s on f.universe = s.universe and f.seq = s.seq
    asof left join intermediate.listings_without_bars as n on f.universe = n.universe and f.session_date >= n.valid_from
),

final as (
    select
        *,
        case
            when is_defined then null
            when members = 0 then 'no members'
            when mark = 'missing' and excluded_no_close = members then 'session missing'
            when eligible = 0 then 'no member has closes of this session and the one before'
            else
                printf('coverage %.3f is below %.2f', eligible / (members + listed_without_bars), $coverage_gate)
                || if(listed_without_bars > 0, ', ' || listed_without_bars || ' names of the list without a bar', '')
        end as reason
    from session_sums
)

select *
from final
order by universe, seq
