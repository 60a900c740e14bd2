/*
description: >
  Closes of indices and ETFs that figures may use: without frozen sessions and bad ticks. A step that was believed on the next bar counts since
  then, and is held back on its own session.
grain: dataset x symbol x source x basis x seq
materialized: table
publish: false
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars or sector_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Index or ETF."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: close, type: DOUBLE, unit: points or USD, description: "Close as given."}
  - {name: forward_close, type: DOUBLE, unit: points or USD, description: "The close times the shares that one share of the first session has become."}
  - {name: is_held_back, type: BOOLEAN, unit: "", description: "No part of what is shown for its own session."}
  - {name: is_broken, type: BOOLEAN, unit: "", description: "No return and no mean may cross into this session."}
*/
with final as (
    select
        b.dataset,
        b.symbol,
        b.source,
        b.basis,
        b.seq,
        b.session_date,
        b.close,
        b.forward_close,
        s.seq is not null as is_held_back,
        coalesce(s.verdict = 'break', false) or coalesce(b.split_piece <> lag(b.split_piece) over line, false) as is_broken
    from intermediate.reference_bars as b
    left join intermediate.price_steps as s
        on b.dataset = s.dataset and b.symbol = s.symbol and b.source = s.source and b.basis = s.basis and b.seq = s.seq
    anti join intermediate.frozen_sessions as f
        on b.dataset = f.dataset and b.source = f.source and b.basis = f.basis and b.seq = f.seq
    where s.verdict is null or s.verdict in ('true_move', 'break')
    window line as (partition by b.dataset, b.symbol, b.source, b.basis order by b.seq)
)

select *
from final
order by dataset, symbol, source, basis, seq
