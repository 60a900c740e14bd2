/*
description: Which series of bars is preferred where several have the same instrument and session.
grain: dataset x source x basis
materialized: view
publish: false
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars, sector_bars or equity_bars."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted: raw, split, or total_return."}
  - {name: rank, type: INTEGER, unit: "", description: "1 is the best: the settings' order, then all other series by name."}
*/
select
    dataset,
    source,
    basis,
    rank
from lake.series_rank
