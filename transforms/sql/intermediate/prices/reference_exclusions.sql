/*
description: >
  Sessions on which a bar of an index or ETF is there and is no part of what is shown for that session, with the reason. It depends on nothing
  later than the session.
grain: dataset x symbol x source x basis x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars or sector_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Index or ETF."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: rule, type: VARCHAR, unit: "", description: "frozen_session or unexplained_step."}
  - {name: reason, type: VARCHAR, unit: "", description: "In words."}
*/
with final as (
    select
        b.dataset,
        b.symbol,
        b.source,
        b.basis,
        b.seq,
        'frozen_session' as rule,
        'the source repeats an earlier session' as reason
    from intermediate.reference_bars as b
    inner join intermediate.frozen_sessions as f
        on b.dataset = f.dataset and b.symbol = f.symbol and b.source = f.source and b.basis = f.basis and b.seq = f.seq
    union all
    select
        dataset,
        symbol,
        source,
        basis,
        seq,
        'unexplained_step' as rule,
        printf(
            'nothing explains a %s of %.1f %% from the last good close',
            if(close > good_close, 'rise', 'fall'), 100 * abs(close / good_close - 1)
        ) as reason
    from intermediate.price_steps
    where dataset in ('index_bars', 'sector_bars')
)

select *
from final
order by dataset, symbol, source, basis, seq
