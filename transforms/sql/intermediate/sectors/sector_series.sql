/*
description: >
  Closes of ETFs on sessions that had ended, bad ticks and frozen sessions left out, by series (source and basis) and with the series' rank. Unadjusted prices are
  carried forward through the splits that a source gave; adjusted ones stay as they are.
grain: symbol x source x basis x seq
materialized: table
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: series_rank, type: BIGINT, unit: "", description: "Preference among the series of the dataset, 1 being the best."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: close, type: DOUBLE, unit: USD, description: "Last price of the session as given."}
  - {name: forward_close, type: DOUBLE, unit: USD, description: "The close times the shares that one share of the first session has become."}
  - {name: is_held_back, type: BOOLEAN, unit: "", description: "A step believed since the next bar: no part of what is shown for its own session."}
  - {name: is_broken, type: BOOLEAN, unit: "", description: "No return and no mean may cross into this session."}
*/
with series_ranks as (
    select
        source,
        basis,
        row_number() over (order by rank, source, basis) as series_rank
    from staging.series_rank
    where dataset = 'sector_bars'
),

final as (
    select
        b.symbol,
        b.source,
        b.basis,
        p.series_rank,
        b.seq,
        b.session_date,
        b.close,
        b.forward_close,
        b.is_held_back,
        b.is_broken
    from intermediate.reference_closes as b
    inner join series_ranks as p on b.source = p.source and b.basis = p.basis
    where b.dataset = 'sector_bars'
)

select *
from final
order by symbol, series_rank, seq
