/*
description: How many bars of the stock panel each session has, and how many of them a rule sets aside.
grain: seq
materialized: table
publish: false
blocks: {by: seq, back: 0}
columns:
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: bars, type: BIGINT, unit: bars, description: "Final bars that the vendor gave for this session."}
  - {name: frozen, type: BIGINT, unit: bars, description: "Bars beside these that repeat the session before, where the feed stood still."}
  - {name: set_aside, type: BIGINT, unit: bars, description: "Bars of these that hold another session's values."}
  - {name: stocks, type: BIGINT, unit: stocks, description: "Common stocks and REITs with a bar."}
  - {name: steps, type: BIGINT, unit: stocks, description: "Stocks of these that are set aside for a step that nothing explains."}
*/
with bars_with_rules as (
    select
        b.instrument_no,
        b.seq,
        x.rule
    from intermediate.panel_bars as b
    left join intermediate.excluded_bars as x on b.series_no = x.series_no and b.seq = x.seq
),

final as (
    select
        j.seq,
        -- what repeats the session before is no bar of this one
        count(if(j.rule is distinct from 'frozen_session', 1, null)) as bars,
        count(if(j.rule = 'frozen_session', 1, null)) as frozen,
        count(if(j.rule = 'mixed_session', 1, null)) as set_aside,
        count(if(e.is_stock, 1, null)) as stocks,
        count(if(e.is_stock and j.rule = 'unexplained_step', 1, null)) as steps
    from bars_with_rules as j
    inner join intermediate.equity_series as e on j.instrument_no = e.instrument_no and e.is_best
    group by j.seq
)

select *
from final
order by seq
