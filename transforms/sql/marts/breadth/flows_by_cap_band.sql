/*
description: >
  Where money went by market-cap band, read from prices and volumes: this is no record of fund flows. Two measures, each with its own
  coverage gate, over the stocks of the universe all; the band all is their sum.
grain: session_date x cap_band
materialized: table
blocks: {by: session_date, back: 256}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: cap_band, type: VARCHAR, unit: "", description: "micro, small, mid, upper_mid, large, mega, unknown, or all."}
  - {name: members, type: BIGINT, unit: stocks, description: "Stocks of the band with a bar in this session or one of the five before."}
  - {name: eligible_with_volume, type: BIGINT, unit: stocks, description: "Members with a return and a volume: what the signed flow is of."}
  - {name: traded_usd, type: DOUBLE, unit: USD, description: "Close times volume of these."}
  - {name: signed_volume_flow_usd, type: DOUBLE, unit: USD, description: "The same, negative for those that declined, nil for the unchanged: not fund flows."}
  - {name: inflow_share, type: DOUBLE, unit: share, description: "Of these, those that advanced on a volume above nil."}
  - {name: cmf_members, type: BIGINT, unit: stocks, description: "Members with high, low, close and volume: what the money flow by Chaikin is of."}
  - {name: cmf_flow_usd, type: DOUBLE, unit: USD, description: "Close times volume times ((C-L)-(H-C))/(H-L) of these: not fund flows."}
  - {name: cmf_inflow_share, type: DOUBLE, unit: share, description: "Of these, those that closed in the upper half of their range."}
  - {name: cmf, type: DOUBLE, unit: "", description: "Chaikin money flow of the band: flow over dollars traded, both summed over a month of sessions."}
  - {name: volume_mean_members, type: BIGINT, unit: stocks, description: "Members with a return, a volume and its 21-session mean (a month), which crosses no break that nothing explains."}
  - {name: unusual_buys, type: BIGINT, unit: stocks, description: "Of these, advances on more than twice the mean volume."}
  - {name: unusual_sells, type: BIGINT, unit: stocks, description: "Of these, declines on more than twice the mean volume."}
  - {name: reason, type: VARCHAR, unit: "", description: "Why values are null, and which; null where all are there."}
invariants:
  - description: Bands make up all.
    sql: >
      select session_date from marts.flows_by_cap_band group by session_date
      having sum(members) filter (where cap_band = 'all') <> sum(members) filter (where cap_band <> 'all')
      or sum(eligible_with_volume) filter (where cap_band = 'all') <> sum(eligible_with_volume) filter (where cap_band <> 'all')
  - description: Flows are no larger than what was traded, shares lie between 0 and 1.
    sql: >
      select * from marts.flows_by_cap_band where abs(signed_volume_flow_usd) > traded_usd or inflow_share not between 0 and 1
      or cmf not between -1 and 1 or cmf_inflow_share not between 0 and 1
method:
  - id: signed_volume_flow
    version: 1
    formula: sum of close x volume x sign of the day's change
    parameters: members with return and volume / members >= coverage gate
    citation: after on-balance volume, J. Granville, 1963
    oracle: worked by hand
    deviations: works for series with closes only
  - id: cmf_flow
    version: 1
    formula: >
      sum of close x volume x ((C-L)-(H-C))/(H-L), 0 where H = L; cmf = its sum over the window / dollars traded over the window
    parameters: $cmf_window sessions, by default 21; members with high and low / members >= coverage gate, on each session of the window
    citation: M. Chaikin, 1980s
    oracle: worked by hand; a stock's own cmf against LEAN's file
    deviations: dollars, not shares, as shares of several stocks do not add up; the multiplier is kept at 1e-9
  - id: unusual_volume
    version: 2
    formula: volume > 2 x mean volume of 21 sessions, this one included, on a day up (buys) or down (sells)
    parameters: 21 sessions, one absent at most; shares split forward, none across a break that nothing explains; members with a mean / members with volume >= coverage gate
    citation: ""
    oracle: worked by hand
    deviations: ""
evidence:
  rows:
    - dataset: equity_bars
      sql: >
        with days as (
        select session_date from lake.sessions where session_date < $session_date order by session_date desc limit 5
        ),
        caps as (
        select f.symbol, max_by(f.market_cap, f.session_date) / 1e9 as cap from marts.equity_facts as f
        semi join days as d on f.session_date = d.session_date where f.market_cap is not null group by f.symbol
        )
        select if(b.session_date = $session_date, 'bar', 'close before') as role, b.*
        from lake.equity_bars as b cross join asked.base as w
        left join lake.series_rank as k on k.dataset = 'equity_bars' and b.source = k.source and b.basis = k.basis
        left join caps as c on b.symbol = c.symbol
        where b.is_final and b.session_date in ($session_date, w.base_date) and $cap_band in ('all', case
        when c.cap is null then 'unknown' when c.cap < 0.5 then 'micro' when c.cap < 2 then 'small' when c.cap < 10 then 'mid'
        when c.cap < 50 then 'upper_mid' when c.cap < 200 then 'large' else 'mega' end)
        qualify row_number() over (partition by b.symbol, b.session_date order by k.rank nulls last, b.source, b.basis) = 1
        order by b.symbol, b.session_date desc
*/
with flows_by_band as (
    select
        if(f.universe = 'all', 'all', substr(f.universe, 5)) as cap_band,
        s.session_date,
        f.*,
        f.eligible_with_volume > 0 and f.eligible_with_volume >= $coverage_gate * f.members as is_signed_known,
        f.cmf_members > 0 and f.cmf_members >= $coverage_gate * f.members as is_cmf_known,
        f.volume_mean_members > 0
        and f.eligible_with_volume >= $coverage_gate * f.members
        and f.volume_mean_members >= $coverage_gate * f.eligible_with_volume as is_mean_known
    from intermediate.universe_flows as f
    inner join staging.sessions as s on f.seq = s.seq
    where f.universe = 'all' or starts_with(f.universe, 'cap:')
),

