/*
description: >
  For each series of an index and each session with a sheet the closes that changes are counted from: of the last session before the month, the
  quarter and the year, of 52 weeks ago, and of the days in anchor_dates.
grain: series_no x seq x base_name
materialized: table
publish: false
sessions: seq
columns:
  - {name: series_no, type: INTEGER, unit: "", description: "Number of the series in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: base_name, type: VARCHAR, unit: "", description: "mtd, qtd, ytd, 52w, or since_DATE."}
  - {name: base_date, type: DATE, unit: "", description: "Session of the base."}
  - {name: base_e6, type: BIGINT, unit: 1e-6 points, description: "Close of the base; null where absent."}
invariants:
  - description: The base lies before the session.
    sql: >
      select b.seq from intermediate.index_bases as b inner join staging.sessions as s on b.seq = s.seq where b.base_date >= s.session_date
*/
with sessions_a_year_ago as (
    -- 52 weeks are 364 days, so that weekdays match; without a session on that day the last one before it
    select
        t.seq,
        '52w' as base_name,
        b.seq as base_seq
    from staging.sessions as t
    asof inner join staging.sessions as b on t.session_date - interval 364 day >= b.session_date
),

base_sessions as (
    select
        seq,
        window_name as base_name,
        base_seq
    from intermediate.return_windows
    where window_name in ('mtd', 'qtd', 'ytd')
    union all
    select *
    from sessions_a_year_ago
    union all
    select
        s.seq,
        'since_' || a.anchor_date as base_name,
        a.base_seq
    from staging.sessions as s
    inner join intermediate.anchor_dates as a on s.seq > a.base_seq and s.session_date > a.anchor_date
),

final as (
    select
        r.series_no,
        r.seq,
        w.base_name,
        s.session_date as base_date,
        b.close_e6 as base_e6
    from intermediate.index_runs as r
    inner join base_sessions as w on r.seq = w.seq
    inner join staging.sessions as s on w.base_seq = s.seq
    left join intermediate.index_runs as b on r.series_no = b.series_no and w.base_seq = b.seq
    where r.is_printed
)

select *
from final
order by series_no, seq, base_name
