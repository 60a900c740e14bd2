/*
description: >
  Adjusted price series of stocks of which later payloads changed a close, with each symbol that the stock had: a bar of any of its names is
  one of the series.
grain: series_no x symbol x valid_from
materialized: table
publish: false
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted: split, or total_return."}
  - {name: valid_from, type: DATE, unit: "", description: "First day on which the symbol named the stock."}
  - {name: valid_to, type: DATE, unit: "", description: "First day after the last; 9999-12-31 where it still does."}
*/
with restated_instruments as (
    select distinct
        i.instrument_id,
        r.source,
        r.basis
    from intermediate.restated_bars as r
    inner join intermediate.symbol_spans as i on r.symbol = i.symbol
    where r.dataset = 'equity_bars' and r.basis <> 'raw'
),

final as (
    select
        e.series_no,
        e.instrument_no,
        i.symbol,
        e.source,
        e.basis,
        i.valid_from,
        i.valid_to
    from intermediate.equity_series as e
    inner join intermediate.symbol_spans as i on e.instrument_id = i.instrument_id
    semi join restated_instruments as r
        on e.instrument_id = r.instrument_id and e.source = r.source and e.basis = r.basis
)

select *
from final
order by series_no, symbol, valid_from
