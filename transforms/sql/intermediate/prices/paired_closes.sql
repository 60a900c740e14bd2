/*
description: >
  How far the closes lie apart that two symbols have for a session which may be those of one company: the closest two of them, whatever
  their series.
grain: symbol x same_as x valid_from x session_date
materialized: table
publish: false
blocks: {by: session_date, back: 0}
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol that may be served beside the company's own."}
  - {name: same_as, type: VARCHAR, unit: "", description: "The company's own symbol."}
  - {name: valid_from, type: DATE, unit: "", description: "First day on which it would stand for the other company."}
  - {name: valid_to, type: DATE, unit: "", description: "First day after."}
  - {name: session_date, type: DATE, unit: "", description: "Session on which both have a bar."}
  - {name: misfit, type: DOUBLE, unit: "", description: "Logarithm of the larger close / the smaller one."}
*/
with paired_symbols as (
    select symbol
    from intermediate.paired_stretches
    union
    select same_as
    from intermediate.paired_stretches
),

paired_bars as (
    select
        b.symbol,
        b.session_date,
        s.seq,
        b.close_e6
    from staging.equity_bars_of_block as b
    semi join paired_symbols as p on b.symbol = p.symbol
    inner join staging.sessions as s on b.session_date = s.session_date
    where b.is_final
),

final as (
    select
        p.symbol,
        p.same_as,
        p.valid_from,
        p.valid_to,
        b.session_date,
        min(abs(ln(b.close_e6 / o.close_e6))) as misfit
    from intermediate.paired_stretches as p
    inner join paired_bars as b
        on
            p.symbol = b.symbol
            and p.seq = b.seq // 8 * 8
            and p.valid_from <= b.session_date
            and p.valid_to > b.session_date
    inner join paired_bars as o on p.same_as = o.symbol and b.session_date = o.session_date
    where b.close_e6 > 0 and o.close_e6 > 0
    group by p.symbol, p.same_as, p.valid_from, p.valid_to, b.session_date
)

select *
from final
