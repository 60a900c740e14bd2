/*
description: >
  The companies of each market-cap band whose sales grew fastest, as public at the close, one row set per session of the stock panel.
  All of a band are ranked by one measure: compound growth over three years where at least five companies have it, else growth over one
  year where at least five have that. Ten at most, none without growth; a band that has none to show has one row that says why.
grain: session_date x position
materialized: table
blocks: {by: session_date, back: 8}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: BIGINT, unit: "", description: "Place of the row in the section: bands from the largest, the fastest first."}
  - {name: cap_band, type: VARCHAR, unit: "", description: "Band of the last market cap of the five sessions before."}
  - {name: label_en, type: VARCHAR, unit: "", description: "Name of the band with its limits, in English."}
  - {name: label_zh, type: VARCHAR, unit: "", description: "Name of the band with its limits, in Chinese."}
  - {name: place, type: BIGINT, unit: "", description: "Place in the band, 1 being the fastest; null in a row that says why the band has none to show."}
  - {name: compared, type: BIGINT, unit: companies, description: "Companies of the band that have the growth that they are ranked by: what the place is among."}
  - {name: ranked_by, type: VARCHAR, unit: "", description: "revenue_growth_3y_pct or revenue_growth_1y_pct; null where too few can be compared."}
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the instrument."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol of the filings."}
  - {name: sector, type: VARCHAR, unit: "", description: "GICS sector; unknown for those on no list."}
  - {name: sector_label_en, type: VARCHAR, unit: "", description: "Name of the sector, in English."}
  - {name: sector_label_zh, type: VARCHAR, unit: "", description: "Name of the sector, in Chinese."}
  - {name: fiscal_year_end, type: DATE, unit: "", description: "End of the newest fiscal year that was public."}
  - {name: revenue_growth_1y_pct, type: DOUBLE, unit: percent, description: "Sales against the year before."}
  - {name: revenue_growth_3y_pct, type: DOUBLE, unit: percent a year, description: "Compound yearly growth of sales over three years."}
  - {name: eps_growth_1y_pct, type: DOUBLE, unit: percent, description: "Diluted earnings a share against the year before."}
  - {name: eps_growth_3y_pct, type: DOUBLE, unit: percent a year, description: "Compound yearly growth of diluted earnings a share over three years."}
  - {name: net_margin_pct, type: DOUBLE, unit: percent, description: "Net income over sales."}
  - {name: note_en, type: VARCHAR, unit: "", description: "Why values are missing, or what to know about them, in English."}
  - {name: note_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
invariants:
  - description: Who leads has grown, among at least five; ten a band at most.
    sql: >
      select * from reports.fundamental_leaders where place > 10 or (place is not null and compared < 5)
      or case ranked_by when 'revenue_growth_3y_pct' then revenue_growth_3y_pct < 0 else revenue_growth_1y_pct < 0 end
evidence:
  of: marts.fundamental_growth
*/
with instrument_numbers as (
    select
        instrument_id,
        instrument_no
    from intermediate.equity_series
    where is_best
),

growth_states as (
    select
        n.instrument_no,
        s.seq as from_seq,
        coalesce(lead(s.seq) over (partition by g.instrument_id order by s.seq), 2147483647) as until_seq,
        g.*
    from marts.fundamental_growth as g
    inner join instrument_numbers as n on g.instrument_id = n.instrument_id
    inner join staging.sessions as s on g.session_date = s.session_date
),

-- a state is a year old at most, and some months for the filing: after that the company has stopped reporting
sessions_with_cap as (
    select
        p.instrument_no,
        p.seq,
        p.sessions_since_bar,
        last_value(p.market_cap ignore nulls) over (
            partition by p.instrument_no
            order by p.seq
            rows between 5 preceding and 1 preceding
        ) as last_cap
    from intermediate.panel as p
    semi join growth_states as s on p.instrument_no = s.instrument_no
    -- bands begin with the market
    where p.market_age >= 1
),

gics_sectors as (
    select
        instrument_id,
        substr(universe, 8) as sector
    from intermediate.universe_members
    where starts_with(universe, 'sector:')
),

candidate_stocks as (
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
        -- with from_seq the key of the state, of which all else is fetched for the few that are printed
        s.instrument_no,
        s.from_seq,
        s.instrument_id,
        s.revenue_growth_1y_pct,
        s.revenue_growth_3y_pct
    from sessions_with_cap as d
    inner join staging.sessions as c on d.seq = c.seq
    inner join growth_states as s on d.instrument_no = s.instrument_no and d.seq >= s.from_seq and d.seq < s.until_seq
    left join gics_sectors as u on s.instrument_id = u.instrument_id
    where
        d.sessions_since_bar = 0
        and c.session_date - s.fiscal_year_end <= 550
        and (s.revenue_growth_3y_pct is not null or s.revenue_growth_1y_pct is not null)
),

