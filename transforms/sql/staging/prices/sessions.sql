/*
description: The sessions of the exchange calendar (XNYS), past and to come.
grain: session_date
materialized: view
publish: false
sessions: seq
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session, from 0 on."}
  - {name: close_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When the session ends."}
  - {name: is_early_close, type: BOOLEAN, unit: "", description: "True where it ends before 16:00 in New York."}
*/
select
    session_date,
    seq,
    close_at,
    is_early_close
from lake.sessions
