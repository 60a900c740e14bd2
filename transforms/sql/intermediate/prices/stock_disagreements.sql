/*
description: Closes of stocks on which two sources disagree, each against the source with the best rank; prices that count dividends are not compared.
grain: symbol x session_date x basis x other_source
materialized: table
publish: false
blocks: {by: session_date, back: 0}
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: source, type: VARCHAR, unit: "", description: "The source with the best rank."}
  - {name: close, type: DOUBLE, unit: USD, description: "Its close."}
  - {name: other_source, type: VARCHAR, unit: "", description: "The source that disagrees."}
  - {name: other_close, type: DOUBLE, unit: USD, description: "Its close."}
  - {name: difference_pct, type: DOUBLE, unit: percent, description: "100 (other close / close - 1)."}
*/
with shared_symbols as (
    select
        symbol,
        basis
    from intermediate.bar_spans
    where basis <> 'total_return'
    group by symbol, basis
    having min(source) <> max(source)
),

close_comparisons as (
    select
        b.symbol,
        b.session_date,
        b.basis,
        first_value(b.source) over day as source,
        first_value(b.close_e6 / 1000000) over day as close,
        b.source as other_source,
        b.close_e6 / 1000000 as other_close
    from staging.equity_bars_of_block as b
    inner join staging.sessions as s on b.session_date = s.session_date
    inner join shared_symbols as h on b.symbol = h.symbol and b.basis = h.basis
    inner join staging.series_rank as r on r.dataset = 'equity_bars' and b.source = r.source and b.basis = r.basis
    where b.is_final
    window day as (partition by b.symbol, b.session_date, b.basis order by r.rank, b.source)
),

final as (
    select
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
)

select *
from final
