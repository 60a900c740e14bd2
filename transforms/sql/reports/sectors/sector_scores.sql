/*
description: The sector scores section of the daily report, best first, rounded to what is printed, one row set per session.
grain: session_date x sector
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: BIGINT, unit: "", description: "Place of the row in the section: by the score."}
  - {name: sector, type: VARCHAR, unit: "", description: "Sector in the GICS taxonomy."}
  - {name: label_en, type: VARCHAR, unit: "", description: "Name of the sector, in English."}
  - {name: label_zh, type: VARCHAR, unit: "", description: "Name of the sector, in Chinese."}
  - {name: yahoo_sector, type: VARCHAR, unit: "", description: "Name of the nearest sector at Yahoo and Morningstar."}
  - {name: sector_score, type: DOUBLE, unit: points, description: "Our score, 0 to 100."}
  - {name: sector_score_21d_ago, type: DOUBLE, unit: points, description: "The score 21 sessions ago (a month)."}
  - {name: sector_score_change_21d, type: DOUBLE, unit: points, description: "The score less that of 21 sessions ago, both as printed."}
  - {name: technical_score, type: DOUBLE, unit: points, description: "Its technical part."}
  - {name: fundamental_score, type: DOUBLE, unit: points, description: "Its fundamental part, of those that have one."}
  - {name: members, type: BIGINT, unit: stocks, description: "Members with a close."}
  - {name: scored, type: BIGINT, unit: stocks, description: "Members with a score."}
  - {name: with_fundamentals, type: BIGINT, unit: stocks, description: "Members with a fundamental score."}
  - {name: note_en, type: VARCHAR, unit: "", description: "Why values are missing, or what to know about them, in English."}
  - {name: note_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
evidence:
  of: marts.sector_scores
*/
with scores_by_session as (
    select
        c.*,
        s.seq
    from marts.sector_scores as c
    inner join staging.sessions as s on c.session_date = s.session_date
),

reason_texts as (
    select
        reason,
        note('en', reason) as reason_en,
        note('zh', reason) as reason_zh
    from (select distinct r.reason from marts.sector_scores as r) as distinct_reasons
),

final as (
    select
        t.session_date,
        row_number() over (partition by t.session_date order by t.sector_score desc nulls last, t.sector) as position,
        t.sector,
        coalesce(text_of('en', 'names.sector.' || t.sector), t.sector) as label_en,
        coalesce(text_of('zh', 'names.sector.' || t.sector), t.sector) as label_zh,
        m.yahoo_sector,
        rounded(t.sector_score, 1) as sector_score,
        rounded(a.sector_score, 1) as sector_score_21d_ago,
        rounded(round(t.sector_score, 1) - round(a.sector_score, 1), 1) as sector_score_change_21d,
        rounded(t.technical_score, 1) as technical_score,
        rounded(t.fundamental_score, 1) as fundamental_score,
        t.members,
        t.scored,
        t.with_fundamentals,
        joined_by(
            $en['notes.next'],
            k.reason_en,
            if(t.with_fundamentals < 0.5 * t.scored, $en['sector_scores.mostly_technical'], null),
            if(t.sector_score is not null and a.sector_score is null, $en['sector_scores.no_earlier'], null)
        ) as note_en,
        joined_by(
            $zh['notes.next'],
            k.reason_zh,
            if(t.with_fundamentals < 0.5 * t.scored, $zh['sector_scores.mostly_technical'], null),
            if(t.sector_score is not null and a.sector_score is null, $zh['sector_scores.no_earlier'], null)
        ) as note_zh
    from scores_by_session as t
    left join scores_by_session as a on t.sector = a.sector and t.seq - 21 = a.seq
    left join intermediate.sector_map as m on t.sector = m.sector
    left join reason_texts as k on t.reason = k.reason
)

select *
from final
order by session_date, position
