/*
description: >
  Stocks of which a session has nothing but bars fetched before it had closed. Figures are of final bars, and wait for them.
grain: seq
materialized: table
publish: false
blocks: {by: seq, back: 0}
columns:
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: stocks, type: BIGINT, unit: stocks, description: "Symbols with such bars."}
*/
with provisional_symbols as (
    select distinct
        symbol,
        session_date
    from staging.equity_bars
    where not is_final
),

final_symbols as (
    select
        b.symbol,
        b.session_date
    from staging.equity_bars as b
    where b.is_final and b.session_date in (select p.session_date from provisional_symbols as p)
),

final as (
    select
        s.seq,
        p.session_date,
        count(*) as stocks
    from provisional_symbols as p
    inner join staging.sessions_in_reach as s on p.session_date = s.session_date
    anti join final_symbols as f on p.symbol = f.symbol and p.session_date = f.session_date
    group by s.seq, p.session_date
)

select *
from final
order by seq
