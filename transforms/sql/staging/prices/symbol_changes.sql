/*
description: One company, a new symbol.
grain: from_symbol x change_date x source
materialized: view
publish: false
columns:
  - {name: from_symbol, type: VARCHAR, unit: "", description: "Symbol before."}
  - {name: to_symbol, type: VARCHAR, unit: "", description: "Symbol after."}
  - {name: change_date, type: DATE, unit: "", description: "First session under the new symbol."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row: an adapter's name or the name given on import."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When we learned it."}
*/
select
    from_symbol,
    to_symbol,
    change_date,
    source,
    known_at
from lake.symbol_changes
