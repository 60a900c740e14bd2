/*
description: >
  Symbols under which bars of a company are served that is served under another symbol on the same sessions: the later symbol before
  its change, the earlier one after it, and the bare spelling of a share class (BRKB beside BRK/B). Their closes agree.
grain: symbol x valid_from
materialized: table
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol that is served beside the company's own."}
  - {name: valid_from, type: DATE, unit: "", description: "First day on which it stands for the other company."}
  - {name: valid_to, type: DATE, unit: "", description: "First day after."}
  - {name: same_as, type: VARCHAR, unit: "", description: "The company's own symbol on these days."}
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

pairs_with_bars as (
    select c.*
    from candidate_pairs as c
    semi join traded_symbols as s on c.symbol = s.symbol
    where c.same_as in (select n.symbol from traded_symbols as n)
),

-- the closest of the closes that the two have for a session, whatever the series
shared_sessions as (
    select
        c.symbol,
        c.same_as,
        c.valid_from,
        c.valid_to,
        b.session_date,
        min(abs(ln(b.close_e6 / o.close_e6))) as misfit
    from pairs_with_bars as c
    inner join staging.equity_bars as b
        on c.symbol = b.symbol and c.valid_from <= b.session_date and c.valid_to > b.session_date
    inner join staging.equity_bars as o on c.same_as = o.symbol and b.session_date = o.session_date
    where b.close_e6 > 0 and o.close_e6 > 0
    group by c.symbol, c.same_as, c.valid_from, c.valid_to, b.session_date
),

final as (
    select
        symbol,
        valid_from,
        valid_to,
        min(same_as) as same_as
    from shared_sessions
    group by symbol, valid_from, valid_to
    -- a week of sessions, nineteen in twenty within a tenth of a percent
    having count(*) >= 5 and count(*) filter (where misfit < 0.001) >= 0.95 * count(*)
)

select *
from final
order by symbol, valid_from
