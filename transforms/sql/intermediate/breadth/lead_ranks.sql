/*
description: >
  The lead of small caps (RUT) over large ones (SPX) on each session, with its place among the leads that earlier years had on the same
  session of the year.
grain: session_date
materialized: table
publish: false
sessions: session_date
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: session_of_year, type: BIGINT, unit: sessions, description: "Which session of its year it is."}
  - {name: spread_1d_pp, type: DOUBLE, unit: percentage points, description: "Return of RUT less that of SPX, of one session."}
  - {name: spread_ytd_pp, type: DOUBLE, unit: percentage points, description: "The same since the end of the year before."}
  - {name: streak, type: INTEGER, unit: sessions, description: "Sessions in a row with RUT ahead, negative with it behind."}
  - {name: last_streak, type: INTEGER, unit: sessions, description: "The same one session before."}
  - {name: years, type: BIGINT, unit: years, description: "Earlier years with a spread on that session of the year."}
  - {name: years_below, type: BIGINT, unit: years, description: "Those of them with a smaller one."}
*/
with session_numbers as (
    select
        session_date,
        year(session_date) as year_no,
        row_number() over (partition by year(session_date) order by session_date) as session_of_year
    from staging.sessions
),

small_cap_leads as (
    select
        s.session_date,
        c.year_no,
        c.session_of_year,
        s.spread_1d_pp,
        s.spread_ytd_pp,
        -- compared at a billionth of a point
        cast(round(s.spread_ytd_pp * 1e9) as bigint) as spread_e9,
        s.outperformance_streak as streak,
        lag(s.outperformance_streak) over (order by s.session_date) as last_streak
    from marts.index_spreads as s
    inner join session_numbers as c on s.session_date = c.session_date
    where s.lead_id = 'RUT' and s.base_id = 'SPX'
),

final as (
    select
        t.session_date,
        t.session_of_year,
        t.spread_1d_pp,
        t.spread_ytd_pp,
        t.streak,
        t.last_streak,
        count(o.spread_e9) as years,
        count(*) filter (where o.spread_e9 < t.spread_e9) as years_below
    from small_cap_leads as t
    left join small_cap_leads as o on t.session_of_year = o.session_of_year and t.year_no > o.year_no
    group by all
)

select *
from final
order by session_date
