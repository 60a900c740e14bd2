/*
description: Sessions with a bar of the symbols that were changed on some day, by source and basis.
grain: symbol x source x basis x session_date
materialized: table
publish: false
sessions: session_date
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the bar."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted: raw, split, or total_return."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the bar."}
*/
with changed_symbols as (
    select from_symbol as symbol
    from staging.symbol_changes
    union
    select to_symbol
    from staging.symbol_changes
),

final as (
    select
        b.symbol,
        b.source,
        b.basis,
        b.session_date
    from intermediate.bar_sessions as b
    semi join changed_symbols as c on b.symbol = c.symbol
)

select *
from final
