/*
description: For each session and each window of return, the session whose close is the base.
grain: seq x window_name
materialized: table
publish: false
sessions: seq
columns:
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: window_name, type: VARCHAR, unit: "", description: "1d, 5d, 21d, 63d, 126d, 252d, wtd, mtd, qtd or ytd."}
  - {name: base_seq, type: INTEGER, unit: sessions, description: "Session of the base; a window that would begin before the calendar has no row."}
invariants:
  - description: The base lies before the session.
    sql: select * from intermediate.return_windows where base_seq >= seq
*/
with sessions_before_periods as (
    select
        seq,
        min(seq) over (partition by date_trunc('week', session_date)) - 1 as wtd,
        min(seq) over (partition by date_trunc('month', session_date)) - 1 as mtd,
        min(seq) over (partition by date_trunc('quarter', session_date)) - 1 as qtd,
        min(seq) over (partition by date_trunc('year', session_date)) - 1 as ytd
    from staging.sessions
),

-- a session, a week, a month, a quarter, half a year and a year of trading
window_lengths as (
    select *
    from (values ('1d', 1), ('5d', 5), ('21d', 21), ('63d', 63), ('126d', 126), ('252d', 252)) as listed (window_name, n)
),

final as (
    select
        c.seq,
        w.window_name,
        c.seq - w.n as base_seq
    from sessions_before_periods as c
    cross join window_lengths as w
    where c.seq >= w.n
    union all
    select
        seq,
        window_name,
        base_seq
    from sessions_before_periods
    unpivot (base_seq for window_name in (wtd, mtd, qtd, ytd))
    where base_seq >= 0
)

select *
from final
