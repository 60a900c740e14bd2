/*
description: The rates, balance sheet and growth section of the daily report, rounded to what is printed, one row set per session.
grain: session_date x item
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: INTEGER, unit: "", description: "Place of the row in the section."}
  - {name: item, type: VARCHAR, unit: "", description: "Key of what the row shows."}
  - {name: label_en, type: VARCHAR, unit: "", description: "What the row shows, in English."}
  - {name: label_zh, type: VARCHAR, unit: "", description: "What the row shows, in Chinese."}
  - {name: value, type: DOUBLE, unit: see the column unit, description: "The value; null where there is none."}
  - {name: unit, type: VARCHAR, unit: "", description: "percent, percentage points or billion USD."}
  - {name: value_21d_ago, type: DOUBLE, unit: see the column unit, description: "The value as known 21 sessions ago (a month)."}
  - {name: change_21d, type: DOUBLE, unit: see the column unit, description: "The value less that of 21 sessions ago, both as printed."}
  - {name: note_en, type: VARCHAR, unit: "", description: "Why values are missing, or what to know about them, in English."}
  - {name: note_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
evidence:
  rows:
    - dataset: macro_observations
      sql: >
        select if(row_number() over (partition by m.series_id, m.source order by m.period_date desc, m.vintage desc) = 1,
        'latest', 'earlier') as role, m.*
        from lake.macro_observations as m
        where m.period_date <= $session_date and m.period_date > $session_date - 500 and list_contains(case
        when $item = 'fed_funds_target_low' then ['DFEDTARL'] when $item = 'fed_funds_target_high' then ['DFEDTARU']
        when $item = 'fed_funds_effective' then ['EFFR', 'DFF', 'FEDFUNDS'] when $item = 'yield_2y' then ['DGS2']
        when $item = 'yield_10y' then ['DGS10'] when $item = 'slope_10y_2y' then ['DGS10', 'DGS2']
        when $item like 'fed_assets%' then ['WALCL'] when $item = 'real_gdp_projection' then ['GDPC1MD']
        when $item like 'real_gdp%' then ['GDPC1'] else ['FEDTARMD'] end, m.series_id)
        order by m.period_date desc, m.series_id limit 30
*/
with item_lists as (
    select
        m.session_date,
        s.seq,
        unnest([
            {
                'position': 1,
                'item': 'fed_funds_target_low',
                'value': rounded(m.fed_funds_target_low_pct, 2),
                'unit': 'percent',
                'missing': cast(null as varchar),
                'about': cast(null as varchar),
                'about_date': cast(null as date)
            },
            row(2, 'fed_funds_target_high', rounded(m.fed_funds_target_high_pct, 2), 'percent', null, null, null),
            row(3, 'fed_funds_effective', rounded(m.fed_funds_effective_pct, 2), 'percent', null, null, null),
            row(4, 'yield_2y', rounded(m.yield_2y_pct, 2), 'percent', null, null, null),
            row(5, 'yield_10y', rounded(m.yield_10y_pct, 2), 'percent', null, null, null),
            row(
                6, 'slope_10y_2y', rounded(m.slope_10y_2y_pp, 2), 'percentage points',
                if(m.yield_10y_pct is not null and m.yield_2y_pct is not null, 'different_days', null),
                null, null
            ),
            row(7, 'fed_assets', rounded(m.fed_assets_usd / 1e9, 1), 'billion USD', null, 'of_day', m.fed_assets_date),
            row(
                8, 'fed_assets_change_13w', rounded(m.fed_assets_change_13w_usd / 1e9, 1), 'billion USD',
                if(m.fed_assets_usd is not null, 'no_13w', null),
                m.fed_assets_trend, null
            ),
            row(
                9, 'real_gdp_growth_qoq', rounded(m.real_gdp_growth_qoq_pct, 1), 'percent',
                if(m.real_gdp_date is not null, 'no_quarter', null),
                'of_quarter', m.real_gdp_date
            ),
            row(
                10, 'real_gdp_growth_yoy', rounded(m.real_gdp_growth_yoy_pct, 1), 'percent',
                if(m.real_gdp_date is not null, 'no_quarter', null),
                'of_quarter', m.real_gdp_date
            ),
            row(
                11, 'fed_funds_projection', rounded(m.fed_funds_projection_pct, 2), 'percent',
                null,
                'for_year', make_date(cast(m.fed_funds_projection_year as integer), 1, 1)
            ),
            row(
                12, 'real_gdp_projection', rounded(m.real_gdp_projection_pct, 1), 'percent',
                null,
                'for_year', make_date(cast(m.real_gdp_projection_year as integer), 1, 1)
            )
        ]) as line
    from marts.macro_daily as m
    inner join staging.sessions as s on m.session_date = s.session_date
),

rate_lines as (
    select
        session_date,
        seq,
        line.position,
        line.item,
        line.value,
        line.unit,
        line.missing,
        -- what a note says of a value that has no date is nothing
        if(line.about in ('of_day', 'of_quarter', 'for_year') and line.about_date is null, null, line.about) as about,
        line.about_date
    from item_lists
),

final as (
    select
        t.session_date,
        t.position,
        t.item,
        text_of('en', 'policy_rates.' || t.item) as label_en,
        text_of('zh', 'policy_rates.' || t.item) as label_zh,
        t.value,
        t.unit,
        a.value as value_21d_ago,
        rounded(t.value - a.value, 2) as change_21d,
        joined_by(
            $en['notes.next'],
            if(t.value is null, text_of('en', 'policy_rates.' || coalesce(t.missing, 'no_observation')), null),
            filled(
                text_of('en', 'policy_rates.' || t.about),
                'day', coalesce(day_en(t.about_date), ''),
                'year', coalesce(year(t.about_date), 0),
                'quarter', coalesce(quarter(t.about_date), 0)
            )
        ) as note_en,
        joined_by(
            $zh['notes.next'],
            if(t.value is null, text_of('zh', 'policy_rates.' || coalesce(t.missing, 'no_observation')), null),
            filled(
                text_of('zh', 'policy_rates.' || t.about),
                'day', coalesce(day_zh(t.about_date), ''),
                'year', coalesce(year(t.about_date), 0),
                'quarter', coalesce(quarter(t.about_date), 0)
            )
        ) as note_zh
    from rate_lines as t
    left join rate_lines as a on t.position = a.position and t.seq - 21 = a.seq
)

select *
from final
order by session_date, position
