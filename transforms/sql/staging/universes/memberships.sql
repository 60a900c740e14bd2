/*
description: Who belongs to a universe, as told by intervals, by changes, or by the list of one day.
grain: universe x symbol x kind x effective_date x source
materialized: view
publish: false
columns:
  - {name: universe, type: VARCHAR, unit: "", description: "Universe, such as sp500 or russell2000."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form (share class after a slash: BRK/B)."}
  - {name: kind, type: VARCHAR, unit: "", description: "What the row says."}
  - {name: effective_date, type: DATE, unit: "", description: "First day in the universe, day of the change, or day of the list."}
  - {name: end_date, type: DATE, unit: "", description: "First day outside; null while a member, and for other kinds."}
  - {name: name, type: VARCHAR, unit: "", description: "Name as the list gives it."}
  - {name: sector, type: VARCHAR, unit: "", description: "GICS sector as the list gives it."}
  - {name: weight_pct, type: DOUBLE, unit: percent, description: "Weight in the list."}
  - {name: quantity, type: DOUBLE, unit: shares, description: "Shares held by the fund."}
  - {name: price, type: DOUBLE, unit: USD, description: "Price as the list gives it."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row: an adapter's name or the name given on import."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When we learned it."}
*/
select
    universe,
    symbol,
    kind,
    effective_date,
    end_date,
    name,
    sector,
    weight_pct,
    quantity,
    price,
    source,
    known_at
from lake.memberships
