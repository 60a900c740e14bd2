/*
description: The ratings section of the daily report, changes before the rest, one row set per session.
grain: session_date x position
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: BIGINT, unit: "", description: "Place of the row in the section: up, down, initiated, reiterated."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: sector, type: VARCHAR, unit: "", description: "GICS sector, where known."}
  - {name: sector_label_en, type: VARCHAR, unit: "", description: "Name of the sector, in English."}
  - {name: sector_label_zh, type: VARCHAR, unit: "", description: "Name of the sector, in Chinese."}
  - {name: firm, type: VARCHAR, unit: "", description: "Who rates."}
  - {name: rated_date, type: DATE, unit: "", description: "Day of publication, in UTC."}
  - {name: rated_time_utc, type: TIME, unit: UTC, description: "Time of publication; null where only the day is known."}
  - {name: action, type: VARCHAR, unit: "", description: "up, down, initiated or reiterated."}
  - {name: action_label_en, type: VARCHAR, unit: "", description: "The action, in English."}
  - {name: action_label_zh, type: VARCHAR, unit: "", description: "The action, in Chinese."}
  - {name: is_action_derived, type: BOOLEAN, unit: "", description: "The action is not the vendor's word, it follows from the firm's rating before."}
  - {name: from_grade, type: VARCHAR, unit: "", description: "Grade before."}
  - {name: to_grade, type: VARCHAR, unit: "", description: "Grade in the firm's words."}
  - {name: to_level, type: VARCHAR, unit: "", description: "Level of the grade."}
  - {name: to_level_label_en, type: VARCHAR, unit: "", description: "The level, in English."}
  - {name: to_level_label_zh, type: VARCHAR, unit: "", description: "The level, in Chinese."}
  - {name: price_target_usd, type: DOUBLE, unit: USD, description: "Price target."}
  - {name: target_upside_pct, type: DOUBLE, unit: percent, description: "Target against the last close before the rating."}
  - {name: note_en, type: VARCHAR, unit: "", description: "Why values are missing, or what to know about them, in English."}
  - {name: note_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
evidence:
  rows:
    - dataset: rating_actions
      sql: >
        select if(r.rated_at at time zone 'UTC' = $rated_date + coalesce($rated_time_utc, time '00:00:00'), 'this rating',
        'earlier rating of the firm') as role, r.*
        from lake.rating_actions as r where r.symbol = $symbol and r.firm = $firm
        and r.rated_at at time zone 'UTC' <= $rated_date + coalesce($rated_time_utc, time '00:00:00')
        order by r.rated_at desc
    - dataset: equity_bars
      sql: >
        select 'last close before' as role, b.* from lake.equity_bars as b
        where b.symbol = $symbol and b.is_final and b.session_date < $session_date and b.session_date > $session_date - 10
        order by b.session_date desc limit 2
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
        sector_label('en', sector) as sector_label_en,
        sector_label('zh', sector) as sector_label_zh,
        firm,
        cast(rated_at as date) as rated_date,
        -- a vendor that knows the day alone gives its midnight
        nullif(cast(cast(rated_at as timestamp) as time), time '00:00:00') as rated_time_utc,
        action,
        coalesce(text_of('en', 'names.action.' || action), action) as action_label_en,
        coalesce(text_of('zh', 'names.action.' || action), action) as action_label_zh,
        is_action_derived,
        from_grade,
        to_grade,
        to_level,
        coalesce(text_of('en', 'names.level.' || to_level), to_level) as to_level_label_en,
        coalesce(text_of('zh', 'names.level.' || to_level), to_level) as to_level_label_zh,
        rounded(price_target_usd, 2) as price_target_usd,
        rounded(target_upside_pct, 1) as target_upside_pct,
        if(price_target_usd is not null, note('en', target_reason), null) as note_en,
        if(price_target_usd is not null, note('zh', target_reason), null) as note_zh
    from marts.rating_actions
)

select *
from final
order by session_date, position
