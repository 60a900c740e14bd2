/*
description: Analysts' ratings.
grain: symbol x firm x rated_at x source
materialized: view
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form (share class after a slash: BRK/B)."}
  - {name: rated_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When it was published; midnight UTC of the day where only the day is known."}
  - {name: rating_date, type: DATE, unit: "", description: "Day of publication in New York."}
  - {name: firm, type: VARCHAR, unit: "", description: "Who rates."}
  - {name: to_grade, type: VARCHAR, unit: "", description: "Grade in the firm's words; null where only a target was published."}
  - {name: from_grade, type: VARCHAR, unit: "", description: "Grade before, where given."}
  - {name: action, type: VARCHAR, unit: "", description: "As the vendor gives it."}
  - {name: price_target_usd, type: DOUBLE, unit: USD, description: "Price target."}
  - {name: available_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When it became public."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row: an adapter's name or the name given on import."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When we learned it."}
*/
select
    symbol,
    rated_at,
    rating_date,
    firm,
    to_grade,
    from_grade,
    action,
    price_target_usd,
    available_at,
    source,
    known_at
from lake.rating_actions
