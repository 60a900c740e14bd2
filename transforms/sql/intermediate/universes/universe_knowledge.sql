/*
description: >
  From when until when the members of a universe are known as they were. In between, and for a list held backwards, breadth is
  computed all the same and says that it is not point in time.
grain: universe x valid_from
materialized: table
publish: false
sessions: [valid_from, valid_to]
columns:
  - {name: universe, type: VARCHAR, unit: "", description: "Name of the universe."}
  - {name: valid_from, type: DATE, unit: "", description: "First day on which members are known as they were."}
  - {name: valid_to, type: DATE, unit: "", description: "First day after."}
*/
with final as (
    select
        universe,
        min(effective_date) as valid_from,
        cast(max(greatest(effective_date, coalesce(end_date, effective_date))) + interval 1 day as date) as valid_to
    from staging.memberships
    where kind <> 'snapshot'
    group by universe
    union all
    select
        universe,
        min(effective_date),
        date '9999-12-31'
    from staging.memberships
    where kind = 'snapshot'
    group by universe
)

select *
from final
order by universe, valid_from
