/*
description: >
  All facts, withdrawals too, of the bars of stocks of which more than one fact is known, or that were withdrawn: of the sessions of
  the blocks that the model which reads it is made of.
grain: symbol x session_date x source x basis x known_at x payload_sha256
materialized: view
publish: false
sessions: session_date
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
select
    symbol,
    session_date,
    source,
    basis,
    open,
    high,
    low,
    close,
    is_final,
    is_withdrawn,
    known_at,
    payload_sha256
from lake.equity_bars_history
