/*
description: >
  GICS sectors as the newest list that gives one has them: of instruments, and of names alone, for those of which no bar is known so far.
  A stock thus has its sector before its first bar.
grain: member_id
materialized: table
publish: false
columns:
  - {name: member_id, type: VARCHAR, unit: "", description: "Stable id of the instrument, or ? and the name as lists write it."}
  - {name: sector, type: VARCHAR, unit: "", description: "Sector in the GICS taxonomy."}
*/
with named_sectors as (
    select
        universe,
        instrument_id,
        symbol,
        effective_date,
        case
            when sector in ('Communication', 'Communications') then 'Communication Services'
            when sector in ('Technology') then 'Information Technology'
            else sector
        end as sector
    from intermediate.listed_names
    where
        kind = 'snapshot'
        and sector in (
            'Communication', 'Communications', 'Communication Services', 'Consumer Discretionary', 'Consumer Staples', 'Energy',
            'Financials', 'Health Care', 'Industrials', 'Information Technology', 'Technology', 'Materials', 'Real Estate',
            'Utilities'
        )
),

sectors_by_member as (
    select
        universe,
        instrument_id as member_id,
        effective_date,
        sector
    from named_sectors
    where instrument_id is not null
    union all
    select
        universe,
        '?' || symbol as member_id,
        effective_date,
        sector
    from named_sectors
),

final as (
    select
        member_id,
        sector
    from sectors_by_member
    qualify row_number() over (partition by member_id order by effective_date desc, universe, sector) = 1
)

select *
from final
order by member_id
