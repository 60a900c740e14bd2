/*
description: Economic and financial time series.
grain: series_id x period_date x vintage x source
materialized: view
publish: false
columns:
  - {name: series_id, type: VARCHAR, unit: "", description: "Name of the series at its publisher."}
  - {name: period_date, type: DATE, unit: "", description: "Day of the observation, or first day of its period."}
  - {name: vintage, type: VARCHAR, unit: "", description: "'latest', or the day (YYYY-MM-DD) whose state of knowledge it is."}
  - {name: value, type: DOUBLE, unit: the series' own, description: "The observation; null where the publisher says that there is none."}
  - {name: available_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When it became public, where the source says."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row: an adapter's name or the name given on import."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When we learned it."}
  - {name: payload_sha256, type: VARCHAR, unit: "", description: "SHA-256 of the stored bytes that the row was parsed from."}
*/
select
    series_id,
    period_date,
    vintage,
    value,
    available_at,
    source,
    known_at,
    payload_sha256
from lake.macro_observations
