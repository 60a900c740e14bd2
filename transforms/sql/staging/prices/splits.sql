/*
description: Share splits as given by a source; inferred ones stand in marts.splits.
grain: symbol x ex_date x source
materialized: view
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form (share class after a slash: BRK/B)."}
  - {name: ex_date, type: DATE, unit: "", description: "First session at the new share count."}
  - {name: numerator, type: BIGINT, unit: shares, description: "New shares."}
  - {name: denominator, type: BIGINT, unit: shares, description: "Old shares."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row: an adapter's name or the name given on import."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When we learned it."}
*/
select
    symbol,
    ex_date,
    numerator,
    denominator,
    source,
    known_at
from lake.splits
