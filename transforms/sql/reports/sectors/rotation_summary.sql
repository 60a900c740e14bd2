/*
description: >
  The rotation of the whole session in one row: how strongly sectors change places, how far apart they are, and which style leads.
grain: session_date
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: INTEGER, unit: "", description: "Place of the row in the section: 1."}
  - {name: rotation_intensity_21d, type: DOUBLE, unit: "", description: "1 - Spearman correlation of the sectors' ranks by 21-session return with those of 21 sessions ago: 0 nothing moved, 2 turned over."}
  - {name: dispersion_21d_pp, type: DOUBLE, unit: percentage points, description: "Standard deviation of the sectors' 21-session returns."}
  - {name: cyclical_minus_defensive_1d_pp, type: DOUBLE, unit: percentage points, description: "Cyclical less defensive sectors on the session."}
  - {name: cyclical_minus_defensive_21d_pp, type: DOUBLE, unit: percentage points, description: "The same over 21 sessions (a month)."}
  - {name: small_minus_large_1d_pp, type: DOUBLE, unit: percentage points, description: "Russell 2000 less S&P 500 on the session."}
  - {name: small_minus_large_21d_pp, type: DOUBLE, unit: percentage points, description: "The same over 21 sessions (a month)."}
  - {name: small_minus_large_ytd_pp, type: DOUBLE, unit: percentage points, description: "The same in the year so far."}
  - {name: small_vs_large_streak, type: INTEGER, unit: sessions, description: "Sessions in a row in which the Russell 2000 did better than the S&P 500; negative: worse."}
  - {name: note_en, type: VARCHAR, unit: "", description: "Why values are missing, or what to know about them, in English."}
  - {name: note_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
evidence:
  of: marts.rotation_daily
*/
with reason_texts as (
    select
        reason,
        note('en', reason) as reason_en,
        note('zh', reason) as reason_zh
    from (select distinct r.reason from marts.rotation_daily as r) as distinct_reasons
),

final as (
    select
        d.session_date,
        1 as position,
        rounded(d.rotation_intensity, 2) as rotation_intensity_21d,
        rounded(d.dispersion_21d_pp, 2) as dispersion_21d_pp,
        rounded(d.cyclical_minus_defensive_1d_pp, 2) as cyclical_minus_defensive_1d_pp,
        rounded(d.cyclical_minus_defensive_21d_pp, 2) as cyclical_minus_defensive_21d_pp,
        rounded(d.small_minus_large_1d_pp, 2) as small_minus_large_1d_pp,
        rounded(d.small_minus_large_21d_pp, 2) as small_minus_large_21d_pp,
        rounded(p.spread_ytd_pp, 2) as small_minus_large_ytd_pp,
        p.outperformance_streak as small_vs_large_streak,
        k.reason_en as note_en,
        k.reason_zh as note_zh
    from marts.rotation_daily as d
    left join marts.index_spreads as p on d.session_date = p.session_date and p.lead_id = 'RUT' and p.base_id = 'SPX'
    left join reason_texts as k on d.reason = k.reason
)

select *
from final
order by session_date
