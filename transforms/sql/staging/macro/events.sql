/*
description: Speeches and policy events.
grain: event_id x source
materialized: view
publish: false
columns:
  - {name: event_id, type: VARCHAR, unit: "", description: "The publisher's identifier."}
  - {name: event_date, type: DATE, unit: "", description: "Day in New York."}
  - {name: event_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When."}
  - {name: kind, type: VARCHAR, unit: "", description: "What kind of event."}
  - {name: title, type: VARCHAR, unit: "", description: "Its title."}
  - {name: speaker, type: VARCHAR, unit: "", description: "Who speaks."}
  - {name: url, type: VARCHAR, unit: "", description: "Where it can be read."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row: an adapter's name or the name given on import."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When we learned it."}
*/
select
    event_id,
    event_date,
    event_at,
    kind,
    title,
    speaker,
    url,
    source,
    known_at
from lake.events
