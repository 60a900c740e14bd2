/*
description: >
  Which sessions of the stock panel are present, missing or mixed with another session's values, from the first one on which a source of
  the whole market gave bars: the epoch of breadth.
grain: session_date
materialized: table
publish: false
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: bars, type: BIGINT, unit: bars, description: "Bars that the vendor gave."}
  - {name: set_aside, type: BIGINT, unit: bars, description: "Bars of these that hold another session's values."}
  - {name: is_final, type: BOOLEAN, unit: "", description: "No bar was fetched before the session had closed."}
  - {name: mark, type: VARCHAR, unit: "", description: "present, partial or missing."}
*/
with counted as (
    select
        seq,
        count(*) as bars,
        count(if(is_excluded, 1, null)) as excluded,
        bool_and(is_final) as is_final
    from intermediate.panel_bars
    group by seq
),

-- breadth begins where the market does: earlier histories are of a choice of stocks
epoch as (
    select coalesce(min(first_session) filter (where is_of_market), min(first_session)) as session_date
    from intermediate.equity_series
),

calendar as (
    select
        s.session_date,
        s.seq
    from staging.sessions as s
    inner join epoch as e on s.session_date >= e.session_date
    where s.seq <= (select max(c.seq) from counted as c)
),

joined as (
    select
        s.session_date,
        s.seq,
        coalesce(c.bars, 0) as bars,
        coalesce(c.excluded, 0) as set_aside,
        coalesce(c.is_final, true) as is_final,
        -- the week before says how many bars a session should have
        max(c.bars) over (order by s.seq rows between 5 preceding and 1 preceding) as usual_bars
    from calendar as s
    left join counted as c on s.seq = c.seq
),

final as (
    select
        session_date,
        seq,
        bars,
        set_aside,
        is_final,
        case
            when bars = 0 or bars < 0.1 * usual_bars then 'missing'
            when set_aside > 0 then 'partial'
            else 'present'
        end as mark
    from joined
)

select *
from final
order by session_date
