/*
description: >
  Closes of indices on sessions that had ended, bad ticks and frozen sessions left out, by series (source and basis) and with the series' rank; what a series lost is
  filled where another one proves it.
grain: index_id x source x basis x seq
materialized: table
publish: false
columns:
  - {name: index_id, type: VARCHAR, unit: "", description: "Id of the index."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How values are adjusted."}
  - {name: series_rank, type: BIGINT, unit: "", description: "Preference among the series of the dataset, 1 being the best."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: close, type: DOUBLE, unit: points, description: "Last value of the session."}
  - {name: is_held_back, type: BOOLEAN, unit: "", description: "A step believed since the next bar: no part of what is shown for its own session."}
*/
with series_ranks as (
    select
        source,
        basis,
        row_number() over (order by rank, source, basis) as series_rank
    from staging.series_rank
    where dataset = 'index_bars'
),

final as (
    select
        b.symbol as index_id,
        b.source,
        b.basis,
        p.series_rank,
        b.seq,
        b.session_date,
        b.close,
        b.is_held_back
    from intermediate.reference_closes as b
    inner join series_ranks as p on b.source = p.source and b.basis = p.basis
    where b.dataset = 'index_bars'
    union all
    select
        f.symbol as index_id,
        f.source,
        f.basis,
        p.series_rank,
        f.seq,
        f.session_date,
        f.close,
        false as is_held_back
    from intermediate.bar_fills as f
    inner join series_ranks as p on f.source = p.source and f.basis = p.basis
    where f.dataset = 'index_bars'
)

select *
from final
order by index_id, series_rank, seq
