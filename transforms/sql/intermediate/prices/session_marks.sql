/*
description: >
  Which sessions of the stock panel are present, missing or mixed with another session's values, from the first one on which a source of
  the whole market gave bars: the epoch of breadth.
grain: session_date
materialized: table
publish: false
sessions: seq
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: bars, type: BIGINT, unit: bars, description: "Final bars that the vendor gave for this session."}
  - {name: frozen, type: BIGINT, unit: bars, description: "Bars beside these that repeat the session before, where the feed stood still."}
  - {name: set_aside, type: BIGINT, unit: bars, description: "Bars of these that hold another session's values."}
  - {name: steps, type: BIGINT, unit: stocks, description: "Stocks of these that are set aside for a step that nothing explains."}
  - {name: mark, type: VARCHAR, unit: "", description: "present, partial or missing."}
*/
-- on a day of a crash steps are measured from the market, and many are no sign of a fault
with market_moves as (
    select
        seq,
        arg_max(median_ratio, (stocks, source, basis)) as ratio
    from intermediate.session_moves
    where median_ratio is not null
    group by seq
),

-- breadth begins where the market does: earlier histories are of a choice of stocks
first_market_session as (
    select coalesce(min(first_session) filter (where is_of_market), min(first_session)) as session_date
    from intermediate.equity_series
),

market_calendar as (
    select
        s.session_date,
        s.seq
    from staging.sessions as s
    inner join first_market_session as e on s.session_date >= e.session_date
    where s.seq <= (select max(c.seq) from intermediate.session_counts as c)
),

sessions_with_counts as (
    select
        s.session_date,
        s.seq,
        coalesce(c.bars, 0) as bars,
        coalesce(c.frozen, 0) as frozen,
        coalesce(c.set_aside, 0) as set_aside,
        coalesce(c.steps, 0) as steps,
        c.steps > $partial_steps_share * c.stocks
        and c.steps >= $partial_steps_rows
        and coalesce(abs(m.ratio - 1) < $crash_limit_pct / 100, true) as has_many_steps,
        -- the week before says how many bars a session should have
        max(c.bars) over (order by s.seq rows between 5 preceding and 1 preceding) as usual_bars
    from market_calendar as s
    left join intermediate.session_counts as c on s.seq = c.seq
    left join market_moves as m on s.seq = m.seq
),

final as (
    select
        session_date,
        seq,
        bars,
        frozen,
        set_aside,
        steps,
        case
            when bars = 0 or bars < 0.1 * usual_bars then 'missing'
            when set_aside > 0 or has_many_steps then 'partial'
            else 'present'
        end as mark
    from sessions_with_counts
)

select *
from final
order by session_date
