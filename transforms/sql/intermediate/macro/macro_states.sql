/*
description: >
  What was known of each macro item, as of the sessions on which something new of it became public: the newest period, its value, and
  the values 13 weeks, a quarter and a year before it as they stood then.
grain: item x known_seq
materialized: table
publish: false
columns:
  - {name: item, type: VARCHAR, unit: "", description: "Item of the panel; projections with the year that they are for."}
  - {name: known_seq, type: INTEGER, unit: sessions, description: "First session by whose close this was public."}
  - {name: series_id, type: VARCHAR, unit: "", description: "Series that it is from."}
  - {name: period_date, type: DATE, unit: "", description: "The newest period."}
  - {name: value, type: DOUBLE, unit: the series' own, description: "Its value."}
  - {name: value_13w, type: DOUBLE, unit: the series' own, description: "The value 13 weeks before; null where absent."}
  - {name: value_quarter, type: DOUBLE, unit: the series' own, description: "The value a quarter before; null where absent."}
  - {name: value_year, type: DOUBLE, unit: the series' own, description: "The value a year before; null where absent."}
  - {name: max_age_days, type: INTEGER, unit: days, description: "Days from the period's date after which it counts as absent."}
*/
with dated_observations as (
    select
        -- projections of several years stand side by side
        m.item || if(ends_with(m.item, 'projection'), '_' || year(o.period_date), '') as item,
        m.item_rank,
        m.series_id,
        m.max_age_days,
        o.period_date,
        o.vintage <> 'latest' as is_dated,
        o.value,
        coalesce(
            o.available_at,
            case
                when o.vintage <> 'latest' then cast(cast(o.vintage as date) as timestamp) at time zone 'UTC'
                else cast(o.period_date + m.lag_days as timestamp) at time zone 'UTC'
            end
        ) as available_at
    from staging.macro_observations as o
    inner join intermediate.macro_series as m on o.series_id = m.series_id
),

facts as (
    select
        d.*,
        s.seq as known_seq
    from dated_observations as d
    asof inner join staging.sessions as s on d.available_at <= s.close_at
),

-- of the series of an item, the better one that has the period
preferred_facts as (
    select *
    from facts
    qualify item_rank = min(item_rank) over (partition by item, period_date)
),

events as (
    select
        item,
        known_seq,
        max(max(period_date)) over (partition by item order by known_seq) as period_date
    from preferred_facts
    group by item, known_seq
),

wanted_periods as (
    select
        item,
        known_seq,
        'value' as which,
        period_date
    from events
    union all
    select
        item,
        known_seq,
        'value_13w' as which,
        cast(period_date - interval 91 day as date) as period_date
    from events
    where item = 'assets'
    union all
    select
        item,
        known_seq,
        'value_quarter' as which,
        cast(period_date - interval 3 month as date) as period_date
    from events
    where item = 'gdp'
    union all
    select
        item,
        known_seq,
        'value_year' as which,
        cast(period_date - interval 1 year as date) as period_date
    from events
    where item = 'gdp'
),

-- a period's value as it stood: of what was public, a vintage before the undated latest value, and the newest vintage
period_values as (
    select
        a.item,
        a.known_seq,
        a.which,
        a.period_date,
        p.series_id,
        p.value,
        p.max_age_days
    from wanted_periods as a
    inner join preferred_facts as p on a.item = p.item and a.period_date = p.period_date and a.known_seq >= p.known_seq
    qualify row_number() over (
        partition by a.item, a.known_seq, a.which
        order by p.is_dated desc, p.available_at desc, p.series_id, p.value
    ) = 1
),

final as (
    select
        item,
        known_seq,
        max(series_id) filter (where which = 'value') as series_id,
        max(period_date) filter (where which = 'value') as period_date,
        max(value) filter (where which = 'value') as value,
        max(value) filter (where which = 'value_13w') as value_13w,
        max(value) filter (where which = 'value_quarter') as value_quarter,
        max(value) filter (where which = 'value_year') as value_year,
        max(max_age_days) as max_age_days
    from period_values
    group by item, known_seq
)

select *
from final
order by item, known_seq
