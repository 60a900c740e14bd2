/*
description: Splits that a source gave, on the first session at the new share count; for stocks of which a series has unadjusted prices.
grain: instrument_no x seq
materialized: table
publish: false
columns:
  - {name: instrument_no, type: INTEGER, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "First session at the new share count."}
  - {name: numerator, type: BIGINT, unit: shares, description: "New shares."}
  - {name: denominator, type: BIGINT, unit: shares, description: "Old shares."}
*/
with final as (
    select
        e.instrument_no,
        s.seq,
        any_value(p.numerator order by p.source, p.ex_date) as numerator,
        any_value(p.denominator order by p.source, p.ex_date) as denominator
    from staging.splits as p
    asof inner join staging.sessions as s on p.ex_date <= s.session_date
    inner join intermediate.instruments as i
        on p.symbol = i.symbol and p.ex_date >= i.valid_from and (i.valid_to is null or p.ex_date < i.valid_to)
    inner join intermediate.equity_series as e on i.instrument_id = e.instrument_id and e.basis = 'raw'
    where p.numerator <> p.denominator
    group by e.instrument_no, s.seq
)

select *
from final
order by instrument_no, seq
