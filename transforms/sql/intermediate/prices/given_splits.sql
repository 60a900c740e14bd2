/*
description: >
  Splits that a source gave, on the first session at the new share count, under whichever of the instrument's symbols; for stocks of
  which a series has unadjusted prices.
grain: instrument_no x seq
materialized: table
publish: false
columns:
  - {name: instrument_no, type: INTEGER, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "First session at the new share count."}
  - {name: numerator, type: BIGINT, unit: shares, description: "New shares."}
  - {name: denominator, type: BIGINT, unit: shares, description: "Old shares."}
*/
with births as (
    select
        instrument_id,
        min(valid_from) as valid_from
    from intermediate.instruments
    group by instrument_id
),

instrument_splits as (
    select
        p.*,
        i.instrument_id
    from staging.splits as p
    inner join intermediate.instruments as i on p.symbol = i.symbol
    where p.numerator <> p.denominator
    -- the bearer of that day; else the first one after it, for vendors state splits under today's symbol; else the last before
    qualify row_number() over (
        partition by p.symbol, p.ex_date, p.source
        order by
            coalesce(p.ex_date < i.valid_to, true) desc,
            if(
                coalesce(p.ex_date < i.valid_to, true),
                greatest(i.valid_from, p.ex_date) - p.ex_date,
                date '9999-12-31' - i.valid_from
            ),
            i.instrument_id
    ) = 1
),

final as (
    select
        e.instrument_no,
        s.seq,
        any_value(p.numerator order by p.source, p.ex_date, p.symbol) as numerator,
        any_value(p.denominator order by p.source, p.ex_date, p.symbol) as denominator
    from instrument_splits as p
    asof inner join staging.sessions as s on p.ex_date <= s.session_date
    inner join intermediate.equity_series as e on p.instrument_id = e.instrument_id and e.basis = 'raw'
    -- one from before the first bar has nothing to adjust
    inner join births as b on p.instrument_id = b.instrument_id and p.ex_date >= b.valid_from
    group by e.instrument_no, s.seq
)

select *
from final
order by instrument_no, seq