cap_bands as (
    select
        session_date,
        cap_band,
        -- a place among fewer than five says nothing
        case
            when count(revenue_growth_3y_pct) >= 5 then 'revenue_growth_3y_pct'
            when count(revenue_growth_1y_pct) >= 5 then 'revenue_growth_1y_pct'
        end as ranked_by,
        case
            when count(revenue_growth_3y_pct) >= 5 then count(revenue_growth_3y_pct)
            else count(revenue_growth_1y_pct)
        end as compared
    from candidate_stocks
    group by session_date, cap_band
),

growth_by_band as (
    select
        c.*,
        b.ranked_by,
        b.compared,
        if(b.ranked_by = 'revenue_growth_3y_pct', c.revenue_growth_3y_pct, c.revenue_growth_1y_pct) as growth_pct
    from candidate_stocks as c
    inner join cap_bands as b on c.session_date = b.session_date and c.cap_band = b.cap_band
    where b.ranked_by is not null
),

growth_leaders as (
    select
        session_date,
        cap_band,
        sector,
        instrument_no,
        from_seq,
        ranked_by,
        compared,
        row_number() over (
            partition by session_date, cap_band
            order by growth_pct desc, revenue_growth_1y_pct desc nulls last, instrument_id
        ) as place
    from growth_by_band
    where growth_pct > 0
    qualify place <= 10
),

table_lines as (
    select
        p.session_date,
        p.cap_band,
        p.place,
        p.compared,
        p.ranked_by,
        s.instrument_id,
        s.symbol,
        p.sector,
        s.fiscal_year_end,
        s.revenue_growth_1y_pct,
        s.revenue_growth_3y_pct,
        s.eps_growth_1y_pct,
        s.eps_growth_3y_pct,
        s.net_margin_pct,
        s.reason,
        s.is_filed_assumed
    from growth_leaders as p
    inner join growth_states as s on p.instrument_no = s.instrument_no and p.from_seq = s.from_seq
    union all by name
    select
        b.session_date,
        b.cap_band,
        b.compared,
        b.ranked_by
    from cap_bands as b
    anti join growth_leaders as p on b.session_date = p.session_date and b.cap_band = p.cap_band
),

reason_texts as (
    select
        reason,
        note('en', reason) as reason_en,
        note('zh', reason) as reason_zh
    from (select distinct r.reason from marts.fundamental_growth as r) as distinct_reasons
),

band_labels as (
    select
        cap_band,
        coalesce(text_of('en', 'names.band.' || cap_band), cap_band) as label_en,
        coalesce(text_of('zh', 'names.band.' || cap_band), cap_band) as label_zh
    from (select distinct b.cap_band from cap_bands as b) as distinct_bands
),

sector_labels as (
    select
        sector,
        sector_label('en', sector) as label_en,
        sector_label('zh', sector) as label_zh
    from (select distinct p.sector from growth_leaders as p) as distinct_sectors
),

final as (
    select
        t.session_date,
        row_number() over (
            partition by t.session_date
            order by list_position(['mega', 'large', 'upper_mid', 'mid', 'small', 'micro', 'unknown'], t.cap_band), t.place
        ) as position,
        t.cap_band,
        b.label_en,
        b.label_zh,
        t.place,
        t.compared,
        t.ranked_by,
        t.instrument_id,
        t.symbol,
        t.sector,
        n.label_en as sector_label_en,
        n.label_zh as sector_label_zh,
        t.fiscal_year_end,
        rounded(t.revenue_growth_1y_pct, 1) as revenue_growth_1y_pct,
        rounded(t.revenue_growth_3y_pct, 1) as revenue_growth_3y_pct,
        rounded(t.eps_growth_1y_pct, 1) as eps_growth_1y_pct,
        rounded(t.eps_growth_3y_pct, 1) as eps_growth_3y_pct,
        rounded(t.net_margin_pct, 1) as net_margin_pct,
        joined_by(
            $en['notes.next'],
            case
                when t.place is not null then null
                when t.ranked_by is null then filled($en['fundamental_leaders.too_few'], 'n', t.compared)
                else filled($en['fundamental_leaders.no_growth'], 'n', t.compared)
            end,
            k.reason_en,
            if(t.is_filed_assumed, $en['fundamental_leaders.filed_assumed'], null)
        ) as note_en,
        joined_by(
            $zh['notes.next'],
            case
                when t.place is not null then null
                when t.ranked_by is null then filled($zh['fundamental_leaders.too_few'], 'n', t.compared)
                else filled($zh['fundamental_leaders.no_growth'], 'n', t.compared)
            end,
            k.reason_zh,
            if(t.is_filed_assumed, $zh['fundamental_leaders.filed_assumed'], null)
        ) as note_zh
    from table_lines as t
    inner join band_labels as b on t.cap_band = b.cap_band
    left join sector_labels as n on t.sector = n.sector
    left join reason_texts as k on t.reason = k.reason
)

select *
from final
order by session_date, position
