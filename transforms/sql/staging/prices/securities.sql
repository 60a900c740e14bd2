/*
description: What a symbol was called, where listed and how classified, for an interval of time.
grain: symbol x first_seen x source
materialized: table
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form (share class after a slash: BRK/B)."}
  - {name: first_seen, type: DATE, unit: "", description: "First day on which the source showed this description."}
  - {name: last_seen, type: DATE, unit: "", description: "Last day on which the source showed this description."}
  - {name: name, type: VARCHAR, unit: "", description: "Name of the security."}
  - {name: exchange, type: VARCHAR, unit: "", description: "Listing exchange."}
  - {name: country, type: VARCHAR, unit: "", description: "Country of the issuer."}
  - {name: ipo_year, type: BIGINT, unit: "", description: "Year of the first listing."}
  - {name: industry, type: VARCHAR, unit: "", description: "Industry in the source's taxonomy."}
  - {name: sector, type: VARCHAR, unit: "", description: "Sector in the source's taxonomy."}
  - {name: taxonomy, type: VARCHAR, unit: "", description: "Whose sectors these are."}
  - {name: shares_outstanding, type: DOUBLE, unit: shares, description: "Shares outstanding."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row: an adapter's name or the name given on import."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When we learned it."}
*/
select
    symbol,
    first_seen,
    last_seen,
    name,
    exchange,
    country,
    ipo_year,
    industry,
    sector,
    taxonomy,
    shares_outstanding,
    source,
    known_at
from lake.securities
