/*
description: >
  What counts as a precedent. Each definition stands in a grid over threshold and session of the year, so that it can be seen how much
  the count owes to the choice.
grain: definition_id
materialized: table
publish: false
columns:
  - {name: definition_id, type: VARCHAR, unit: "", description: "Measure, lead, base, threshold and, for year to date, the session of the year."}
  - {name: measure, type: VARCHAR, unit: "", description: "streak_end or ytd_lead."}
  - {name: lead_id, type: VARCHAR, unit: "", description: "Index that leads."}
  - {name: base_id, type: VARCHAR, unit: "", description: "Index that it leads."}
  - {name: threshold, type: INTEGER, unit: sessions or percentage points, description: "At least so many sessions, or more than so many points."}
  - {name: session_of_year, type: INTEGER, unit: sessions, description: "Session of the year on which the lead is measured; null for streaks."}
  - {name: first_date, type: DATE, unit: "", description: "Precedents are looked for from this day on."}
  - {name: is_primary, type: BOOLEAN, unit: "", description: "The definition itself; the others are its grid."}
invariants:
  - description: One primary definition for each measure and pair.
    sql: >
      select measure, lead_id, base_id from intermediate.precedent_definitions group by all having count(*) filter (where is_primary) <> 1
*/
with streak_definitions as (
    -- the shared history of both indices begins in September 1987
    select
        'streak_end' as measure,
        'RUT' as lead_id,
        'SPX' as base_id,
        cast(unnest(range(5, 15)) as integer) as threshold,
        cast(null as integer) as session_of_year,
        date '1988-01-01' as first_date,
        8 as primary_threshold
),

index_pairs as (
    select *
    from (values ('RUT', 'NDX'), ('RUT', 'COMP'), ('RUT', 'SPX')) as listed (lead_id, base_id)
),

-- around the third week of January, when the first forecasts of a year's rotation are printed
sessions_of_year as (
    select cast(unnest(range(10, 21)) as integer) as session_of_year
),

lead_definitions as (
    select
        'ytd_lead' as measure,
        p.lead_id,
        p.base_id,
        cast(t.threshold as integer) as threshold,
        d.session_of_year,
        date '1989-01-01' as first_date,
        2 as primary_threshold
    from index_pairs as p
    cross join sessions_of_year as d
    cross join (select unnest([0, 1, 2, 3, 5]) as threshold) as t
),

all_definitions as (
    select *
    from streak_definitions
    union all
    select *
    from lead_definitions
),

final as (
    select
        concat_ws(
            '_', measure, lead_id, base_id, if(measure = 'ytd_lead', 's' || session_of_year, null),
            threshold || if(measure = 'ytd_lead', 'pp', '')
        ) as definition_id,
        measure,
        lead_id,
        base_id,
        threshold,
        session_of_year,
        first_date,
        threshold = primary_threshold and (session_of_year is null or session_of_year = 15) as is_primary
    from all_definitions
)

select *
from final
order by definition_id
