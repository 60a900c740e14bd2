/*
description: >
  How far one index leads another, on the day and in the year, and on how many sessions in a row. Price returns; a session on
  which either has no 1-session return ends a streak.
grain: session_date x lead_id x base_id
materialized: table
sessions: session_date
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: lead_id, type: VARCHAR, unit: "", description: "Index whose lead is measured."}
  - {name: base_id, type: VARCHAR, unit: "", description: "Index that it is measured against."}
  - {name: spread_1d_pp, type: DOUBLE, unit: percentage points, description: "1-session return of lead less that of base."}
  - {name: spread_ytd_pp, type: DOUBLE, unit: percentage points, description: "Return of lead in the year so far less that of base."}
  - {name: outperformance_streak, type: INTEGER, unit: sessions, description: "Sessions in a row, to this one, with lead ahead; negative: behind; 0: level."}
  - {name: reason, type: VARCHAR, unit: "", description: "Why values are null; null where they are not."}
invariants:
  - description: The streak has the sign of the spread.
    sql: >
      select * from marts.index_spreads where (spread_1d_pp is null) <> (outperformance_streak is null)
      or (abs(spread_1d_pp) > 1e-6 and sign(spread_1d_pp) <> sign(outperformance_streak))
  - description: A streak grows by one session or begins anew.
    sql: >
      select * from (select *, lag(outperformance_streak) over (partition by lead_id, base_id order by session_date) as last
      from marts.index_spreads) where abs(outperformance_streak) > 1 and abs(outperformance_streak - last) <> 1
method:
  id: index_spreads
  version: 1
  formula: r(lead) - r(base); the streak counts sessions with r(lead) > r(base), or negative with <
  parameters: compared exactly, on closes as whole millionths
  citation: ""
  oracle: RUT over SPX 14 sessions to 2026-01-22, and 16 at the longest, ended in May 1996
  deviations: ""
evidence:
  rows:
    - dataset: index_bars
      sql: >
        select
        case when b.session_date = $session_date then 'close' when b.session_date = w.base_date then 'base' else 'streak' end
        || if(b.symbol = $lead_id, ' of the lead', ' of the base') as role, b.*
        from lake.index_bars as b cross join asked.base as w
        inner join marts.index_returns as r on b.symbol = r.index_id and r.session_date = $session_date and b.source = r.source
        inner join lake.sessions as s on b.session_date = s.session_date
        inner join lake.sessions as t on t.session_date = $session_date
        where b.symbol in ($lead_id, $base_id) and b.is_final and (b.session_date in ($session_date, w.base_date)
        or ($column = 'outperformance_streak' and s.seq between t.seq - abs($outperformance_streak) - 1 and t.seq))
        order by b.session_date desc, b.symbol = $base_id
  applied: >
    select format('100 ({} / {} - 1) - 100 ({} / {} - 1) = {} pp', a.close, b.close, c.close, d.close,
    100 * (a.close / b.close - 1) - 100 * (c.close / d.close - 1))
    from evidence.index_bars as a, evidence.index_bars as b, evidence.index_bars as c, evidence.index_bars as d
    where a.role = 'close of the lead' and b.role = 'base of the lead' and c.role = 'close of the base'
    and d.role = 'base of the base' and $column like 'spread%'
*/
with index_pairs as (
    select *
    from (
        values
        ('RUT', 'SPX'), ('RUT', 'COMP'), ('RUT', 'DJI'), ('RUT', 'NDX'), ('COMP', 'SPX'), ('NDX', 'SPX'), ('DJI', 'SPX')
    ) as listed (lead_id, base_id)
),

day_moves as (
    select
        s.session_date,
        w.symbol as index_id,
        cast(round(w.close * 1000000) as hugeint) as close_e6,
        cast(round(w.base_close * 1000000) as hugeint) as base_close_e6
    from intermediate.window_returns as w
    inner join staging.sessions as s on w.seq = s.seq
    -- closes of two sources whose levels nothing joins are no move
    where w.dataset = 'index_bars' and w.window_name = '1d' and w.return_pct is not null
),

return_spreads as (
    select
        a.session_date,
        p.lead_id,
        p.base_id,
        a.return_1d_pct - b.return_1d_pct as spread_1d_pp,
        a.return_ytd_pct - b.return_ytd_pct as spread_ytd_pp,
        sign(x.close_e6 * y.base_close_e6 - y.close_e6 * x.base_close_e6) as side,
        case
            when a.return_1d_pct is null then 'no 1-session return of ' || p.lead_id
            when b.return_1d_pct is null then 'no 1-session return of ' || p.base_id
            when a.return_ytd_pct is null then 'no year-to-date return of ' || p.lead_id
            when b.return_ytd_pct is null then 'no year-to-date return of ' || p.base_id
        end as reason
    from index_pairs as p
    inner join marts.index_returns as a on p.lead_id = a.index_id
    inner join marts.index_returns as b on p.base_id = b.index_id and a.session_date = b.session_date
    left join day_moves as x on p.lead_id = x.index_id and a.session_date = x.session_date
    left join day_moves as y on p.base_id = y.index_id and a.session_date = y.session_date
),

turns_of_lead as (
    select
        *,
        (side is distinct from lag(side) over (partition by lead_id, base_id order by session_date)) as is_turn
    from return_spreads
),

numbered_runs as (
    select
        *,
        count(if(is_turn, 1, null)) over (partition by lead_id, base_id order by session_date) as run_no
    from turns_of_lead
),

final as (
    select
        session_date,
        lead_id,
        base_id,
        spread_1d_pp,
        spread_ytd_pp,
        cast(
            side * row_number() over (partition by lead_id, base_id, run_no order by session_date) as integer
        ) as outperformance_streak,
        reason
    from numbered_runs
)

select *
from final
order by session_date, lead_id, base_id
