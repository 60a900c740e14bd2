/*
description: >
  All facts, withdrawals too, of the bars of stocks of which a price was changed, or which were withdrawn or given as final later. Bars of
  which other values alone were given anew, such as the volume of the evening, are not among them: those are most.
grain: symbol x session_date x source x basis x known_at x payload_sha256
materialized: table
publish: false
blocks: {by: session_date, back: 0}
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form (share class after a slash: BRK/B)."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row: an adapter's name or the name given on import."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted: raw, split, or total_return."}
  - {name: open, type: DOUBLE, unit: USD, description: "First price; null where the vendor gives closes only."}
  - {name: high, type: DOUBLE, unit: USD, description: "Highest price; null where the vendor gives closes only."}
  - {name: low, type: DOUBLE, unit: USD, description: "Lowest price; null where the vendor gives closes only."}
  - {name: close, type: DOUBLE, unit: USD, description: "Last price of the session."}
  - {name: is_final, type: BOOLEAN, unit: "", description: "False for a bar fetched before its session had closed."}
  - {name: is_withdrawn, type: BOOLEAN, unit: "", description: "True where the fact takes an earlier row of the same key back."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When we learned it."}
  - {name: payload_sha256, type: VARCHAR, unit: "", description: "SHA-256 of the stored bytes that the row was parsed from."}
*/
with changed_bars as (
    select
        h.symbol,
        h.session_date,
        h.source,
        h.basis
    from staging.equity_bars_history as h
    -- a bar of another day, which a change of the calendar may leave behind, is in no block
    semi join staging.sessions as s on h.session_date = s.session_date
    group by h.symbol, h.session_date, h.source, h.basis
    -- a hash for each fact, for nulls count as values: a change goes unnoticed once in 2**64
    having
        min(hash(h.open, h.high, h.low, h.close, h.is_final, h.is_withdrawn))
        < max(hash(h.open, h.high, h.low, h.close, h.is_final, h.is_withdrawn))
),

final as (
    select
        h.symbol,
        h.session_date,
        h.source,
        h.basis,
        h.open,
        h.high,
        h.low,
        h.close,
        h.is_final,
        h.is_withdrawn,
        h.known_at,
        h.payload_sha256
    from staging.equity_bars_history as h
    semi join changed_bars as c
        on h.symbol = c.symbol and h.session_date = c.session_date and h.source = c.source and h.basis = c.basis
)

select *
from final
