/*
description: >
  The money flow section of the daily report, by market-cap band from the largest, rounded to what is printed, one row set per session.
  Read from prices and volumes: no fund flows.
grain: session_date x cap_band
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: INTEGER, unit: "", description: "Place of the row in the section."}
  - {name: cap_band, type: VARCHAR, unit: "", description: "Market-cap band, or all."}
  - {name: members, type: BIGINT, unit: stocks, description: "Stocks of the band."}
  - {name: signed_volume_flow_usd_m, type: DOUBLE, unit: million USD, description: "Dollars traded in stocks that rose less those in stocks that fell."}
  - {name: signed_volume_flow_pct, type: DOUBLE, unit: percent, description: "The same over all dollars traded."}
  - {name: inflow_pct, type: DOUBLE, unit: percent, description: "Members that rose."}
  - {name: cmf_flow_usd_m, type: DOUBLE, unit: million USD, description: "Chaikin's money flow of the day."}
  - {name: cmf, type: DOUBLE, unit: "", description: "Chaikin money flow over a month."}
  - {name: unusual_buys, type: BIGINT, unit: stocks, description: "Advances on more than twice the mean volume."}
  - {name: unusual_sells, type: BIGINT, unit: stocks, description: "Declines on more than twice the mean volume."}
  - {name: note, type: VARCHAR, unit: "", description: "Why values are missing."}
evidence:
  of: marts.flows_by_cap_band
*/
with final as (
    select
        session_date,
        cast(
            list_position(['all', 'mega', 'large', 'upper_mid', 'mid', 'small', 'micro', 'unknown'], cap_band) as integer
        ) as position,
        cap_band,
        members,
        round(signed_volume_flow_usd / 1e6, 1) as signed_volume_flow_usd_m,
        round(100 * signed_volume_flow_usd / nullif(traded_usd, 0), 1) as signed_volume_flow_pct,
        round(100 * inflow_share, 1) as inflow_pct,
        round(cmf_flow_usd / 1e6, 1) as cmf_flow_usd_m,
        round(cmf, 3) as cmf,
        unusual_buys,
        unusual_sells,
        reason as note
    from marts.flows_by_cap_band
)

select *
from final
order by session_date, position
