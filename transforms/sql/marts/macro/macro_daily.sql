/*
description: >
  The macro panel as it was public at the close of each session: the policy rate, yields, the Fed's balance sheet, growth, and the
  FOMC's own projections where their dates are known.
grain: session_date
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: fed_funds_target_low_pct, type: DOUBLE, unit: percent, description: "Lower end of the target range (DFEDTARL)."}
  - {name: fed_funds_target_high_pct, type: DOUBLE, unit: percent, description: "Upper end of the target range (DFEDTARU)."}
  - {name: fed_funds_effective_pct, type: DOUBLE, unit: percent, description: "Effective rate (EFFR, else DFF)."}
  - {name: yield_2y_pct, type: DOUBLE, unit: percent, description: "Treasury yield at two years (DGS2)."}
  - {name: yield_10y_pct, type: DOUBLE, unit: percent, description: "Treasury yield at ten years (DGS10)."}
  - {name: slope_10y_2y_pp, type: DOUBLE, unit: percentage points, description: "Ten years less two years, of the same day."}
  - {name: fed_assets_usd, type: DOUBLE, unit: USD, description: "Total assets of the Federal Reserve (WALCL, H.4.1)."}
  - {name: fed_assets_change_13w_usd, type: DOUBLE, unit: USD, description: "Change over 13 weeks (a quarter)."}
  - {name: fed_assets_change_13w_pct, type: DOUBLE, unit: percent, description: "The same in percent."}
  - {name: fed_assets_trend, type: VARCHAR, unit: "", description: "runoff, growth, or flat where the change over 13 weeks is nil."}
  - {name: fed_assets_date, type: DATE, unit: "", description: "Wednesday that the assets are of."}
  - {name: real_gdp_growth_qoq_pct, type: DOUBLE, unit: percent a year, description: "Real GDP against the quarter before, at an annual rate (GDPC1)."}
  - {name: real_gdp_growth_yoy_pct, type: DOUBLE, unit: percent, description: "Real GDP against the same quarter of the year before."}
  - {name: real_gdp_date, type: DATE, unit: "", description: "First day of the quarter that the growth is of."}
  - {name: fed_funds_projection_pct, type: DOUBLE, unit: percent, description: "Median projection of the rate for the end of the session's year (FEDTARMD)."}
  - {name: fed_funds_projection_year, type: INTEGER, unit: "", description: "Year that it is for."}
  - {name: real_gdp_projection_pct, type: DOUBLE, unit: percent, description: "Median projection of real growth in the session's year (GDPC1MD)."}
  - {name: real_gdp_projection_year, type: INTEGER, unit: "", description: "Year that it is for."}
  - {name: reason, type: VARCHAR, unit: "", description: "Why values are null, and which; null where all are there."}
invariants:
  - description: The range is no wider than half a point and in order.
    sql: select * from marts.macro_daily where fed_funds_target_high_pct - fed_funds_target_low_pct not between 0 and 0.5
  - description: Nothing is dated after its session.
    sql: select * from marts.macro_daily where fed_assets_date > session_date or real_gdp_date > session_date
method:
  id: macro_daily
  version: 2
  formula: >
    the newest observation public at the close; slope = 10y - 2y; trend = sign of the change of assets over 13 weeks; growth =
    100 ((GDP / GDP of the quarter before)^4 - 1) and 100 (GDP / GDP a year before - 1), both values of one release
  parameters: release lags and greatest ages in intermediate.macro_series
  citation: FRED, H.15, H.4.1, Bureau of Economic Analysis
  oracle: the series themselves
  deviations: >
    without vintages a value is the latest revision, dated by its series' usual lag; a release that came later than usual (a shutdown)
    is shown too early
evidence:
  rows:
    - dataset: macro_observations
      sql: >
        select if(row_number() over (partition by m.series_id, m.source order by m.period_date desc, m.vintage desc) = 1,
        'latest', 'earlier') as role, m.*
        from lake.macro_observations as m
        where m.period_date <= $session_date and m.period_date > $session_date - 500 and list_contains(case
        when $column = 'fed_funds_target_low_pct' then ['DFEDTARL'] when $column = 'fed_funds_target_high_pct' then ['DFEDTARU']
        when $column = 'fed_funds_effective_pct' then ['EFFR', 'DFF', 'FEDFUNDS'] when $column = 'yield_2y_pct' then ['DGS2']
        when $column = 'yield_10y_pct' then ['DGS10'] when $column = 'slope_10y_2y_pp' then ['DGS10', 'DGS2']
        when $column like 'fed_assets%' then ['WALCL'] when $column like 'real_gdp_projection%' then ['GDPC1MD']
        when $column like 'real_gdp%' then ['GDPC1'] when $column like 'fed_funds_projection%' then ['FEDTARMD']
        else [m.series_id] end, m.series_id)
        order by m.period_date desc, m.series_id limit 30
*/
with bar_sessions as (
    select session_date
    from staging.index_bars
    union all
    select last_session
    from intermediate.bar_spans
),

newest_session as (
    select max(s.seq) as seq
    from bar_sessions as b
    inner join staging.sessions as s on b.session_date = s.session_date
),

state_spans as (
    select
        *,
        coalesce(
            lead(known_seq) over (partition by item order by known_seq), (select n.seq + 1 from newest_session as n)
        ) as until_seq
    from intermediate.macro_states
),

states_by_session as (
    select
        * exclude (known_seq, until_seq),
        cast(unnest(range(known_seq, until_seq)) as integer) as seq
    from state_spans
    where known_seq <= (select n.seq from newest_session as n)
),

