/*
description: >
  The series of the macro panel: when an observation of each is public where no date of publication is given, and how old it may get
  before it says nothing about the session any more.
grain: series_id
materialized: table
publish: false
columns:
  - {name: series_id, type: VARCHAR, unit: "", description: "Name of the series at FRED or the New York Fed."}
  - {name: item, type: VARCHAR, unit: "", description: "What it stands for in the panel."}
  - {name: item_rank, type: INTEGER, unit: "", description: "Preference among the series of an item, 1 being the best."}
  - {name: lag_days, type: INTEGER, unit: days, description: "Days from the observation's date to its release; null: undated without a vintage."}
  - {name: max_age_days, type: INTEGER, unit: days, description: "An observation older than this counts as absent."}
  - {name: release_rule, type: VARCHAR, unit: "", description: "Where the lag comes from."}
*/
with final as (
    select
        series_id,
        item,
        cast(item_rank as integer) as item_rank,
        cast(lag_days as integer) as lag_days,
        cast(max_age_days as integer) as max_age_days,
        release_rule
    from (
        values
        ('DFEDTARL', 'target_low', 1, 0, 10, 'announced at 14:00 the day before it applies'),
        ('DFEDTARU', 'target_high', 1, 0, 10, 'announced at 14:00 the day before it applies'),
        ('EFFR', 'effective', 1, 1, 10, 'New York Fed, 09:00 on the next business day'),
        ('DFF', 'effective', 2, 1, 10, 'the same rate at FRED'),
        ('DGS2', 'yield_2y', 1, 1, 10, 'H.15, next business day'),
        ('DGS10', 'yield_10y', 1, 1, 10, 'H.15, next business day'),
        ('WALCL', 'assets', 1, 2, 21, 'H.4.1, Thursday 16:30, after the close: known on Friday'),
        ('GDPC1', 'gdp', 1, 121, 240, 'advance estimate about a month after the quarter ends; dated by its first day'),
        ('FEDTARMD', 'rate_projection', 1, null, 400, 'projections of the FOMC, only with a vintage or a date of publication'),
        ('GDPC1MD', 'gdp_projection', 1, null, 400, 'projections of the FOMC, only with a vintage or a date of publication')
    ) as listed (series_id, item, item_rank, lag_days, max_age_days, release_rule)
)

select *
from final
order by series_id
