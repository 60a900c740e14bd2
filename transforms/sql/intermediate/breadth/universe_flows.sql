/*
description: >
  The cells of flows and of intraday extremes added up to universes, one row for each universe and session that has members, sorted by
  universe and session.
grain: universe x seq
materialized: table
publish: false
blocks: {by: seq, back: 0}
columns:
  - {name: universe, type: VARCHAR, unit: "", description: "Name of the universe."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: members, type: BIGINT, unit: "stocks", description: "As in the cells of flows."}
  - {name: eligible, type: BIGINT, unit: "stocks", description: "As in the cells of flows."}
  - {name: return_sum_e9, type: HUGEINT, unit: "1e-9", description: "As in the cells of flows."}
  - {name: eligible_with_cap, type: BIGINT, unit: "stocks", description: "As in the cells of flows."}
  - {name: cap_sum, type: HUGEINT, unit: "10,000 USD", description: "As in the cells of flows."}
  - {name: cap_return_sum_e9, type: HUGEINT, unit: "1e-9 x 10,000 USD", description: "As in the cells of flows."}
  - {name: eligible_with_volume, type: BIGINT, unit: "stocks", description: "As in the cells of flows."}
  - {name: inflow_members, type: BIGINT, unit: "stocks", description: "As in the cells of flows."}
  - {name: traded_e6, type: HUGEINT, unit: "1e-6 USD", description: "As in the cells of flows."}
  - {name: signed_traded_e6, type: HUGEINT, unit: "1e-6 USD", description: "As in the cells of flows."}
  - {name: cmf_members, type: BIGINT, unit: "stocks", description: "As in the cells of flows."}
  - {name: cmf_inflow_members, type: BIGINT, unit: "stocks", description: "As in the cells of flows."}
  - {name: cmf_traded_e6, type: HUGEINT, unit: "1e-6 USD", description: "As in the cells of flows."}
  - {name: cmf_flow_e6, type: HUGEINT, unit: "1e-6 USD", description: "As in the cells of flows."}
  - {name: volume_mean_members, type: BIGINT, unit: "stocks", description: "As in the cells of flows."}
  - {name: unusual_buys, type: BIGINT, unit: "stocks", description: "As in the cells of flows."}
  - {name: unusual_sells, type: BIGINT, unit: "stocks", description: "As in the cells of flows."}
  - {name: intraday_members, type: BIGINT, unit: "stocks", description: "As in the cells of intraday extremes."}
  - {name: intraday_highs_52w, type: BIGINT, unit: "stocks", description: "As in the cells of intraday extremes."}
  - {name: intraday_lows_52w, type: BIGINT, unit: "stocks", description: "As in the cells of intraday extremes."}
*/
with set_universes as (
    select distinct
        universe_set_id,
        unnest(universes) as universe
    from intermediate.universe_sets
),

-- bands are universes of their own, and stocks alone make them up
set_universes_and_bands as (
    select
        universe_set_id,
        universe,
        cast(null as varchar) as cap_band
    from set_universes
    union all
    select
        m.universe_set_id,
        'cap:' || b.cap_band as universe,
        b.cap_band
    from set_universes as m
    cross join (select distinct cap_band from intermediate.flow_cells) as b
    where m.universe = 'all'
),

flow_sums as (
    select
        p.universe,
        c.seq,
        cast(sum(c.members) as bigint) as members,
        cast(sum(c.eligible) as bigint) as eligible,
        sum(c.return_sum_e9) as return_sum_e9,
        cast(sum(c.eligible_with_cap) as bigint) as eligible_with_cap,
        sum(c.cap_sum) as cap_sum,
        sum(c.cap_return_sum_e9) as cap_return_sum_e9,
        cast(sum(c.eligible_with_volume) as bigint) as eligible_with_volume,
        cast(sum(c.inflow_members) as bigint) as inflow_members,
        sum(c.traded_e6) as traded_e6,
        sum(c.signed_traded_e6) as signed_traded_e6,
        cast(sum(c.cmf_members) as bigint) as cmf_members,
        cast(sum(c.cmf_inflow_members) as bigint) as cmf_inflow_members,
        sum(c.cmf_traded_e6) as cmf_traded_e6,
        sum(c.cmf_flow_e6) as cmf_flow_e6,
        cast(sum(c.volume_mean_members) as bigint) as volume_mean_members,
        cast(sum(c.unusual_buys) as bigint) as unusual_buys,
        cast(sum(c.unusual_sells) as bigint) as unusual_sells
    from intermediate.flow_cells as c
    inner join set_universes_and_bands as p on c.universe_set_id = p.universe_set_id and c.cap_band = coalesce(p.cap_band, c.cap_band)
    group by p.universe, c.seq
),

intraday_extreme_counts as (
    select
        p.universe,
        c.seq,
        cast(sum(c.intraday_members) as bigint) as intraday_members,
        cast(sum(c.intraday_highs_52w) as bigint) as intraday_highs_52w,
        cast(sum(c.intraday_lows_52w) as bigint) as intraday_lows_52w
    from intermediate.intraday_cells as c
    inner join set_universes_and_bands as p on c.universe_set_id = p.universe_set_id and c.cap_band = coalesce(p.cap_band, c.cap_band)
    group by p.universe, c.seq
),

final as (
    select
        f.*,
        coalesce(e.intraday_members, 0) as intraday_members,
        coalesce(e.intraday_highs_52w, 0) as intraday_highs_52w,
        coalesce(e.intraday_lows_52w, 0) as intraday_lows_52w
    from flow_sums as f
    left join intraday_extreme_counts as e on f.universe = e.universe and f.seq = e.seq
)

select *
from final
order by universe, seq
