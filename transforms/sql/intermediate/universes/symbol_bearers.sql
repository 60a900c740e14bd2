/*
description: Which instruments bore a symbol, and from when to when.
grain: symbol x valid_from
materialized: table
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the instrument."}
  - {name: valid_from, type: DATE, unit: "", description: "First day; 0001-01-01 where a source's bars begin on it, and nothing is known of the time before."}
  - {name: valid_to, type: DATE, unit: "", description: "First day after; 9999-12-31 where it still bears it."}
  - {name: is_stock, type: BOOLEAN, unit: "", description: "Common stock or REIT, as far as symbol and name tell."}
*/
with instrument_kinds as (
    select
        symbol,
        instrument_id,
        coalesce(bool_or(is_stock), true) as is_stock
    from intermediate.instruments
    group by symbol, instrument_id
),

first_bars as (
    select min(first_session) as session_date
    from intermediate.bar_runs
    group by source, basis
),

final as (
    select
        s.symbol,
        s.instrument_id,
        case
            when s.valid_from > min(s.valid_from) over (partition by s.symbol) then s.valid_from
            when s.valid_from in (select b.session_date from first_bars as b) then date '0001-01-01'
            else s.valid_from
        end as valid_from,
        s.valid_to,
        k.is_stock
    from intermediate.symbol_spans as s
    inner join instrument_kinds as k on s.symbol = k.symbol and s.instrument_id = k.instrument_id
)

select *
from final
order by symbol, valid_from