items_by_session as (
    select
        s.session_date,
        c.item,
        c.period_date,
        if(c.period_date + c.max_age_days >= s.session_date, c.value, null) as value,
        if(c.period_date + c.max_age_days >= s.session_date, c.value_13w, null) as value_13w,
        if(c.period_date + c.max_age_days >= s.session_date, c.newest_13w, null) as newest_13w,
        if(c.period_date + c.max_age_days >= s.session_date, c.value_quarter, null) as value_quarter,
        if(c.period_date + c.max_age_days >= s.session_date, c.newest_quarter, null) as newest_quarter,
        if(c.period_date + c.max_age_days >= s.session_date, c.value_year, null) as value_year,
        if(c.period_date + c.max_age_days >= s.session_date, c.newest_year, null) as newest_year
    from states_by_session as c
    inner join staging.sessions as s on c.seq = s.seq and s.seq <= (select n.seq from newest_session as n)
),

session_values as (
    select
        session_date,
        max(value) filter (where item = 'target_low') as target_low,
        max(value) filter (where item = 'target_high') as target_high,
        max(value) filter (where item = 'effective') as effective,
        max(value) filter (where item = 'yield_2y') as yield_2y,
        max(value) filter (where item = 'yield_10y') as yield_10y,
        max(period_date) filter (where item = 'yield_2y') as date_2y,
        max(period_date) filter (where item = 'yield_10y') as date_10y,
        max(value) filter (where item = 'assets') as assets,
        max(value_13w) filter (where item = 'assets') as assets_13w,
        max(newest_13w) filter (where item = 'assets') as assets_newest,
        max(period_date) filter (where item = 'assets' and value is not null) as assets_date,
        max(value) filter (where item = 'gdp') as gdp,
        max(value_quarter) filter (where item = 'gdp') as gdp_quarter,
        max(newest_quarter) filter (where item = 'gdp') as gdp_after_quarter,
        max(value_year) filter (where item = 'gdp') as gdp_year,
        max(newest_year) filter (where item = 'gdp') as gdp_after_year,
        max(period_date) filter (where item = 'gdp' and value is not null) as gdp_date,
        max(value) filter (where item = 'rate_projection_' || year(session_date)) as rate_projection,
        max(value) filter (where item = 'gdp_projection_' || year(session_date)) as gdp_projection
    from items_by_session
    group by session_date
),

final as (
    select
        session_date,
        -- a wider range, or one upside down, is of two different days or no rate
        if(target_high - target_low between 0 and 0.5, target_low, null) as fed_funds_target_low_pct,
        if(target_high - target_low between 0 and 0.5, target_high, null) as fed_funds_target_high_pct,
        effective as fed_funds_effective_pct,
        yield_2y as yield_2y_pct,
        yield_10y as yield_10y_pct,
        if(date_2y = date_10y, yield_10y - yield_2y, null) as slope_10y_2y_pp,
        -- WALCL is in millions
        assets * 1e6 as fed_assets_usd,
        (assets_newest - assets_13w) * 1e6 as fed_assets_change_13w_usd,
        100 * (assets_newest / nullif(assets_13w, 0) - 1) as fed_assets_change_13w_pct,
        case
            when assets_newest < assets_13w then 'runoff'
            when assets_newest > assets_13w then 'growth'
            when assets_newest = assets_13w then 'flat'
        end as fed_assets_trend,
        assets_date as fed_assets_date,
        100 * (power(gdp_after_quarter / nullif(gdp_quarter, 0), 4) - 1) as real_gdp_growth_qoq_pct,
        100 * (gdp_after_year / nullif(gdp_year, 0) - 1) as real_gdp_growth_yoy_pct,
        gdp_date as real_gdp_date,
        rate_projection as fed_funds_projection_pct,
        if(rate_projection is null, null, cast(year(session_date) as integer)) as fed_funds_projection_year,
        gdp_projection as real_gdp_projection_pct,
        if(gdp_projection is null, null, cast(year(session_date) as integer)) as real_gdp_projection_year,
        nullif(
            concat_ws(
                '; ',
                if(
                    target_low is null or target_high is null,
                    'fed_funds_target: no observation of DFEDTARL and DFEDTARU in the last 10 days',
                    null
                ),
                if(effective is null, 'fed_funds_effective_pct: no observation of EFFR or DFF in the last 10 days', null),
                if(yield_2y is null, 'yield_2y_pct: no observation of DGS2 in the last 10 days', null),
                if(yield_10y is null, 'yield_10y_pct: no observation of DGS10 in the last 10 days', null),
                if(yield_2y is not null and yield_10y is not null and date_2y <> date_10y, 'slope_10y_2y_pp: yields of different days', null),
                if(assets is null, 'fed_assets_usd: no observation of WALCL in the last 21 days', null),
                if(assets is not null and assets_13w is null, 'fed_assets_change_13w: no release has the week and that 13 weeks before', null),
                if(gdp is null, 'real_gdp_growth: no observation of GDPC1 in the last 240 days', null),
                if(
                    gdp is not null and (gdp_quarter is null or gdp_year is null),
                    'real_gdp_growth: no release has the quarter and the one to compare with',
                    null
                ),
                if(rate_projection is null, 'fed_funds_projection_pct: no dated projection', null),
                if(gdp_projection is null, 'real_gdp_projection_pct: no dated projection', null)
            ),
            ''
        ) as reason
    from session_values
)

select *
from final
order by session_date
