/*
description: Bars of stocks of which intermediate.requested_sessions says that they are wanted, and since when each is known as final.
grain: symbol x session_date x source x basis
materialized: table
publish: false
blocks: {by: session_date, back: 0}
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted: raw, split, or total_return."}
  - {name: close_e6, type: BIGINT, unit: "1e-6 USD", description: "Last price."}
  - {name: is_final, type: BOOLEAN, unit: "", description: "False for a bar fetched before its session had closed."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When the row became known."}
  - {name: final_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When the first final row of it became known; null where none is."}
*/
with past_facts as (
    select
        symbol,
        session_date,
        source,
        basis,
        min(known_at) as known_at
    from staging.equity_bars_history
    where is_final and not is_withdrawn
    group by symbol, session_date, source, basis
),

final as (
    select
        b.symbol,
        b.session_date,
        b.source,
        b.basis,
        b.close_e6,
        b.is_final,
        b.known_at,
        -- least() passes over nulls
        least(if(b.is_final, b.known_at, null), h.known_at) as final_at
    from staging.equity_bars_of_block as b
    inner join staging.sessions as s on b.session_date = s.session_date
    inner join intermediate.requested_sessions as a on b.symbol = a.symbol and s.seq = a.seq
    left join past_facts as h
        on b.symbol = h.symbol and b.session_date = h.session_date and b.source = h.source and b.basis = h.basis
)

select *
from final
