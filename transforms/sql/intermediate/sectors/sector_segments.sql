/*
description: Closes of ETFs with the number of the segment between two seams or breaks of the series; no return and no mean crosses from segment to segment.
grain: symbol x source x basis x seq
materialized: table
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: series_rank, type: BIGINT, unit: "", description: "Preference among the series of the dataset, 1 being the best."}
  - {name: segment, type: BIGINT, unit: "", description: "Seams and breaks of the series up to the session."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: close, type: DOUBLE, unit: USD, description: "Last price of the session as given."}
  - {name: forward_close, type: DOUBLE, unit: USD, description: "The close times the shares that one share of the first session has become."}
  - {name: is_held_back, type: BOOLEAN, unit: "", description: "A step believed since the next bar: no part of what is shown for its own session."}
*/
with final as (
    select
        b.symbol,
        b.source,
        b.basis,
        b.series_rank,
        count(if(b.is_broken or s.seq is not null, 1, null)) over (
            partition by b.symbol, b.source, b.basis order by b.seq rows unbounded preceding
        ) as segment,
        b.seq,
        b.session_date,
        b.close,
        b.forward_close,
        b.is_held_back
    from intermediate.sector_series as b
    left join intermediate.series_seams as s on b.symbol = s.symbol and b.source = s.source and b.basis = s.basis and b.seq = s.seq
)

select *
from final
order by symbol, series_rank, seq
