/*
description: Which payloads gave a bar of a sector, size or style ETF again that was known, with the same values.
grain: symbol x session_date x source x basis x known_at x payload_sha256
materialized: view
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form (share class after a slash: BRK/B)."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row: an adapter's name or the name given on import."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted: raw, split, or total_return."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When it was given again."}
  - {name: payload_sha256, type: VARCHAR, unit: "", description: "SHA-256 of the stored bytes that the row was parsed from."}
*/
select
    symbol,
    session_date,
    source,
    basis,
    known_at,
    payload_sha256
from lake.sector_bars_confirmations
