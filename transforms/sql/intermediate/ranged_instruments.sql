/*
description: Stocks whose chosen series has highs and lows; where none has, what needs them costs nothing.
grain: instrument_no
materialized: table
publish: false
columns:
  - {name: instrument_no, type: INTEGER, unit: "", description: "Number of the instrument in this build."}
*/
with final as (
    select distinct instrument_no
    from intermediate.panel_bars
    where high_e6 is not null and low_e6 is not null
)

select *
from final
order by instrument_no
