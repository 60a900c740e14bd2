/*
description: >
  Symbols under which bars of a company may be served that is served under another symbol, too, and the stretches of 8 sessions in which
  both have bars: the later symbol before its change, the earlier one after it, and the bare spelling of a share class.
grain: symbol x same_as x valid_from x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol that may be served beside the company's own."}
  - {name: same_as, type: VARCHAR, unit: "", description: "The company's own symbol on these days."}
  - {name: valid_from, type: DATE, unit: "", description: "First day on which it would stand for the other company."}
  - {name: valid_to, type: DATE, unit: "", description: "First day after."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the first session of the stretch, with or without a bar."}
*/
with traded_symbols as (
    select distinct symbol
    from intermediate.bar_spans
),

candidate_pairs as (
    select
        to_symbol as symbol,
        from_symbol as same_as,
        date '0001-01-01' as valid_from,
        change_date as valid_to
    from staging.symbol_changes
    union
    select
        from_symbol,
        to_symbol,
        change_date,
        date '9999-12-31'
    from staging.symbol_changes
    union
    select
        replace(symbol, '/', ''),
        symbol,
        date '0001-01-01',
        date '9999-12-31'
    from traded_symbols
    where contains(symbol, '/')
),

final as (
    select distinct
        c.symbol,
        c.same_as,
        c.valid_from,
        c.valid_to,
        8 * b.stretch as seq
    from candidate_pairs as c
    inner join intermediate.bar_spans as b
        on c.symbol = b.symbol and c.valid_from <= b.last_session and c.valid_to > b.first_session
    inner join intermediate.bar_spans as o on c.same_as = o.symbol and b.stretch = o.stretch
)

select *
from final
