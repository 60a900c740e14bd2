/*
description: >
  Days that the index sheet counts from, as the setting anchors has them, each with the session whose close counts: its own, or the last
  one before a day without one.
grain: anchor_date
materialized: table
publish: false
columns:
  - {name: anchor_date, type: DATE, unit: "", description: "The day."}
  - {name: name_en, type: VARCHAR, unit: "", description: "What the day was, in English."}
  - {name: name_zh, type: VARCHAR, unit: "", description: "What the day was, in Chinese."}
  - {name: base_seq, type: INTEGER, unit: sessions, description: "Number of the session whose close counts."}
*/
with configured_anchors as (
    select unnest(from_json($anchors, '[{"day": "DATE", "en": "VARCHAR", "zh": "VARCHAR"}]')) as anchor
),

final as (
    select
        l.anchor.day as anchor_date,
        l.anchor.en as name_en,
        l.anchor.zh as name_zh,
        s.seq as base_seq
    from configured_anchors as l
    asof inner join staging.sessions as s on l.anchor.day >= s.session_date
)

select *
from final
order by anchor_date
