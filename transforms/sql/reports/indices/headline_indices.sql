/*
description: The indices section of the daily report, rounded to what is printed, one row set per session; price returns.
grain: session_date x index_id
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: BIGINT, unit: "", description: "Place of the row in the section."}
  - {name: index_id, type: VARCHAR, unit: "", description: "Id of the index."}
  - {name: name, type: VARCHAR, unit: "", description: "Name of the index."}
  - {name: close, type: DOUBLE, unit: points, description: "Last value of the session."}
  - {name: change_points, type: DOUBLE, unit: points, description: "Change on the session."}
  - {name: return_1d_pct, type: DOUBLE, unit: percent, description: "Return over 1 session."}
  - {name: return_5d_pct, type: DOUBLE, unit: percent, description: "Return over 5 sessions (a week)."}
  - {name: return_wtd_pct, type: DOUBLE, unit: percent, description: "Return in the week so far."}
  - {name: return_mtd_pct, type: DOUBLE, unit: percent, description: "Return in the month so far."}
  - {name: return_qtd_pct, type: DOUBLE, unit: percent, description: "Return in the quarter so far."}
  - {name: return_ytd_pct, type: DOUBLE, unit: percent, description: "Return in the year so far."}
  - {name: return_252d_pct, type: DOUBLE, unit: percent, description: "Return over 252 sessions (a year)."}
  - {name: streak_vs_spx, type: INTEGER, unit: sessions, description: "Sessions in a row ahead of the S&P 500; negative: behind; null for indices not held against it."}
  - {name: spread_ytd_vs_spx_pp, type: DOUBLE, unit: percentage points, description: "Return in the year so far less that of the S&P 500; null for indices not held against it."}
  - {name: source, type: VARCHAR, unit: "", description: "Series of the close."}
  - {name: note, type: VARCHAR, unit: "", description: "Why values are missing, or what to know about them."}
evidence:
  of: marts.index_returns
*/
with names as (
    select *
    from (
        values
        (1, 'SPX', 'S&P 500'),
        (2, 'COMP', 'Nasdaq Composite'),
        (3, 'DJI', 'Dow Jones Industrial Average'),
        (4, 'RUT', 'Russell 2000'),
        (5, 'NDX', 'Nasdaq 100'),
        (6, 'MID', 'S&P MidCap 400'),
        (7, 'SML', 'S&P SmallCap 600'),
        (8, 'RUI', 'Russell 1000'),
        (9, 'RUA', 'Russell 3000'),
        (10, 'VIX', 'Cboe Volatility Index'),
        (11, 'RTY', 'Russell 2000 futures')
    ) as listed (place, index_id, name)
),

final as (
    select
        r.session_date,
        row_number() over (partition by r.session_date order by coalesce(n.place, 99), r.index_id) as position,
        r.index_id,
        coalesce(n.name, r.index_id) as name,
        round(r.close, 2) as close,
        round(r.change_points, 2) as change_points,
        round(r.return_1d_pct, 2) as return_1d_pct,
        round(r.return_5d_pct, 2) as return_5d_pct,
        round(r.return_wtd_pct, 2) as return_wtd_pct,
        round(r.return_mtd_pct, 2) as return_mtd_pct,
        round(r.return_qtd_pct, 2) as return_qtd_pct,
        round(r.return_ytd_pct, 2) as return_ytd_pct,
        round(r.return_252d_pct, 2) as return_252d_pct,
        p.outperformance_streak as streak_vs_spx,
        round(p.spread_ytd_pp, 2) as spread_ytd_vs_spx_pp,
        r.source,
        nullif(
            concat_ws(
                '; ',
                r.reason,
                case
                    when r.return_1d_pct is not null and p.lead_id is not null and p.outperformance_streak is null
                        then 'streak_vs_spx: no 1-session return of the S&P 500'
                end,
                case
                    when r.return_ytd_pct is not null and p.lead_id is not null and p.spread_ytd_pp is null
                        then 'spread_ytd_vs_spx_pp: no year-to-date return of the S&P 500'
                end,
                'other series: ' || r.other_series
            ),
            ''
        ) as note
    from marts.index_returns as r
    left join names as n on r.index_id = n.index_id
    left join marts.index_spreads as p
        on r.session_date = p.session_date and r.index_id = p.lead_id and p.base_id = 'SPX'
)

select *
from final
order by session_date, position
