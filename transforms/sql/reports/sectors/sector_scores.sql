/*
description: The sector scores section of the daily report, best first, rounded to what is printed, one row set per session.
grain: session_date x sector
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: BIGINT, unit: "", description: "Place of the row in the section: by the score."}
  - {name: sector, type: VARCHAR, unit: "", description: "Sector in the GICS taxonomy."}
  - {name: yahoo_sector, type: VARCHAR, unit: "", description: "Name of the nearest sector at Yahoo and Morningstar."}
  - {name: sector_score, type: DOUBLE, unit: points, description: "Our score, 0 to 100."}
  - {name: sector_score_21d_ago, type: DOUBLE, unit: points, description: "The score 21 sessions ago (a month)."}
  - {name: technical_score, type: DOUBLE, unit: points, description: "Its technical part."}
  - {name: fundamental_score, type: DOUBLE, unit: points, description: "Its fundamental part, of those that have one."}
  - {name: members, type: BIGINT, unit: stocks, description: "Members with a close."}
  - {name: scored, type: BIGINT, unit: stocks, description: "Members with a score."}
  - {name: with_fundamentals, type: BIGINT, unit: stocks, description: "Members with a fundamental score."}
  - {name: note, type: VARCHAR, unit: "", description: "Why values are missing, or what to know about them."}
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

final as (
    select
        t.session_date,
        row_number() over (partition by t.session_date order by t.sector_score desc nulls last, t.sector) as position,
        t.sector,
        m.yahoo_sector,
        round(t.sector_score, 1) as sector_score,
        round(a.sector_score, 1) as sector_score_21d_ago,
        round(t.technical_score, 1) as technical_score,
        round(t.fundamental_score, 1) as fundamental_score,
        t.members,
        t.scored,
        t.with_fundamentals,
        nullif(
            concat_ws(
                '; ',
                t.reason,
                if(t.with_fundamentals < 0.5 * t.scored, 'mostly technical: few members have fundamentals', null),
                if(t.sector_score is not null and a.sector_score is null, 'no score 21 sessions ago', null)
            ),
            ''
        ) as note
    from scores_by_session as t
    left join scores_by_session as a on t.sector = a.sector and t.seq - 21 = a.seq
    left join intermediate.sector_map as m on t.sector = m.sector
)

select *
from final
order by session_date, position
