/*
description: Reported figures of companies, by period and filing.
grain: symbol x concept x period_start x period_end x accession x source
materialized: view
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form (share class after a slash: BRK/B)."}
  - {name: concept, type: VARCHAR, unit: "", description: "What is reported."}
  - {name: period_start, type: DATE, unit: "", description: "First day of the period."}
  - {name: period_end, type: DATE, unit: "", description: "Last day of the period."}
  - {name: accession, type: VARCHAR, unit: "", description: "The filing; '' where the source names none."}
  - {name: value, type: DOUBLE, unit: "see `unit`", description: "As reported."}
  - {name: unit, type: VARCHAR, unit: "", description: "USD, USD/shares or shares."}
  - {name: form, type: VARCHAR, unit: "", description: "Form of the filing."}
  - {name: filed_date, type: DATE, unit: "", description: "Day of the filing."}
  - {name: is_filed_assumed, type: BOOLEAN, unit: "", description: "True where available_at is the period's end + 90 days."}
  - {name: available_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When it became public."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row: an adapter's name or the name given on import."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When we learned it."}
*/
select
    symbol,
    concept,
    period_start,
    period_end,
    accession,
    value,
    unit,
    form,
    filed_date,
    is_filed_assumed,
    available_at,
    source,
    known_at
from lake.fundamentals
