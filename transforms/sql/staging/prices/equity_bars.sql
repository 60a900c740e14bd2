/*
description: >
  Daily bars of stocks with prices as whole millionths, so that sums and comparisons are exact: those of the sessions that a build reads.
grain: symbol x session_date x source x basis
materialized: view
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted: raw, split, or total_return."}
  - {name: high_e6, type: BIGINT, unit: "1e-6 USD", description: "Highest price; null where the vendor gives closes only."}
  - {name: low_e6, type: BIGINT, unit: "1e-6 USD", description: "Lowest price; null where the vendor gives closes only."}
  - {name: close_e6, type: BIGINT, unit: "1e-6 USD", description: "Last price."}
  - {name: previous_close_e6, type: BIGINT, unit: "1e-6 USD", description: "Close of the session before as the vendor states it."}
  - {name: volume, type: BIGINT, unit: shares, description: "Shares traded."}
  - {name: market_cap, type: DOUBLE, unit: USD, description: "Market capitalisation as stated; null where none or zero is."}
  - {name: is_final, type: BOOLEAN, unit: "", description: "False for a bar fetched before its session had closed."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When the row became known."}
*/
select
    symbol,
    session_date,
    source,
    basis,
    cast(round(high * 1000000) as bigint) as high_e6,
    cast(round(low * 1000000) as bigint) as low_e6,
    cast(round(close * 1000000) as bigint) as close_e6,
    cast(round(previous_close * 1000000) as bigint) as previous_close_e6,
    volume,
    nullif(market_cap, 0) as market_cap,
    is_final,
    known_at
from lake.equity_bars
