/*
description: All facts, withdrawals too, of the bars of indices of which more than one fact is known; those of basis raw, for an older release took adjusted ones too, which are no price returns.
grain: index_id x session_date x source x basis x known_at x payload_sha256
materialized: view
publish: false
columns:
  - {name: index_id, type: VARCHAR, unit: "", description: "Id of the index: SPX, COMP, DJI, RUT, NDX ..."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row: an adapter's name or the name given on import."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted: raw, split, or total_return."}
  - {name: open, type: DOUBLE, unit: points, description: "First price; null where the vendor gives closes only."}
  - {name: high, type: DOUBLE, unit: points, description: "Highest price; null where the vendor gives closes only."}
  - {name: low, type: DOUBLE, unit: points, description: "Lowest price; null where the vendor gives closes only."}
  - {name: close, type: DOUBLE, unit: points, description: "Last price of the session."}
  - {name: is_final, type: BOOLEAN, unit: "", description: "False for a bar fetched before its session had closed."}
  - {name: is_withdrawn, type: BOOLEAN, unit: "", description: "True where the fact takes an earlier row of the same key back."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When we learned it."}
  - {name: payload_sha256, type: VARCHAR, unit: "", description: "SHA-256 of the stored bytes that the row was parsed from."}
*/
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
    is_withdrawn,
    known_at,
    payload_sha256
from lake.index_bars_history
where basis = 'raw'
