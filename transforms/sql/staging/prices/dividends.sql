/*
description: Cash dividends.
grain: symbol x ex_date x source
materialized: view
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form (share class after a slash: BRK/B)."}
  - {name: ex_date, type: DATE, unit: "", description: "First session without the dividend."}
  - {name: amount_usd, type: DOUBLE, unit: USD, description: "Dividend a share."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row: an adapter's name or the name given on import."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When we learned it."}
*/
select
    symbol,
    ex_date,
    amount_usd,
    source,
    known_at
from lake.dividends
