/*
description: The first bar with a volume of each series of unadjusted prices.
grain: series_no
materialized: table
publish: false
sessions: [seq, forever]
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
*/
select
    series_no,
    min(seq) as seq
from intermediate.trade_starts
group by series_no
order by series_no
