/*
description: The ratings section of the daily report, changes before the rest, one row set per session.
grain: session_date x symbol x firm x rated_at
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: BIGINT, unit: "", description: "Place of the row in the section: up, down, initiated, reiterated."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: sector, type: VARCHAR, unit: "", description: "GICS sector, where known."}
  - {name: firm, type: VARCHAR, unit: "", description: "Who rates."}
  - {name: rated_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When it was published; midnight UTC where only the day is known."}
  - {name: action, type: VARCHAR, unit: "", description: "up, down, initiated or reiterated."}
  - {name: from_grade, type: VARCHAR, unit: "", description: "Grade before."}
  - {name: to_grade, type: VARCHAR, unit: "", description: "Grade in the firm's words."}
  - {name: to_level, type: VARCHAR, unit: "", description: "Level of the grade."}
  - {name: price_target_usd, type: DOUBLE, unit: USD, description: "Price target."}
  - {name: target_upside_pct, type: DOUBLE, unit: percent, description: "Target against the last close before the rating."}
  - {name: note, type: VARCHAR, unit: "", description: "Why values are missing, or what to know about them."}
evidence:
  of: marts.rating_actions
*/
with final as (
    select
        session_date,
        row_number() over (
            partition by session_date
            order by list_position(['up', 'down', 'initiated', 'reiterated'], action), symbol, firm, rated_at
        ) as position,
        symbol,
        sector,
        firm,
        rated_at,
        action,
        from_grade,
        to_grade,
        to_level,
        round(price_target_usd, 2) as price_target_usd,
        round(target_upside_pct, 1) as target_upside_pct,
        nullif(
            concat_ws(
                '; ',
                case when is_action_derived then 'action derived from the rating before' end,
                case when price_target_usd is not null then target_reason end
            ),
            ''
        ) as note
    from marts.rating_actions
)

select *
from final
order by session_date, position
