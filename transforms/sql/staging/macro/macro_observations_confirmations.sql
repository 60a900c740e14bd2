/*
description: Which payloads gave an observation again that was known, with the same value.
grain: series_id x period_date x vintage x source x known_at x payload_sha256
materialized: view
publish: false
columns:
  - {name: series_id, type: VARCHAR, unit: "", description: "Name of the series at its publisher."}
  - {name: period_date, type: DATE, unit: "", description: "Day of the observation, or first day of its period."}
  - {name: vintage, type: VARCHAR, unit: "", description: "'latest', or the day (YYYY-MM-DD) whose state of knowledge it is."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row: an adapter's name or the name given on import."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When we learned it."}
  - {name: payload_sha256, type: VARCHAR, unit: "", description: "SHA-256 of the stored bytes that the row was parsed from."}
*/
select
    series_id,
    period_date,
    vintage,
    source,
    known_at,
    payload_sha256
from lake.macro_observations_confirmations
