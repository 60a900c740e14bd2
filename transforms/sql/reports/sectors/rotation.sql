/*
description: >
  The rotation section of the daily report, best month first, rounded to what is printed, one row set per session. What is one figure for
  the whole session stands in reports.rotation_summary.
grain: session_date x sector
materialized: table
blocks: {by: session_date, back: 256}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: BIGINT, unit: "", description: "Place of the row in the section: by the 21-session return."}
  - {name: sector, type: VARCHAR, unit: "", description: "Sector in the GICS taxonomy."}
  - {name: symbol, type: VARCHAR, unit: "", description: "ETF that stands for the sector."}
  - {name: label_en, type: VARCHAR, unit: "", description: "Name of the sector, in English."}
  - {name: label_zh, type: VARCHAR, unit: "", description: "Name of the sector, in Chinese."}
  - {name: rs_252d, type: DOUBLE, unit: "", description: "Price of the ETF over that of the benchmark; 100 is where it stood 252 sessions ago (a year)."}
  - {name: return_21d_pct, type: DOUBLE, unit: percent, description: "Return over 21 sessions (a month)."}
  - {name: rank_5d, type: INTEGER, unit: "", description: "Rank by 5-session return."}
  - {name: rank_21d, type: INTEGER, unit: "", description: "Rank by 21-session return."}
  - {name: rank_63d, type: INTEGER, unit: "", description: "Rank by 63-session return."}
  - {name: rank_ytd, type: INTEGER, unit: "", description: "Rank by return in the year so far."}
  - {name: rank_21d_change_5d, type: INTEGER, unit: ranks, description: "Ranks climbed by rank_21d since 5 sessions ago."}
  - {name: rank_21d_change_21d, type: INTEGER, unit: ranks, description: "Ranks climbed by rank_21d since 21 sessions ago."}
  - {name: rrg_weekly_14_rs_ratio, type: DOUBLE, unit: "", description: "100 + z of rs over 14 completed weeks."}
  - {name: rrg_weekly_14_rs_momentum, type: DOUBLE, unit: "", description: "100 + z of the change of rs_ratio over 14 completed weeks."}
  - {name: rrg_weekly_14_quadrant, type: VARCHAR, unit: "", description: "leading, weakening, lagging or improving."}
  - {name: rrg_daily_50_rs_ratio, type: DOUBLE, unit: "", description: "100 + z of rs over 50 sessions."}
  - {name: rrg_daily_50_rs_momentum, type: DOUBLE, unit: "", description: "100 + z of the change of rs_ratio over 50 sessions."}
  - {name: rrg_daily_50_quadrant, type: VARCHAR, unit: "", description: "leading, weakening, lagging or improving."}
  - {name: note_en, type: VARCHAR, unit: "", description: "Why values are missing, or what to know about them, in English."}
  - {name: note_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
evidence:
  of: marts.sector_rotation
*/
with relative_strengths as (
    select
        t.symbol,
        t.seq,
        min_by(100 * t.rs / nullif(b.rs, 0), t.pair_rank) as rs_252d
    from intermediate.relative_strength as t
    inner join intermediate.relative_strength as b
        on t.symbol = b.symbol and t.pair_rank = b.pair_rank and t.seq - 252 = b.seq
    group by t.symbol, t.seq
),

reason_texts as (
    select
        reason,
        note('en', reason) as reason_en,
        note('zh', reason) as reason_zh
    from (select distinct r.reason from marts.sector_rotation as r) as distinct_reasons
),

final as (
    select
        t.session_date,
        row_number() over (partition by t.session_date order by r.return_21d_pct desc nulls last, t.sector) as position,
        t.sector,
        t.symbol,
        coalesce(text_of('en', 'names.sector.' || t.sector), t.sector) as label_en,
        coalesce(text_of('zh', 'names.sector.' || t.sector), t.sector) as label_zh,
        rounded(y.rs_252d, 2) as rs_252d,
        rounded(r.return_21d_pct, 2) as return_21d_pct,
        t.rank_5d,
        t.rank_21d,
        t.rank_63d,
        t.rank_ytd,
        t.rank_change_5d as rank_21d_change_5d,
        t.rank_change_21d as rank_21d_change_21d,
        rounded(t.rrg_weekly_14_rs_ratio, 2) as rrg_weekly_14_rs_ratio,
        rounded(t.rrg_weekly_14_rs_momentum, 2) as rrg_weekly_14_rs_momentum,
        t.rrg_weekly_14_quadrant,
        rounded(t.rrg_daily_50_rs_ratio, 2) as rrg_daily_50_rs_ratio,
        rounded(t.rrg_daily_50_rs_momentum, 2) as rrg_daily_50_rs_momentum,
        t.rrg_daily_50_quadrant,
        joined_by(
            $en['notes.next'],
            k.reason_en,
            if(t.rs is not null and y.rs_252d is null, $en['rotation.no_rs_252d'], null)
        ) as note_en,
        joined_by(
            $zh['notes.next'],
            k.reason_zh,
            if(t.rs is not null and y.rs_252d is null, $zh['rotation.no_rs_252d'], null)
        ) as note_zh
    from marts.sector_rotation as t
    inner join staging.sessions as s on t.session_date = s.session_date
    inner join marts.sector_returns as r on t.session_date = r.session_date and t.sector = r.sector
    left join relative_strengths as y on t.symbol = y.symbol and s.seq = y.seq
    left join reason_texts as k on t.reason = k.reason
)

select *
from final
order by session_date, position
