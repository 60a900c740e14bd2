/*
description: >
  The instruments that belong to a listed universe and when: those of the listings that have bars, and GICS sectors of those on the
  lists.
grain: universe x instrument_id x valid_from
materialized: table
publish: false
sessions: [valid_from, valid_to]
columns:
  - {name: universe, type: VARCHAR, unit: "", description: "Name of the universe."}
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the instrument."}
  - {name: valid_from, type: DATE, unit: "", description: "First day in the universe."}
  - {name: valid_to, type: DATE, unit: "", description: "First day outside; 9999-12-31 while a member."}
invariants:
  - description: Intervals of a member do not overlap.
    sql: >
      select universe, instrument_id from (select universe, instrument_id, valid_to, lead(valid_from) over (partition by
      universe, instrument_id order by valid_from) as next_from from intermediate.universe_members) where valid_to > next_from
*/
with final as (
    select
        universe,
        member_id as instrument_id,
        valid_from,
        valid_to
    from intermediate.universe_listings
    where not starts_with(member_id, '?')
    union all
    select
        'sector:' || sector,
        member_id,
        date '0001-01-01',
        date '9999-12-31'
    from intermediate.listed_sectors
    where not starts_with(member_id, '?')
)

select *
from final
order by universe, instrument_id, valid_from
