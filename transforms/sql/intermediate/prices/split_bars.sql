/*
description: >
  The bars of the panel on which a split may begin to count: the first one from each given split on, and those that state another close of
  the session before than the last one.
grain: instrument_no x seq
materialized: table
publish: false
blocks: {by: seq, back: 8}
columns:
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: last_seq, type: INTEGER, unit: sessions, description: "Session of the bar before; null for the first."}
  - {name: series_no, type: BIGINT, unit: "", description: "Series of the bar."}
  - {name: is_raw, type: BOOLEAN, unit: "", description: "Prices are unadjusted, so that splits have to be allowed for."}
*/
with final as (
    select
        b.instrument_no,
        b.seq,
        b.last_seq,
        b.series_no,
        b.is_raw
    from intermediate.panel_bars as b
    semi join intermediate.given_splits as g
        on b.instrument_no = g.instrument_no and b.seq >= g.seq and coalesce(b.last_seq, -1) < g.seq
    union
    select
        b.instrument_no,
        b.seq,
        b.last_seq,
        b.series_no,
        b.is_raw
    from intermediate.panel_bars as b
    semi join intermediate.close_mismatches as c
        on b.series_no = c.series_no and b.seq = c.seq and c.numerator is not null
)

select *
from final
order by instrument_no, seq
