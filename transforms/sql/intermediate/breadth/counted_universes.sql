/*
description: The universes that any stock was ever counted in.
grain: universe
materialized: table
publish: false
columns:
  - {name: universe, type: VARCHAR, unit: "", description: "Name of the universe."}
*/
with final as (
    select distinct universe
    from intermediate.universe_sums
)

select *
from final
order by universe
