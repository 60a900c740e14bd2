/*
description: >
  The money flow section of the daily report, by market-cap band from the largest, rounded to what is printed, one row set per session.
  Read from prices and volumes: no fund flows.
grain: session_date x cap_band
materialized: table
blocks: {by: session_date, back: 0}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: INTEGER, unit: "", description: "Place of the row in the section."}
  - {name: cap_band, type: VARCHAR, unit: "", description: "Market-cap band, or all."}
  - {name: label_en, type: VARCHAR, unit: "", description: "Name of the band with its limits, in English."}
  - {name: label_zh, type: VARCHAR, unit: "", description: "Name of the band with its limits, in Chinese."}
  - {name: members, type: BIGINT, unit: stocks, description: "Stocks of the band."}
  - {name: flow_1d_usd_m, type: DOUBLE, unit: million USD, description: "Dollars traded in stocks that rose less those in stocks that fell."}
  - {name: flow_1d_pct, type: DOUBLE, unit: percent, description: "The same over all dollars traded."}
  - {name: inflow_pct, type: DOUBLE, unit: percent, description: "Members that rose."}
  - {name: cmf_flow_1d_usd_m, type: DOUBLE, unit: million USD, description: "Chaikin's money flow of the day."}
  - {name: cmf_21d, type: DOUBLE, unit: "", description: "Chaikin money flow over 21 sessions (a month); null where the setting cmf_window is another, and the note says so."}
  - {name: unusual_buys, type: BIGINT, unit: stocks, description: "Advances on more than twice the mean volume."}
  - {name: unusual_sells, type: BIGINT, unit: stocks, description: "Declines on more than twice the mean volume."}
  - {name: note_en, type: VARCHAR, unit: "", description: "Why values are missing, or what to know about them, in English."}
  - {name: note_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
evidence:
  of: marts.flows_by_cap_band
*/
with reason_texts as (
    select
        reason,
        note('en', reason) as reason_en,
        note('zh', reason) as reason_zh
    from (select distinct r.reason from marts.flows_by_cap_band as r) as distinct_reasons
),

final as (
    select
        b.session_date,
        cast(
            list_position(['all', 'mega', 'large', 'upper_mid', 'mid', 'small', 'micro', 'unknown'], b.cap_band) as integer
        ) as position,
        b.cap_band,
        coalesce(text_of('en', 'names.band.' || b.cap_band), b.cap_band) as label_en,
        coalesce(text_of('zh', 'names.band.' || b.cap_band), b.cap_band) as label_zh,
        b.members,
        rounded(b.signed_volume_flow_usd / 1e6, 1) as flow_1d_usd_m,
        rounded(100 * b.signed_volume_flow_usd / nullif(b.traded_usd, 0), 1) as flow_1d_pct,
        rounded(100 * b.inflow_share, 1) as inflow_pct,
        rounded(b.cmf_flow_usd / 1e6, 1) as cmf_flow_1d_usd_m,
        rounded(if($cmf_window = 21, b.cmf, null), 3) as cmf_21d,
        b.unusual_buys,
        b.unusual_sells,
        joined_by(
            $en['notes.next'],
            k.reason_en,
            if($cmf_window <> 21, filled($en['flows_by_cap_band.other_window'], 'sessions', $cmf_window), null)
        ) as note_en,
        joined_by(
            $zh['notes.next'],
            k.reason_zh,
            if($cmf_window <> 21, filled($zh['flows_by_cap_band.other_window'], 'sessions', $cmf_window), null)
        ) as note_zh
    from marts.flows_by_cap_band as b
    left join reason_texts as k on b.reason = k.reason
)

select *
from final
order by session_date, position
