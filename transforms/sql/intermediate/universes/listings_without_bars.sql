/*
description: >
  How many names on a universe's list have no bar so far, from the day on which that number changes: names that no bar bears, and those
  whose bars begin later. One whose bars have ended has stopped trading; while a list is held backwards a name counts from its first bar.
grain: universe x valid_from
materialized: table
publish: false
sessions: [valid_from, valid_to]
columns:
  - {name: universe, type: VARCHAR, unit: "", description: "Name of the universe."}
  - {name: valid_from, type: DATE, unit: "", description: "First day of this number."}
  - {name: valid_to, type: DATE, unit: "", description: "First day after it; null for the last."}
  - {name: names, type: BIGINT, unit: names, description: "Names on the list without a bar so far."}
  - {name: shown, type: VARCHAR, unit: "", description: "The first ten of them by name."}
*/
with first_bars as (
    select
        instrument_id,
        min(valid_from) as first_bar
    from intermediate.instruments
    group by instrument_id
),

listing_gaps as (
    select
        m.universe,
        ltrim(m.member_id, '?') as name,
        greatest(m.valid_from, m.dated_from, (select min(a.first_bar) from first_bars as a)) as gap_from,
        least(m.valid_to, coalesce(f.first_bar, date '9999-12-31')) as gap_to
    from intermediate.universe_listings as m
    left join first_bars as f on m.member_id = f.instrument_id
),

open_gaps as (
    select *
    from listing_gaps
    where gap_from < gap_to
),

gap_days as (
    select
        universe,
        gap_from as day
    from open_gaps
    union
    select
        universe,
        gap_to
    from open_gaps
),

final as (
    select
        d.universe,
        d.day as valid_from,
        lead(d.day) over (partition by d.universe order by d.day) as valid_to,
        count(g.name) as names,
        array_to_string(min(g.name, 10), ', ') as shown
    from gap_days as d
    left join open_gaps as g on d.universe = g.universe and d.day >= g.gap_from and d.day < g.gap_to
    where d.day < date '9999-12-31'
    group by d.universe, d.day
)

select *
from final
order by universe, valid_from
