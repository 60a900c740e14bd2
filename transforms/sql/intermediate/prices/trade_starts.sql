/*
description: >
  The first bar with a volume in each block of sessions, of each series of unadjusted prices. Adjusted volumes round to nil where reverse
  splits follow each other, and old series have none at all.
grain: series_no x seq
materialized: table
publish: false
blocks: {by: seq, back: 0}
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
*/
select
    series_no,
    min(seq) as seq
from intermediate.series_bars
where volume > 0 and is_raw
group by series_no, seq // $block_sessions
order by series_no, seq
