/*
description: >
  The precedents section of the daily report: how often a definition had been met before, and what followed, held against all days.
  Rows stand under the sessions on which a definition is asked for: its matches, its session of the year, or a year's first session.
  The grid over threshold and session of the year shows how much the count owes to the definition.
grain: session_date x definition_id x index_id x horizon_sessions
materialized: table
blocks: {by: session_date, back: 0}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session as of which; nothing later is used."}
  - {name: position, type: BIGINT, unit: "", description: "Place of the row in the section: the definitions themselves before their grids."}
  - {name: definition_id, type: VARCHAR, unit: "", description: "Definition."}
  - {name: definition_en, type: VARCHAR, unit: "", description: "The definition in English."}
  - {name: definition_zh, type: VARCHAR, unit: "", description: "The definition in Chinese."}
  - {name: session_of_year, type: INTEGER, unit: sessions, description: "Axis of the grid: session of the year; null for streaks."}
  - {name: threshold, type: INTEGER, unit: sessions or percentage points, description: "Axis of the grid: at least so many sessions, or more than so many points."}
  - {name: is_primary, type: BOOLEAN, unit: "", description: "The definition itself; the others are its grid."}
  - {name: is_match, type: BOOLEAN, unit: "", description: "This session is itself a match."}
  - {name: matches, type: BIGINT, unit: matches, description: "Matches before this session; null where an index of the definition has no close so far."}
  - {name: index_id, type: VARCHAR, unit: "", description: "Index that the outcomes are of."}
  - {name: horizon_sessions, type: INTEGER, unit: sessions, description: "21, 63, 126 or 252 sessions on."}
  - {name: n, type: BIGINT, unit: matches, description: "Matches whose outcome is known; null likewise."}
  - {name: mean_pct, type: DOUBLE, unit: percent, description: "Mean return after them."}
  - {name: median_pct, type: DOUBLE, unit: percent, description: "Median return after them."}
  - {name: up_pct, type: DOUBLE, unit: percent, description: "Share after which the index rose."}
  - {name: up_low_pct, type: DOUBLE, unit: percent, description: "Lower end of its 95 % Wilson interval."}
  - {name: up_high_pct, type: DOUBLE, unit: percent, description: "Upper end of its 95 % Wilson interval."}
  - {name: ahead_of_base_pct, type: DOUBLE, unit: percent, description: "Share after which the index beat the base; null for the base."}
  - {name: days, type: BIGINT, unit: sessions, description: "All days whose return is known."}
  - {name: days_mean_pct, type: DOUBLE, unit: percent, description: "Mean return after all days."}
  - {name: days_median_pct, type: DOUBLE, unit: percent, description: "Median return after all days, as of the end of the year before."}
  - {name: days_up_pct, type: DOUBLE, unit: percent, description: "Share of all days after which the index rose."}
  - {name: days_up_low_pct, type: DOUBLE, unit: percent, description: "Lower end of its 95 % Wilson interval; days overlap, so it is too narrow."}
  - {name: days_up_high_pct, type: DOUBLE, unit: percent, description: "Upper end of its 95 % Wilson interval; days overlap, so it is too narrow."}
  - {name: note_en, type: VARCHAR, unit: "", description: "Why values are missing, or what to know about them, in English."}
  - {name: note_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
invariants:
  - description: A share lies within its interval.
    sql: >
      select * from reports.precedents where up_pct not between up_low_pct - 0.05 and up_high_pct + 0.05
      or days_up_pct not between days_up_low_pct - 0.05 and days_up_high_pct + 0.05
method:
  id: precedent_summary
  version: 1
  formula: mean, median, share above zero; Wilson interval (p + z2/2n -+ z sqrt(p (1 - p) / n + z2/4n2)) / (1 + z2/n)
  parameters: z = 1.959963984540054 (95 %)
  citation: E. B. Wilson, Journal of the American Statistical Association 22, 1927
  oracle: statsmodels proportion_confint(method="wilson")
  deviations: matches close together share days, so the interval is too narrow for them
evidence:
  rows:
    - dataset: index_bars
      sql: >
        select 'close at a match' as role, b.*
        from lake.index_bars as b
        inner join marts.index_returns as r on b.symbol = r.index_id and b.session_date = r.session_date and b.source = r.source
        inner join (
        select distinct p.session_date from marts.precedents as p
        where p.definition_id = $definition_id and p.session_date <= $session_date
        ) as m on b.session_date = m.session_date
        where b.symbol = $index_id and b.is_final order by b.session_date desc
*/
with outcome_shares as (
    select
        *,
        ups / nullif(n, 0) as p,
        day_ups / nullif(days, 0) as q,
        1.959963984540054 as z
    from intermediate.precedent_summary
),

