/*
description: >
  The outcomes of each definition summed up, as of the sessions on which it is asked for: each match, the session of the year that a
  definition looks at, and for streaks the first session of each year. Valid until the next such session.
grain: seq x definition_id x index_id x horizon_sessions
materialized: table
publish: false
sessions: seq
columns:
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session as of which."}
  - {name: definition_id, type: VARCHAR, unit: "", description: "Definition."}
  - {name: is_match, type: BOOLEAN, unit: "", description: "The session is itself a match."}
  - {name: matches, type: BIGINT, unit: matches, description: "Matches before the session."}
  - {name: index_id, type: VARCHAR, unit: "", description: "Index that the outcomes are of."}
  - {name: horizon_sessions, type: INTEGER, unit: sessions, description: "21, 63, 126 or 252."}
  - {name: n, type: BIGINT, unit: matches, description: "Matches whose outcome is known."}
  - {name: mean_pct, type: DOUBLE, unit: percent, description: "Mean of the returns that followed."}
  - {name: median_pct, type: DOUBLE, unit: percent, description: "Median."}
  - {name: ups, type: BIGINT, unit: matches, description: "Matches after which the index rose."}
  - {name: n_against_base, type: BIGINT, unit: matches, description: "Matches with the outcome of the base known too."}
  - {name: aheads, type: BIGINT, unit: matches, description: "Of these, matches after which the index beat the base."}
  - {name: days, type: BIGINT, unit: sessions, description: "All days whose return is known."}
  - {name: days_mean_pct, type: DOUBLE, unit: percent, description: "Mean of their returns."}
  - {name: days_median_pct, type: DOUBLE, unit: percent, description: "Median as of the end of the year before."}
  - {name: day_ups, type: BIGINT, unit: sessions, description: "All days from which the index rose."}
*/
with numbered_sessions as (
    select
        session_date,
        seq,
        row_number() over (partition by year(session_date) order by seq) as session_of_year
    from staging.sessions
    where session_date <= (select max(r.session_date) from marts.index_returns as r)
),

summary_sessions as (
    select
        d.definition_id,
        d.first_date,
        y.seq,
        y.session_date
    from intermediate.precedent_definitions as d
    inner join numbered_sessions as y on d.first_date <= y.session_date and coalesce(d.session_of_year, 1) = y.session_of_year
    union
    select
        d.definition_id,
        d.first_date,
        s.seq,
        s.session_date
    from marts.precedents as m
    inner join intermediate.precedent_definitions as d on m.definition_id = d.definition_id
    inner join staging.sessions as s on m.session_date = s.session_date
),

match_counts as (
    select
        a.definition_id,
        a.first_date,
        a.seq,
        a.session_date,
        count(*) filter (where m.session_date < a.session_date) as matches,
        coalesce(bool_or(m.session_date = a.session_date), false) as is_match
    from summary_sessions as a
    left join marts.precedents as m on a.definition_id = m.definition_id and a.session_date >= m.session_date
    group by a.definition_id, a.first_date, a.seq, a.session_date
),

outcome_counts as (
    select
        a.definition_id,
        a.seq,
        o.index_id,
        o.horizon_sessions,
        count(*) as n,
        sum(cast(round(o.forward_return_pct * 1e9) as bigint)) as total_e9,
        median(cast(round(o.forward_return_pct * 1e9) as bigint)) / 1e9 as median_pct,
        count(*) filter (where o.is_up) as ups,
        count(o.is_ahead_of_base) as n_against_base,
        count(*) filter (where o.is_ahead_of_base) as aheads
    from summary_sessions as a
    inner join marts.precedent_outcomes as o on a.definition_id = o.definition_id and a.session_date >= o.session_date
    group by a.definition_id, a.seq, o.index_id, o.horizon_sessions
),

final as (
    select
        c.seq,
        c.definition_id,
        c.is_match,
        c.matches,
        d.index_id,
        d.horizon_sessions,
        coalesce(o.n, 0) as n,
        cast(o.total_e9 as double) / o.n / 1e9 as mean_pct,
        o.median_pct,
        coalesce(o.ups, 0) as ups,
        coalesce(o.n_against_base, 0) as n_against_base,
        coalesce(o.aheads, 0) as aheads,
        d.n as days,
        d.mean_pct as days_mean_pct,
        d.median_pct as days_median_pct,
        d.ups as day_ups
    from match_counts as c
    inner join intermediate.precedent_days as d on c.first_date = d.first_date and c.seq = d.known_seq
    left join outcome_counts as o
        on
            c.definition_id = o.definition_id
            and c.seq = o.seq
            and d.index_id = o.index_id
            and d.horizon_sessions = o.horizon_sessions
)

select *
from final
order by seq, definition_id, index_id, horizon_sessions
