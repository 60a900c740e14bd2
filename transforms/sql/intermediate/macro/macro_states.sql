/*
description: >
  What was known of each macro item, as of the sessions on which something new of it became public: the newest period, its value, and
  the values 13 weeks, a quarter and a year before it, each beside the newest period's value of the same release.
grain: item x known_seq
materialized: table
publish: false
columns:
  - {name: item, type: VARCHAR, unit: "", description: "Item of the panel; projections with the year that they are for."}
  - {name: known_seq, type: INTEGER, unit: sessions, description: "First session by whose close this was public."}
  - {name: series_id, type: VARCHAR, unit: "", description: "Series that it is from."}
  - {name: period_date, type: DATE, unit: "", description: "The newest period."}
  - {name: value, type: DOUBLE, unit: the series' own, description: "Its value."}
  - {name: value_13w, type: DOUBLE, unit: the series' own, description: "The value 13 weeks before; null where no release has it and the newest period."}
  - {name: newest_13w, type: DOUBLE, unit: the series' own, description: "The newest period's value in the release of value_13w."}
  - {name: value_quarter, type: DOUBLE, unit: the series' own, description: "The value a quarter before, likewise."}
  - {name: newest_quarter, type: DOUBLE, unit: the series' own, description: "The newest period's value in the release of value_quarter."}
  - {name: value_year, type: DOUBLE, unit: the series' own, description: "The value a year before, likewise."}
  - {name: newest_year, type: DOUBLE, unit: the series' own, description: "The newest period's value in the release of value_year."}
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
        o.vintage,
        o.source,
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

known_facts as (
    select
        d.*,
        s.seq as known_seq
    from dated_observations as d
    asof inner join staging.sessions as s on d.available_at <= s.close_at
),

-- of the series of an item, the better one that has a value of the period; where it is withdrawn, the period has none
preferred_facts as (
    select *
    from known_facts
    qualify item_rank = min(item_rank) filter (where value is not null) over (partition by item, period_date)
),

new_period_events as (
    select
        item,
        known_seq,
        max(max(period_date) filter (where value is not null)) over (partition by item order by known_seq) as period_date
    from preferred_facts
    group by item, known_seq
),

-- the newest period's value as it stood: of what was public, a vintage before the undated latest value, and the newest vintage
newest_values as (
    select
        e.item,
        e.known_seq,
        e.period_date,
        p.series_id,
        p.source,
        p.vintage,
        p.value,
        p.max_age_days
    from new_period_events as e
    inner join preferred_facts as p on e.item = p.item and e.period_date = p.period_date and e.known_seq >= p.known_seq
    qualify row_number() over (
        partition by e.item, e.known_seq
        order by p.is_dated desc, p.available_at desc, p.series_id, p.source, p.value
    ) = 1
),

wanted_bases as (
    select
        *,
        '13w' as which,
        cast(period_date - interval 91 day as date) as base_date
    from newest_values
    where item = 'assets' and value is not null
    union all
    select
        *,
        'quarter' as which,
        cast(period_date - interval 3 month as date) as base_date
    from newest_values
    where item = 'gdp' and value is not null
    union all
    select
        *,
        'year' as which,
        cast(period_date - interval 1 year as date) as base_date
    from newest_values
    where item = 'gdp' and value is not null
),

-- two values of one release: given by one payload, or under one vintage; the newest that has both
release_pairs as (
    select
        a.item,
        a.known_seq,
        a.which,
        n.value as newest_value,
        b.value as base_value
    from wanted_bases as a
    inner join intermediate.macro_deliveries as n
        on
            a.series_id = n.series_id
            and a.source = n.source
            and a.vintage = n.vintage
            and a.period_date = n.period_date
    inner join intermediate.macro_deliveries as b
        on
            n.series_id = b.series_id
            and n.source = b.source
            and a.base_date = b.period_date
            and (n.vintage = 'latest') = (b.vintage = 'latest')
            and n.vintage >= b.vintage
            and (n.payload_sha256 = b.payload_sha256 or n.vintage <> 'latest' and n.vintage = b.vintage)
    where n.value is not null and b.value is not null
    qualify row_number() over (
        partition by a.item, a.known_seq, a.which
        order by n.known_at desc, b.vintage desc, b.known_at desc, n.payload_sha256, b.payload_sha256
    ) = 1
),

final as (
    select
        n.item,
        n.known_seq,
        n.series_id,
        n.period_date,
        n.value,
        max(p.base_value) filter (where p.which = '13w') as value_13w,
        max(p.newest_value) filter (where p.which = '13w') as newest_13w,
        max(p.base_value) filter (where p.which = 'quarter') as value_quarter,
        max(p.newest_value) filter (where p.which = 'quarter') as newest_quarter,
        max(p.base_value) filter (where p.which = 'year') as value_year,
        max(p.newest_value) filter (where p.which = 'year') as newest_year,
        n.max_age_days
    from newest_values as n
    left join release_pairs as p on n.item = p.item and n.known_seq = p.known_seq
    group by n.item, n.known_seq, n.series_id, n.period_date, n.value, n.max_age_days
)

select *
from final
order by item, known_seq
