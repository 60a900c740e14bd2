/*
description: >
  From when to when a symbol named an instrument without a break, whatever else was said of it: of a stock that got its first name back, the
  days in between are not its own.
grain: symbol x valid_from
materialized: table
publish: false
sessions: [valid_from, valid_to]
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the instrument."}
  - {name: valid_from, type: DATE, unit: "", description: "First day."}
  - {name: valid_to, type: DATE, unit: "", description: "First day after; 9999-12-31 where it still does."}
*/
with described_spans as (
    select
        symbol,
        instrument_id,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to,
        coalesce(lag(instrument_id) over line <> instrument_id or lag(valid_to) over line <> valid_from, true) as is_first
    from intermediate.instruments
    window line as (partition by symbol order by valid_from)
),

numbered_spans as (
    select
        *,
        count(if(is_first, 1, null)) over (partition by symbol order by valid_from) as span_no
    from described_spans
),

final as (
    select
        symbol,
        any_value(instrument_id) as instrument_id,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to
    from numbered_spans
    group by symbol, span_no
)

select *
from final
order by symbol, valid_from