confidence_intervals as (
    select
        *,
        (p + z * z / (2 * n)) / (1 + z * z / n) as p_centre,
        z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n) as p_reach,
        (q + z * z / (2 * days)) / (1 + z * z / days) as q_centre,
        z * sqrt(q * (1 - q) / days + z * z / (4 * days * days)) / (1 + z * z / days) as q_reach
    from outcome_shares
),

definition_texts as (
    select
        definition_id,
        session_of_year,
        threshold,
        is_primary,
        lead_id,
        base_id,
        filled(
            text_of('en', 'precedents.' || measure),
            'lead', coalesce(text_of('en', 'names.index.' || lead_id), lead_id),
            'base', coalesce(text_of('en', 'names.index.' || base_id), base_id),
            'n', threshold,
            'session', coalesce(session_of_year, 0)
        ) as definition_en,
        filled(
            text_of('zh', 'precedents.' || measure),
            'lead', coalesce(text_of('zh', 'names.index.' || lead_id), lead_id),
            'base', coalesce(text_of('zh', 'names.index.' || base_id), base_id),
            'n', threshold,
            'session', coalesce(session_of_year, 0)
        ) as definition_zh
    from intermediate.precedent_definitions
),

index_starts as (
    select
        symbol,
        first_close_seq
    from intermediate.close_spans
    where dataset = 'index_bars'
),

-- of an index without a close so far nothing can be counted
counted_definitions as (
    select
        i.*,
        case
            when l.symbol is null then d.lead_id
            when b.symbol is null then d.base_id
        end as missing_id
    from confidence_intervals as i
    inner join definition_texts as d on i.definition_id = d.definition_id
    left join index_starts as l on d.lead_id = l.symbol and i.seq >= l.first_close_seq
    left join index_starts as b on d.base_id = b.symbol and i.seq >= b.first_close_seq
),

final as (
    select
        s.session_date,
        row_number() over (
            partition by s.session_date order by not d.is_primary, i.definition_id, i.index_id, i.horizon_sessions
        ) as position,
        i.definition_id,
        d.definition_en,
        d.definition_zh,
        d.session_of_year,
        d.threshold,
        d.is_primary,
        i.is_match,
        if(i.missing_id is null, i.matches, null) as matches,
        i.index_id,
        i.horizon_sessions,
        if(i.missing_id is null, i.n, null) as n,
        rounded(i.mean_pct, 2) as mean_pct,
        rounded(i.median_pct, 2) as median_pct,
        rounded(100 * i.p, 1) as up_pct,
        rounded(100 * (i.p_centre - i.p_reach), 1) as up_low_pct,
        rounded(100 * (i.p_centre + i.p_reach), 1) as up_high_pct,
        rounded(100 * i.aheads / nullif(i.n_against_base, 0), 1) as ahead_of_base_pct,
        i.days,
        rounded(i.days_mean_pct, 2) as days_mean_pct,
        rounded(i.days_median_pct, 2) as days_median_pct,
        rounded(100 * i.q, 1) as days_up_pct,
        rounded(100 * (i.q_centre - i.q_reach), 1) as days_up_low_pct,
        rounded(100 * (i.q_centre + i.q_reach), 1) as days_up_high_pct,
        case
            when i.missing_id is not null
                then
                    filled(
                        $en['precedents.no_closes'], 'index', coalesce(text_of('en', 'names.index.' || i.missing_id), i.missing_id)
                    )
            when i.n = 0 then $en['precedents.no_outcome']
            when i.n < 10 then $en['precedents.few_matches']
        end as note_en,
        case
            when i.missing_id is not null
                then
                    filled(
                        $zh['precedents.no_closes'], 'index', coalesce(text_of('zh', 'names.index.' || i.missing_id), i.missing_id)
                    )
            when i.n = 0 then $zh['precedents.no_outcome']
            when i.n < 10 then $zh['precedents.few_matches']
        end as note_zh
    from counted_definitions as i
    inner join definition_texts as d on i.definition_id = d.definition_id
    inner join staging.sessions as s on i.seq = s.seq
)

select *
from final
order by session_date, position
