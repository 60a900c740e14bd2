/*
description: >
  Symbols under which bars of a company are served that is served under another symbol on the same sessions: the later symbol before
  its change, the earlier one after it, and the bare spelling of a share class (BRKB beside BRK/B). Their closes agree.
grain: symbol x valid_from
materialized: table
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol that is served beside the company's own."}
  - {name: valid_from, type: DATE, unit: "", description: "First day on which it stands for the other company."}
  - {name: valid_to, type: DATE, unit: "", description: "First day after."}
  - {name: same_as, type: VARCHAR, unit: "", description: "The company's own symbol on these days."}
*/
with final as (
    select
        symbol,
        valid_from,
        valid_to,
        min(same_as) as same_as
    from intermediate.paired_closes
    group by symbol, valid_from, valid_to
    -- a week of sessions, nineteen in twenty within a tenth of a percent
    having count(*) >= 5 and count(*) filter (where misfit < 0.001) >= 0.95 * count(*)
)

select *
from final
order by symbol, valid_from
