/*
description: Daily bars of sector, size and style ETFs, as the vendors gave them.
grain: symbol x session_date x source x basis
materialized: table
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted: raw, split, or total_return."}
  - {name: open, type: DOUBLE, unit: USD, description: "First price; null where the vendor gives closes only."}
  - {name: high, type: DOUBLE, unit: USD, description: "Highest price; null where the vendor gives closes only."}
  - {name: low, type: DOUBLE, unit: USD, description: "Lowest price; null where the vendor gives closes only."}
  - {name: close, type: DOUBLE, unit: USD, description: "Last price of the session."}
  - {name: volume, type: BIGINT, unit: shares, description: "Shares traded."}
  - {name: is_final, type: BOOLEAN, unit: "", description: "False for a bar fetched before its session had closed."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When the row became known."}
*/
-- a table, for as a view each of its readers would open the files of all years again
select
    symbol,
    session_date,
    source,
    basis,
    open,
    high,
    low,
    close,
    volume,
    is_final,
    known_at
from lake.sector_bars
