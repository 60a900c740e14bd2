/*
description: >
  The companies with the fastest compound growth of sales in each market-cap band and sector, three at most, as public at the close,
  one row set per session of the stock panel.
grain: session_date x cap_band x sector x position
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: cap_band, type: VARCHAR, unit: "", description: "Band of the last market cap of the five sessions before."}
  - {name: sector, type: VARCHAR, unit: "", description: "GICS sector; unknown for those on no list."}
  - {name: position, type: BIGINT, unit: "", description: "Place by revenue_growth_3y_pct, then by growth over one year."}
  - {name: companies, type: BIGINT, unit: companies, description: "Companies of band and sector with growth of sales: what the place is among."}
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the instrument."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol of the filings."}
  - {name: fiscal_year_end, type: DATE, unit: "", description: "End of the newest fiscal year that was public."}
  - {name: revenue_growth_1y_pct, type: DOUBLE, unit: percent, description: "Sales against the year before."}
  - {name: revenue_growth_3y_pct, type: DOUBLE, unit: percent a year, description: "Compound yearly growth of sales over three years."}
  - {name: eps_growth_1y_pct, type: DOUBLE, unit: percent, description: "Diluted earnings a share against the year before."}
  - {name: eps_growth_3y_pct, type: DOUBLE, unit: percent a year, description: "Compound yearly growth of diluted earnings a share over three years."}
  - {name: net_margin_pct, type: DOUBLE, unit: percent, description: "Net income over sales."}
  - {name: note, type: VARCHAR, unit: "", description: "Why values are missing, or what to know about them."}
evidence:
  of: marts.fundamental_growth
*/
with numbers as (
    select
        instrument_id,
        instrument_no
    from intermediate.equity_series
    where is_chosen
),

states as (
    select
        n.instrument_no,
        s.seq as from_seq,
        coalesce(lead(s.seq) over (partition by g.instrument_id order by s.seq), 2147483647) as until_seq,
        g.*
    from marts.fundamental_growth as g
    inner join numbers as n on g.instrument_id = n.instrument_id
    inner join staging.sessions as s on g.session_date = s.session_date
),

-- a state is a year old at most, and some months for the filing: after that the company has stopped reporting
days as (
    select
        p.instrument_no,
        p.seq,
        p.idle,
        last_value(p.market_cap ignore nulls) over (
            partition by p.instrument_no
            order by p.seq
            rows between 5 preceding and 1 preceding
        ) as last_cap
    from intermediate.panel as p
    semi join states as s on p.instrument_no = s.instrument_no
),

sectors as (
    select
        instrument_id,
        substr(universe, 8) as sector
    from intermediate.universe_members
    where starts_with(universe, 'sector:')
),

candidates as (
    select
        c.session_date,
        case
            when d.last_cap is null then 'unknown'
            when d.last_cap < 0.5e9 then 'micro'
            when d.last_cap < 2e9 then 'small'
            when d.last_cap < 10e9 then 'mid'
            when d.last_cap < 50e9 then 'upper_mid'
            when d.last_cap < 200e9 then 'large'
            else 'mega'
        end as cap_band,
        coalesce(u.sector, 'unknown') as sector,
        s.* exclude (session_date)
    from days as d
    inner join staging.sessions as c on d.seq = c.seq
    inner join states as s on d.instrument_no = s.instrument_no and d.seq >= s.from_seq and d.seq < s.until_seq
    left join sectors as u on s.instrument_id = u.instrument_id
    where
        d.idle = 0
        and c.session_date - s.fiscal_year_end <= 550
        and (s.revenue_growth_3y_pct is not null or s.revenue_growth_1y_pct is not null)
),

final as (
    select
        session_date,
        cap_band,
        sector,
        row_number() over (
            partition by session_date, cap_band, sector
            order by revenue_growth_3y_pct desc nulls last, revenue_growth_1y_pct desc nulls last, instrument_id
        ) as position,
        count(*) over (partition by session_date, cap_band, sector) as companies,
        instrument_id,
        symbol,
        fiscal_year_end,
        round(revenue_growth_1y_pct, 1) as revenue_growth_1y_pct,
        round(revenue_growth_3y_pct, 1) as revenue_growth_3y_pct,
        round(eps_growth_1y_pct, 1) as eps_growth_1y_pct,
        round(eps_growth_3y_pct, 1) as eps_growth_3y_pct,
        round(net_margin_pct, 1) as net_margin_pct,
        nullif(concat_ws('; ', reason, if(is_filed_assumed, 'filing dates assumed', null)), '') as note
    from candidates
)

select *
from final
where position <= 3
order by session_date, cap_band, sector, position
