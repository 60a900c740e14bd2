/*
description: Days from which the statistics of indices count a change, besides week, month, quarter and year; add a row for another.
grain: anchor_date
materialized: table
publish: false
columns:
  - {name: anchor_date, type: DATE, unit: "", description: "The day; its close counts, or that of the last session before it."}
  - {name: label, type: VARCHAR, unit: "", description: "What happened."}
  - {name: base_seq, type: INTEGER, unit: sessions, description: "Number of the session whose close counts."}
*/
with anchors as (
    select *
    from (
        values
        (date '2020-03-23', 'low of the pandemic'),
        (date '2024-11-05', 'election of the US president'),
        (date '2025-01-20', 'inauguration of the US president')
    ) as days (anchor_date, label)
),

final as (
    select
        l.anchor_date,
        l.label,
        s.seq as base_seq
    from anchors as l
    asof inner join staging.sessions as s on l.anchor_date >= s.session_date
)

select *
from final
order by anchor_date
