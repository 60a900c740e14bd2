/*
description: The eleven GICS sectors, the ETF that stands for each, and what Yahoo and Morningstar call it.
grain: sector
materialized: table
publish: false
columns:
  - {name: position, type: INTEGER, unit: "", description: "Place in lists that are not ordered by a figure."}
  - {name: sector, type: VARCHAR, unit: "", description: "Name in the GICS taxonomy."}
  - {name: symbol, type: VARCHAR, unit: "", description: "ETF that tracks the sector's members of the S&P 500."}
  - {name: yahoo_sector, type: VARCHAR, unit: "", description: "Name of the nearest sector at Yahoo and Morningstar."}
  - {name: style, type: VARCHAR, unit: "", description: "cyclical, defensive, or neither."}
invariants:
  - description: A sector, an ETF and a Yahoo name stand for one another.
    sql: >
      select count(*) from intermediate.sector_map
      having count(*) <> 11 or count(distinct sector) <> 11 or count(distinct symbol) <> 11 or count(distinct yahoo_sector) <> 11
*/
with final as (
    select
        cast(position as integer) as position,
        sector,
        symbol,
        yahoo_sector,
        style
    from (
        values
        (1, 'Materials', 'XLB', 'Basic Materials', 'cyclical'),
        (2, 'Communication Services', 'XLC', 'Communication Services', 'neither'),
        (3, 'Energy', 'XLE', 'Energy', 'cyclical'),
        (4, 'Financials', 'XLF', 'Financial Services', 'cyclical'),
        (5, 'Industrials', 'XLI', 'Industrials', 'cyclical'),
        (6, 'Information Technology', 'XLK', 'Technology', 'cyclical'),
        (7, 'Consumer Staples', 'XLP', 'Consumer Defensive', 'defensive'),
        (8, 'Real Estate', 'XLRE', 'Real Estate', 'neither'),
        (9, 'Utilities', 'XLU', 'Utilities', 'defensive'),
        (10, 'Health Care', 'XLV', 'Healthcare', 'defensive'),
        (11, 'Consumer Discretionary', 'XLY', 'Consumer Cyclical', 'cyclical')
    ) as listed (position, sector, symbol, yahoo_sector, style)
)

select *
from final
order by position
