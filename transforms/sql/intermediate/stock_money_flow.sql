/*
description: >
  Chaikin's money flow of each stock that is scored and has highs and lows: volume times where the close lies in the day's range, over
  volume, summed over a month of sessions. Streaming; a window with over 4 % of its sessions absent has none.
grain: seq x instrument_no
materialized: table
publish: false
columns:
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: instrument_no, type: INTEGER, unit: "", description: "Number of the instrument in this build."}
  - {name: cmf, type: DOUBLE, unit: "", description: "Money flow volume over volume, -1 to 1."}
invariants:
  - description: Money flow lies between -1 and 1.
    sql: select * from intermediate.stock_money_flow where cmf not between -1 and 1
*/
with known as (
    select distinct instrument_no
    from intermediate.scored_panel
    where multiplier_e9 is not null
),

-- volume in the first session's shares, in thousandths, so that a split within the window weighs nothing
flows as (
    select
        p.instrument_no,
        p.seq,
        p.age,
        p.is_scored,
        if(
            p.multiplier_e9 is null or p.volume is null or p.close_e6 is null,
            null,
            cast(round(p.volume * 1000.0 * p.close_e6 / p.forward_close) as hugeint)
        ) as v,
        p.multiplier_e9
    from intermediate.scored_panel as p
    semi join known as k on p.instrument_no = k.instrument_no
),

sums as (
    select
        instrument_no,
        seq,
        age,
        is_scored,
        v,
        count(v) over line as present,
        sum(v) over line as volume,
        sum(v * multiplier_e9) over line as flow
    from flows
    -- the linter's grammar has no calculation in a frame
    window line as (partition by instrument_no order by seq range between $cmf_window - 1 preceding and current row) -- noqa: PRS
),

final as (
    select
        seq,
        instrument_no,
        cast(flow as double) / cast(volume as double) / 1e9 as cmf
    from sums
    where
        v is not null
        and is_scored
        and volume > 0
        and age >= $cmf_window
        and $cmf_window - present <= greatest(1, floor(0.04 * $cmf_window))
)

select *
from final
order by seq, instrument_no
