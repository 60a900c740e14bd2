/*
description: >
  Advances and declines of each universe, session after session, with how many sessions were defined so far: what running sums and
  exponential means are made from. Sorted by universe and session.
grain: universe x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: universe, type: VARCHAR, unit: "", description: "Name of the universe."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: is_defined, type: BOOLEAN, unit: "", description: "Coverage reaches the gate."}
  - {name: place, type: BIGINT, unit: sessions, description: "Number of defined sessions of the universe so far."}
  - {name: passed_over, type: BIGINT, unit: sessions, description: "Undefined sessions since the first defined one."}
  - {name: advances, type: BIGINT, unit: stocks, description: "Closes above the previous close."}
  - {name: declines, type: BIGINT, unit: stocks, description: "Closes below the previous close."}
*/
with numbered_sessions as (
    select
        universe,
        seq,
        is_defined,
        advances,
        declines,
        -- a count with a filter costs three times as much in a window
        count(if(is_defined, 1, null)) over (partition by universe order by seq) as place,
        row_number() over (partition by universe order by seq) as ordinal
    from intermediate.breadth_sums
),

final as (
    select
        universe,
        seq,
        is_defined,
        place,
        case
            when place = 0 then 0
            else ordinal - place + 1 - min(ordinal) filter (where is_defined) over (partition by universe)
        end as passed_over,
        advances,
        declines
    from numbered_sessions
)

select *
from final
order by universe, seq
