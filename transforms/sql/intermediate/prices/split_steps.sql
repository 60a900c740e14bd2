/*
description: >
  The steps of unadjusted closes within a week of a stated split, and that of its day: against these a split is held. The first bar of a series after
  it is listed too, without a step.
grain: series_no x seq
materialized: table
publish: false
blocks: {by: seq, back: 8, ahead: 8}
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Stable id of the instrument."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: rank, type: INTEGER, unit: "", description: "Preference of the series; lower is better."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: last_seq, type: INTEGER, unit: sessions, description: "Session of the bar before; null for the first."}
  - {name: step, type: DOUBLE, unit: "", description: "Close / close of the bar before; null for the first."}
*/
with close_steps as (
    select
        b.series_no,
        e.instrument_id as symbol,
        e.source,
        e.rank,
        b.seq,
        lag(b.seq) over line as last_seq,
        b.close_e6 / 1e6 / lag(b.close_e6 / 1e6) over line as step
    from intermediate.series_bars as b
    inner join intermediate.equity_series as e on b.series_no = e.series_no
    where b.is_raw and b.close_e6 > 0 and e.instrument_no in (select d.instrument_no from intermediate.split_statements as d)
    window line as (partition by b.series_no order by b.seq)
),

final as (
    select t.*
    from close_steps as t
    semi join intermediate.split_statements as d
        on
            d.dataset = 'equity_bars'
            and t.symbol = d.symbol
            and (
                (t.seq >= d.seq - 5 and t.seq <= d.last_stated_seq + 5)
                or (coalesce(t.last_seq, -1) < d.seq and t.seq >= d.seq)
            )
            and (t.last_seq is not null or t.seq >= d.seq)
)

select *
from final
order by series_no, seq
