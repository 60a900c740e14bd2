/*
description: The rates, balance sheet and growth section of the daily report, rounded to what is printed, one row set per session.
grain: session_date x item
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: INTEGER, unit: "", description: "Place of the row in the section."}
  - {name: item, type: VARCHAR, unit: "", description: "What the row shows."}
  - {name: value, type: DOUBLE, unit: see the column unit, description: "The value; null where there is none."}
  - {name: unit, type: VARCHAR, unit: "", description: "percent, percentage points or billion USD."}
  - {name: value_21d_ago, type: DOUBLE, unit: see the column unit, description: "The value as known 21 sessions ago (a month)."}
  - {name: note, type: VARCHAR, unit: "", description: "What to know about the value, or why there is none."}
evidence:
  of: marts.macro_daily
*/
with item_lists as (
    select
        m.session_date,
        s.seq,
        unnest([
            {
                'position': 1,
                'item': 'Fed funds target, low',
                'value': round(m.fed_funds_target_low_pct, 2),
                'unit': 'percent',
                'note': cast(null as varchar)
            },
            row(2, 'Fed funds target, high', round(m.fed_funds_target_high_pct, 2), 'percent', null),
            row(3, 'Fed funds, effective', round(m.fed_funds_effective_pct, 2), 'percent', null),
            row(4, 'Treasury yield, 2 years', round(m.yield_2y_pct, 2), 'percent', null),
            row(5, 'Treasury yield, 10 years', round(m.yield_10y_pct, 2), 'percent', null),
            row(
                6, '10 years less 2 years', round(m.slope_10y_2y_pp, 2), 'percentage points',
                case
                    when m.slope_10y_2y_pp is null and m.yield_10y_pct is not null and m.yield_2y_pct is not null
                        then 'yields of different days'
                end
            ),
            row(
                7, 'Assets of the Federal Reserve', round(m.fed_assets_usd / 1e9, 1), 'billion USD', 'of ' || m.fed_assets_date
            ),
            row(
                8, 'Change of these over 13 weeks', round(m.fed_assets_change_13w_usd / 1e9, 1), 'billion USD',
                coalesce(m.fed_assets_trend, if(m.fed_assets_usd is null, null, 'no observation 13 weeks before'))
            ),
            row(
                9, 'Real GDP, quarter at an annual rate', round(m.real_gdp_growth_qoq_pct, 1), 'percent',
                if(m.real_gdp_growth_qoq_pct is null, 'no quarter to compare with, ', '') || 'quarter from ' || m.real_gdp_date
            ),
            row(
                10, 'Real GDP, on the year', round(m.real_gdp_growth_yoy_pct, 1), 'percent',
                if(m.real_gdp_growth_yoy_pct is null, 'no quarter to compare with, ', '') || 'quarter from ' || m.real_gdp_date
            ),
            row(
                11, 'FOMC projection of the Fed funds rate', round(m.fed_funds_projection_pct, 2), 'percent',
                'for ' || m.fed_funds_projection_year
            ),
            row(
                12, 'FOMC projection of real GDP', round(m.real_gdp_projection_pct, 1), 'percent',
                'for ' || m.real_gdp_projection_year
            )
        ]) as line
    from marts.macro_daily as m
    inner join staging.sessions as s on m.session_date = s.session_date
),

lines as (
    select
        session_date,
        seq,
        line.position,
        line.item,
        line.value,
        line.unit,
        line.note
    from item_lists
),

final as (
    select
        t.session_date,
        t.position,
        t.item,
        t.value,
        t.unit,
        a.value as value_21d_ago,
        coalesce(t.note, if(t.value is null, 'no observation that was public and recent', null)) as note
    from lines as t
    left join lines as a on t.position = a.position and t.seq - 21 = a.seq
)

select *
from final
order by session_date, position
