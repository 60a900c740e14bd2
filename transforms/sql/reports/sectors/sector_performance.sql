/*
description: The sectors section of the daily report, best first, rounded to what is printed, one row set per session.
grain: session_date x sector
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: BIGINT, unit: "", description: "Place of the row in the section: by the 1-session return."}
  - {name: sector, type: VARCHAR, unit: "", description: "Sector in the GICS taxonomy."}
  - {name: symbol, type: VARCHAR, unit: "", description: "ETF that stands for the sector."}
  - {name: close, type: DOUBLE, unit: USD, description: "Close of the session, adjusted as the basis says."}
  - {name: return_1d_pct, type: DOUBLE, unit: percent, description: "Return over 1 session."}
  - {name: return_5d_pct, type: DOUBLE, unit: percent, description: "Return over 5 sessions (a week)."}
  - {name: return_21d_pct, type: DOUBLE, unit: percent, description: "Return over 21 sessions (a month)."}
  - {name: return_63d_pct, type: DOUBLE, unit: percent, description: "Return over 63 sessions (a quarter)."}
  - {name: return_mtd_pct, type: DOUBLE, unit: percent, description: "Return in the month so far."}
  - {name: return_ytd_pct, type: DOUBLE, unit: percent, description: "Return in the year so far."}
  - {name: return_252d_pct, type: DOUBLE, unit: percent, description: "Return over 252 sessions (a year)."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted: total_return has dividends in it."}
  - {name: source, type: VARCHAR, unit: "", description: "Series of the close."}
  - {name: note, type: VARCHAR, unit: "", description: "Why values are missing, or what to know about them."}
evidence:
  of: marts.sector_returns
*/
with final as (
    select
        session_date,
        row_number() over (partition by session_date order by return_1d_pct desc nulls last, sector) as position,
        sector,
        symbol,
        round(close, 2) as close,
        round(return_1d_pct, 2) as return_1d_pct,
        round(return_5d_pct, 2) as return_5d_pct,
        round(return_21d_pct, 2) as return_21d_pct,
        round(return_63d_pct, 2) as return_63d_pct,
        round(return_mtd_pct, 2) as return_mtd_pct,
        round(return_ytd_pct, 2) as return_ytd_pct,
        round(return_252d_pct, 2) as return_252d_pct,
        basis,
        source,
        nullif(concat_ws('; ', reason, 'other series: ' || other_series), '') as note
    from marts.sector_returns
)

select *
from final
order by session_date, position
