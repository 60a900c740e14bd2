/*
description: >
  Forward returns of all days, summed up as of each session: what an outcome of precedents has to be held against. One set for each
  first day that definitions have.
grain: first_date x index_id x horizon_sessions x known_seq
materialized: table
publish: false
columns:
  - {name: first_date, type: DATE, unit: "", description: "Days are counted from here on."}
  - {name: index_id, type: VARCHAR, unit: "", description: "Id of the index."}
  - {name: horizon_sessions, type: INTEGER, unit: sessions, description: "21, 63, 126 or 252."}
  - {name: known_seq, type: INTEGER, unit: sessions, description: "Session as of which."}
  - {name: n, type: BIGINT, unit: sessions, description: "Days whose return is known."}
  - {name: mean_pct, type: DOUBLE, unit: percent, description: "Mean of their returns."}
  - {name: median_pct, type: DOUBLE, unit: percent, description: "Median, as of the end of the year before: a running one is dear."}
  - {name: ups, type: BIGINT, unit: sessions, description: "Days from which the index rose."}
*/
with first_sessions as (
    select distinct
        d.first_date,
        s.seq as first_seq
    from intermediate.precedent_definitions as d
    asof inner join staging.sessions as s on d.first_date <= s.session_date
),

known_returns as (
    select
        t.first_date,
        f.index_id,
        f.horizon_sessions,
        f.known_seq,
        year(s.session_date) as year_no,
        f.return_e9
    from first_sessions as t
    inner join intermediate.forward_returns as f on t.first_seq <= f.seq
    inner join staging.sessions as s on f.known_seq = s.seq
),

known_years as (
    select distinct
        first_date,
        year_no
    from known_returns
),

median_returns as (
    select
        y.first_date,
        y.year_no,
        c.index_id,
        c.horizon_sessions,
        median(c.return_e9) / 1e9 as median_pct
    from known_years as y
    inner join known_returns as c on y.first_date = c.first_date and y.year_no > c.year_no
    group by y.first_date, y.year_no, c.index_id, c.horizon_sessions
),

running_return_sums as (
    select
        first_date,
        index_id,
        horizon_sessions,
        known_seq,
        year_no,
        row_number() over so_far as n,
        sum(return_e9) over so_far as total_e9,
        -- a sum, as a filter on a window's count costs ten times as much
        cast(sum(cast(return_e9 > 0 as integer)) over so_far as bigint) as ups
    from known_returns
    window so_far as (partition by first_date, index_id, horizon_sessions order by known_seq)
),

final as (
    select
        s.first_date,
        s.index_id,
        s.horizon_sessions,
        s.known_seq,
        s.n,
        cast(s.total_e9 as double) / s.n / 1e9 as mean_pct,
        m.median_pct,
        s.ups
    from running_return_sums as s
    left join median_returns as m
        on
            s.first_date = m.first_date
            and s.year_no = m.year_no
            and s.index_id = m.index_id
            and s.horizon_sessions = m.horizon_sessions
)

select *
from final
order by first_date, index_id, horizon_sessions, known_seq