flow_windows as (
    select
        *,
        sum(if(is_cmf_known, 1, 0)) over line as cmf_sessions,
        sum(if(is_cmf_known, cmf_flow_e6, 0)) over line as flow_sum,
        sum(if(is_cmf_known, cmf_traded_e6, 0)) over line as traded_sum
    from flows_by_band
    -- the linter's grammar has no calculation in a frame
    window line as (partition by universe order by seq range between $cmf_window - 1 preceding and current row) -- noqa: PRS
),

cmf_states as (
    select
        *,
        -- at most 4 % of the sessions of the window absent, one always allowed
        is_cmf_known and traded_sum > 0 and $cmf_window - cmf_sessions <= greatest(1, floor(0.04 * $cmf_window)) as is_window_known
    from flow_windows
),

final as (
    select
        session_date,
        cap_band,
        members,
        eligible_with_volume,
        if(is_signed_known, cast(traded_e6 as double) / 1e6, null) as traded_usd,
        if(is_signed_known, cast(signed_traded_e6 as double) / 1e6, null) as signed_volume_flow_usd,
        if(is_signed_known, inflow_members / eligible_with_volume, null) as inflow_share,
        cmf_members,
        if(is_cmf_known, cast(cmf_flow_e6 as double) / 1e6, null) as cmf_flow_usd,
        if(is_cmf_known, cmf_inflow_members / cmf_members, null) as cmf_inflow_share,
        if(is_window_known, cast(flow_sum as double) / cast(traded_sum as double), null) as cmf,
        volume_mean_members,
        if(is_mean_known, unusual_buys, null) as unusual_buys,
        if(is_mean_known, unusual_sells, null) as unusual_sells,
        nullif(
            concat_ws(
                '; ',
                if(
                    is_signed_known,
                    null,
                    'signed_volume_flow_usd: ' || eligible_with_volume || ' of ' || members || ' members have return and volume'
                ),
                if(is_cmf_known, null, 'cmf_flow_usd: ' || cmf_members || ' of ' || members || ' members have high and low'),
                if(
                    is_window_known or not is_cmf_known,
                    null,
                    'cmf: ' || cmf_sessions || ' of ' || $cmf_window || ' sessions have enough members with high and low'
                ),
                if(
                    is_mean_known,
                    null,
                    'unusual_buys, unusual_sells: ' || volume_mean_members || ' of ' || members || ' members have a 21-session mean of volume'
                )
            ),
            ''
        ) as reason
    from cmf_states
)

select *
from final
order by session_date, cap_band
