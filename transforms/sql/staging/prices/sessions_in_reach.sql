/*
description: >
  The sessions whose bars this build reads: all, or those of the blocks that it makes with what these look back and ahead to. Tables whose
  header says `blocks: {kept: false}` hold the rows of these sessions alone.
grain: session_date
materialized: view
publish: false
sessions: seq
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session, from 0 on."}
*/
select
    session_date,
    seq
from lake.sessions_in_reach
