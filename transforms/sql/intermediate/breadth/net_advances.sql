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
with first_sessions as (
    select
        universe,
        min(seq) as first_seq,
        min(if(is_defined, seq, null)) as first_defined_seq
    from intermediate.breadth_sums
    group by universe
),

numbered_sessions as (
    select
        universe,
        seq,
        is_defined,
        -- among the defined ones, or among the others: a running count takes four times as long
        row_number() over (partition by universe, is_defined order by seq) as number_of_kind,
        advances,
        declines
    from intermediate.breadth_sums
),

-- each universe has a row for every session
counted_sessions as (
    select
        n.*,
        if(n.is_defined, n.number_of_kind, n.seq - f.first_seq + 1 - n.number_of_kind) as place,
        n.seq - f.first_defined_seq + 1 as sessions_since_first
    from numbered_sessions as n
    inner join first_sessions as f on n.universe = f.universe
),

final as (
    select
        universe,
        seq,
        is_defined,
        place,
        if(place = 0, 0, sessions_since_first - place) as passed_over,
        advances,
        declines
    from counted_sessions
)

select *
from final
order by universe, seq
