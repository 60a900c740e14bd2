/*
description: >
  The sessions that match a definition of a precedent: a long run of one index ahead of another has ended, or one leads another by so
  much at a given session of the year. What followed stands in precedent_outcomes, under the session on which it was known.
grain: session_date x definition_id
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session that matches: the one that ends the streak, or the session of the year."}
  - {name: definition_id, type: VARCHAR, unit: "", description: "Definition that is matched."}
  - {name: measure, type: VARCHAR, unit: "", description: "streak_end or ytd_lead."}
  - {name: lead_id, type: VARCHAR, unit: "", description: "Index that leads."}
  - {name: base_id, type: VARCHAR, unit: "", description: "Index that it leads."}
  - {name: session_of_year, type: INTEGER, unit: sessions, description: "Session of the year on which the lead is measured; null for streaks."}
  - {name: threshold, type: INTEGER, unit: sessions or percentage points, description: "At least so many sessions, or more than so many points."}
  - {name: is_primary, type: BOOLEAN, unit: "", description: "The definition itself; the others are its grid."}
  - {name: value, type: DOUBLE, unit: sessions or percentage points, description: "Length of the streak, or the lead."}
  - {name: match_no, type: BIGINT, unit: matches, description: "How manieth match of the definition since its first day."}
invariants:
  - description: A match reaches its threshold.
    sql: >
      select * from marts.precedents where (measure = 'streak_end' and value < threshold) or (measure = 'ytd_lead' and value <= threshold)
method:
  - id: precedents
    version: 1
    formula: >
      streak_end: the first session that is not ahead after at least n sessions ahead; ytd_lead: return of lead less return of base,
      both year to date, above the threshold at session k of the year
    parameters: streaks since 1988, years since 1989; grid of n, k and threshold in intermediate.precedent_definitions
    citation: ""
    oracle: 19 streaks of 8 sessions of RUT over SPX before 2026; 8 years of a lead over NDX by 2 points at session 15
    deviations: an index has no precedent before its first session; a streak that an absent close ends is no match
evidence:
  rows:
    - dataset: index_bars
      sql: >
        select if(b.symbol = $lead_id, 'lead', 'base') || if(b.session_date = $session_date, '', ', start of the window') as role, b.*
        from lake.index_bars as b cross join asked.base as w
        inner join marts.index_returns as r on b.symbol = r.index_id and r.session_date = $session_date and b.source = r.source
        where b.symbol in ($lead_id, $base_id) and b.is_final and b.session_date in ($session_date, w.year_base_date)
        order by b.session_date desc, b.symbol = $base_id
*/
with outperformance_streaks as (
    select
        session_date,
        lead_id,
        base_id,
        outperformance_streak,
        lag(outperformance_streak) over (partition by lead_id, base_id order by session_date) as ended_streak
    from marts.index_spreads
),

session_numbers as (
    select
        session_date,
        cast(row_number() over (partition by year(session_date) order by session_date) as integer) as session_of_year
    from staging.sessions
),

year_to_date_leads as (
    select
        a.session_date,
        c.session_of_year,
        a.index_id as lead_id,
        b.index_id as base_id,
        a.return_ytd_pct - b.return_ytd_pct as lead_pp
    from marts.index_returns as a
    inner join marts.index_returns as b on a.session_date = b.session_date
    inner join session_numbers as c on a.session_date = c.session_date
    where a.index_id in (select d.lead_id from intermediate.precedent_definitions as d)
),

matching_sessions as (
    select
        s.session_date,
        d.definition_id,
        cast(s.ended_streak as double) as value
    from intermediate.precedent_definitions as d
    inner join outperformance_streaks as s on d.lead_id = s.lead_id and d.base_id = s.base_id and d.threshold <= s.ended_streak
    where d.measure = 'streak_end' and s.outperformance_streak <= 0
    union all
    select
        s.session_date,
        d.definition_id,
        s.lead_pp as value
    from intermediate.precedent_definitions as d
    inner join year_to_date_leads as s
        on
            d.lead_id = s.lead_id
            and d.base_id = s.base_id
            and d.session_of_year = s.session_of_year
            -- compared at a billionth of a point
            and cast(d.threshold as bigint) * 1000000000 < cast(round(s.lead_pp * 1e9) as bigint)
    where d.measure = 'ytd_lead'
),

final as (
    select
        m.session_date,
        m.definition_id,
        d.measure,
        d.lead_id,
        d.base_id,
        d.session_of_year,
        d.threshold,
        d.is_primary,
        m.value,
        row_number() over (partition by m.definition_id order by m.session_date) as match_no
    from matching_sessions as m
    inner join intermediate.precedent_definitions as d on m.definition_id = d.definition_id
    where m.session_date >= d.first_date
)

select *
from final
order by session_date, definition_id
