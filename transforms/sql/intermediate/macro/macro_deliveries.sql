/*
description: >
  Which payload gave which value of a series: two values are of one release where one payload gave both. A payload that gives again
  what is known is no new fact and is found among the confirmations.
grain: series_id x period_date x vintage x source x payload_sha256 x known_at
materialized: view
publish: false
columns:
  - {name: series_id, type: VARCHAR, unit: "", description: "Name of the series at its publisher."}
  - {name: period_date, type: DATE, unit: "", description: "Day of the observation, or first day of its period."}
  - {name: vintage, type: VARCHAR, unit: "", description: "'latest', or the day (YYYY-MM-DD) whose state of knowledge it is."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row."}
  - {name: payload_sha256, type: VARCHAR, unit: "", description: "SHA-256 of the bytes that gave it."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When we learned it."}
  - {name: value, type: DOUBLE, unit: the series' own, description: "The observation; null where the publisher says that there is none."}
*/
with delivered_values as (
    select
        series_id,
        period_date,
        vintage,
        source,
        payload_sha256,
        known_at,
        value
    from staging.macro_observations
    union
    select
        series_id,
        period_date,
        vintage,
        source,
        payload_sha256,
        known_at,
        value
    from staging.macro_observations_history
    where not is_withdrawn
),

final as (
    select *
    from delivered_values
    union all
    select
        c.series_id,
        c.period_date,
        c.vintage,
        c.source,
        c.payload_sha256,
        c.known_at,
        w.value
    from staging.macro_observations_confirmations as c
    asof inner join delivered_values as w
        on
            c.series_id = w.series_id
            and c.period_date = w.period_date
            and c.vintage = w.vintage
            and c.source = w.source
            and c.known_at >= w.known_at
)

select *
from final
