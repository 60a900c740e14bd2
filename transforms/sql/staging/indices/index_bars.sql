/*
description: Daily bars of indices, as the vendors gave them; those of basis raw, for an older release took adjusted ones too, which are no price returns.
grain: symbol x session_date x source x basis
materialized: table
publish: false
columns:
  - {name: index_id, type: VARCHAR, unit: "", description: "Id of the index: SPX, COMP, DJI, RUT, NDX ..."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row."}
  - {name: basis, type: VARCHAR, unit: "", description: "How values are adjusted: raw for a price index."}
  - {name: open, type: DOUBLE, unit: points, description: "First value; null where the vendor gives closes only."}
  - {name: high, type: DOUBLE, unit: points, description: "Highest value; null where the vendor gives closes only."}
  - {name: low, type: DOUBLE, unit: points, description: "Lowest value; null where the vendor gives closes only."}
  - {name: close, type: DOUBLE, unit: points, description: "Last value of the session."}
  - {name: is_final, type: BOOLEAN, unit: "", description: "False for a bar fetched before its session had closed."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When the row became known."}
*/
-- a table, for as a view each of its readers would open the files of all years again
select
    symbol as index_id,
    session_date,
    source,
    basis,
    open,
    high,
    low,
    close,
    is_final,
    known_at
from lake.index_bars
where basis = 'raw'
