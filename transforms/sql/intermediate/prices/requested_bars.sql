/*
description: >
  Bars of stocks of the sessions that intermediate.requested_sessions names, and when each was first known as final; without a close where
  it was withdrawn since.
grain: symbol x session_date x source x basis
materialized: table
publish: false
blocks: {by: session_date, back: 0}
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted: raw, split, or total_return."}
  - {name: close_e6, type: BIGINT, unit: "1e-6 USD", description: "Last price; null where the bar was withdrawn."}
  - {name: is_final, type: BOOLEAN, unit: "", description: "False for a bar fetched before its session had closed; null where it was withdrawn."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When the row became known; null where it was withdrawn."}
  - {name: final_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When the first final row of it became known; null where none is."}
*/
with requested_days as (
    select
        r.symbol,
        s.session_date
    from intermediate.requested_sessions as r
    inner join staging.sessions as s on r.seq = s.seq
),

past_facts as (
    select
        h.symbol,
        h.session_date,
        h.source,
        h.basis,
        min(h.known_at) as final_at
    from staging.equity_bars_history as h
    semi join requested_days as r on h.symbol = r.symbol and h.session_date = r.session_date
    where h.is_final and not h.is_withdrawn
    group by h.symbol, h.session_date, h.source, h.basis
),

present_bars as (
    select b.*
    from staging.equity_bars_of_block as b
    semi join requested_days as r on b.symbol = r.symbol and b.session_date = r.session_date
),

final as (
    select
        coalesce(b.symbol, h.symbol) as symbol,
        coalesce(b.session_date, h.session_date) as session_date,
        coalesce(b.source, h.source) as source,
        coalesce(b.basis, h.basis) as basis,
        b.close_e6,
        b.is_final,
        b.known_at,
        -- least() passes over nulls
        least(if(b.is_final, b.known_at, null), h.final_at) as final_at
    from present_bars as b
    full join past_facts as h
        on b.symbol = h.symbol and b.session_date = h.session_date and b.source = h.source and b.basis = h.basis
)

select *
from final
