/*
description: >
  Closes on which two sources disagree by more than the tolerance of fills: each source against the best ranked one that has
  the session. Both rows stay as they are. Series that are adjusted for dividends are not compared: their level depends on
  the day on which they were fetched.
grain: dataset x symbol x session_date x basis x other_source
materialized: table
publish: false
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars, sector_bars or equity_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Index, ETF or stock."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: basis, type: VARCHAR, unit: "", description: "How both series are adjusted."}
  - {name: source, type: VARCHAR, unit: "", description: "The better ranked source."}
  - {name: close, type: DOUBLE, unit: points or USD, description: "Its close."}
  - {name: other_source, type: VARCHAR, unit: "", description: "The other source."}
  - {name: other_close, type: DOUBLE, unit: points or USD, description: "Its close."}
  - {name: difference_pct, type: DOUBLE, unit: percent, description: "100 (other close / close - 1)."}
*/
with comparable_bars as (
    select
        'index_bars' as dataset,
        index_id as symbol,
        session_date,
        source,
        basis,
        close
    from staging.index_bars
    where is_final and basis <> 'total_return'
    union all
    select
        'sector_bars' as dataset,
        symbol,
        session_date,
        source,
        basis,
        close
    from staging.sector_bars
    where is_final and basis <> 'total_return'
),

close_comparisons as (
    select
        b.dataset,
        b.symbol,
        b.session_date,
        b.basis,
        first_value(b.source) over day as source,
        first_value(b.close) over day as close,
        b.source as other_source,
        b.close as other_close
    from comparable_bars as b
    inner join staging.series_rank as r on b.dataset = r.dataset and b.source = r.source and b.basis = r.basis
    window day as (partition by b.dataset, b.symbol, b.session_date, b.basis order by r.rank, b.source)
),

final as (
    select
        dataset,
        symbol,
        session_date,
        basis,
        source,
        close,
        other_source,
        other_close,
        100 * (other_close / nullif(close, 0) - 1) as difference_pct
    from close_comparisons
    where other_source <> source and abs(other_close - close) > close * $fill_tolerance_pct / 100
    union all
    select
        'equity_bars' as dataset,
        symbol,
        session_date,
        basis,
        source,
        close,
        other_source,
        other_close,
        difference_pct
    from intermediate.stock_disagreements
)

select *
from final
order by dataset, session_date, symbol, basis, other_source
