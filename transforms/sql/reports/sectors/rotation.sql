/*
description: >
  The rotation section of the daily report, best month first, rounded to what is printed, one row set per session; the figures of
  the whole session stand in each of its rows.
grain: session_date x sector
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: BIGINT, unit: "", description: "Place of the row in the section: by the 21-session return."}
  - {name: sector, type: VARCHAR, unit: "", description: "Sector in the GICS taxonomy."}
  - {name: symbol, type: VARCHAR, unit: "", description: "ETF that stands for the sector."}
  - {name: rs, type: DOUBLE, unit: "", description: "100 x price of the ETF / price of the benchmark."}
  - {name: return_21d_pct, type: DOUBLE, unit: percent, description: "Return over 21 sessions (a month)."}
  - {name: rank_5d, type: INTEGER, unit: "", description: "Rank by 5-session return."}
  - {name: rank_21d, type: INTEGER, unit: "", description: "Rank by 21-session return."}
  - {name: rank_63d, type: INTEGER, unit: "", description: "Rank by 63-session return."}
  - {name: rank_ytd, type: INTEGER, unit: "", description: "Rank by return in the year so far."}
  - {name: rank_change_5d, type: INTEGER, unit: ranks, description: "Ranks climbed by rank_21d since 5 sessions ago."}
  - {name: rank_change_21d, type: INTEGER, unit: ranks, description: "Ranks climbed by rank_21d since 21 sessions ago."}
  - {name: rrg_weekly_14_rs_ratio, type: DOUBLE, unit: "", description: "100 + z of rs over 14 completed weeks."}
  - {name: rrg_weekly_14_rs_momentum, type: DOUBLE, unit: "", description: "100 + z of the change of rs_ratio over 14 completed weeks."}
  - {name: rrg_weekly_14_quadrant, type: VARCHAR, unit: "", description: "leading, weakening, lagging or improving."}
  - {name: rrg_daily_50_rs_ratio, type: DOUBLE, unit: "", description: "100 + z of rs over 50 sessions."}
  - {name: rrg_daily_50_rs_momentum, type: DOUBLE, unit: "", description: "100 + z of the change of rs_ratio over 50 sessions."}
  - {name: rrg_daily_50_quadrant, type: VARCHAR, unit: "", description: "leading, weakening, lagging or improving."}
  - {name: rotation_intensity, type: DOUBLE, unit: "", description: "Of the session: 1 - Spearman correlation of ranks with those of 21 sessions ago."}
  - {name: dispersion_21d_pp, type: DOUBLE, unit: percentage points, description: "Of the session: deviation of the sectors' 21-session returns."}
  - {name: cyclical_minus_defensive_21d_pp, type: DOUBLE, unit: percentage points, description: "Of the session: cyclical less defensive sectors over 21 sessions."}
  - {name: small_minus_large_21d_pp, type: DOUBLE, unit: percentage points, description: "Of the session: Russell 2000 less S&P 500 over 21 sessions."}
  - {name: note, type: VARCHAR, unit: "", description: "Why values are missing."}
evidence:
  of: marts.sector_rotation
*/
with final as (
    select
        t.session_date,
        row_number() over (partition by t.session_date order by r.return_21d_pct desc nulls last, t.sector) as position,
        t.sector,
        t.symbol,
        round(t.rs, 2) as rs,
        round(r.return_21d_pct, 2) as return_21d_pct,
        t.rank_5d,
        t.rank_21d,
        t.rank_63d,
        t.rank_ytd,
        t.rank_change_5d,
        t.rank_change_21d,
        round(t.rrg_weekly_14_rs_ratio, 2) as rrg_weekly_14_rs_ratio,
        round(t.rrg_weekly_14_rs_momentum, 2) as rrg_weekly_14_rs_momentum,
        t.rrg_weekly_14_quadrant,
        round(t.rrg_daily_50_rs_ratio, 2) as rrg_daily_50_rs_ratio,
        round(t.rrg_daily_50_rs_momentum, 2) as rrg_daily_50_rs_momentum,
        t.rrg_daily_50_quadrant,
        round(d.rotation_intensity, 2) as rotation_intensity,
        round(d.dispersion_21d_pp, 2) as dispersion_21d_pp,
        round(d.cyclical_minus_defensive_21d_pp, 2) as cyclical_minus_defensive_21d_pp,
        round(d.small_minus_large_21d_pp, 2) as small_minus_large_21d_pp,
        nullif(concat_ws('; ', t.reason, d.reason), '') as note
    from marts.sector_rotation as t
    inner join marts.sector_returns as r on t.session_date = r.session_date and t.sector = r.sector
    inner join marts.rotation_daily as d on t.session_date = d.session_date
)

select *
from final
order by session_date, position
