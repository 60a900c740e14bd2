/*
description: >
  Growth of sales and earnings of each company, as of the sessions on which a newer or restated year became public; a row holds until
  the company's next one. Fiscal years, by when they were public.
grain: session_date x instrument_id
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "First session by whose close the figures were public."}
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the instrument; the symbol where no bar is known of it."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol of the filings."}
  - {name: fiscal_year_end, type: DATE, unit: "", description: "End of the newest fiscal year that was public."}
  - {name: revenue, type: DOUBLE, unit: see currency, description: "Sales of that year; null where not reported."}
  - {name: currency, type: VARCHAR, unit: "", description: "Currency of the sales."}
  - {name: revenue_growth_1y_pct, type: DOUBLE, unit: percent, description: "Sales against the year before."}
  - {name: revenue_growth_3y_pct, type: DOUBLE, unit: percent a year, description: "Compound yearly growth of sales over three years."}
  - {name: eps_diluted, type: DOUBLE, unit: currency a share, description: "Diluted earnings a share of that year."}
  - {name: eps_growth_1y_pct, type: DOUBLE, unit: percent, description: "Diluted earnings a share against the year before."}
  - {name: eps_growth_3y_pct, type: DOUBLE, unit: percent a year, description: "Compound yearly growth of diluted earnings a share over three years."}
  - {name: net_margin_pct, type: DOUBLE, unit: percent, description: "Net income over sales of that year."}
  - {name: is_filed_assumed, type: BOOLEAN, unit: "", description: "No filing date is known of some figure: the year's end + 90 days stands for it."}
  - {name: reason, type: VARCHAR, unit: "", description: "Why values are null, and which; null where all are there."}
invariants:
  - description: A year is public only after its end.
    sql: select * from marts.fundamental_growth where fiscal_year_end >= session_date
method:
  id: fundamental_growth
  version: 1
  formula: 100 (x_0 / x_1 - 1); 100 ((x_0 / x_3)^(1/3) - 1); net income / revenue
  parameters: durations of 350 to 380 days are a year; years 350 to 380 and 1076 to 1116 days apart
  citation: SEC companyfacts, or a vendor's income statements
  oracle: worked by hand
  deviations: >
    not defined from or to a value that is not positive; earnings a share of old filings are not adjusted for later splits unless a
    newer filing restates them
evidence:
  rows:
    - dataset: fundamentals
      sql: >
        select f.concept || if(f.period_end = $fiscal_year_end, '', ', earlier year') as role, f.*
        from lake.fundamentals as f inner join lake.sessions as s on s.session_date = $session_date
        where f.symbol = $symbol and f.available_at <= s.close_at and f.period_end - f.period_start between 350 and 380
        and f.concept in ('revenue', 'eps_diluted', 'net_income')
        and (f.concept = 'eps_diluted' or $column not like 'eps%') and (f.concept = 'revenue' or $column not like 'revenue%')
        order by f.period_end desc, f.concept
*/
with fiscal_years as (
    select
        symbol,
        concept,
        period_end,
        unit,
        value,
        accession,
        source,
        available_at,
        is_filed_assumed
    from staging.fundamentals
    where
        concept in ('revenue', 'eps_diluted', 'net_income')
        and period_end - period_start + 1 between 350 and 380
        and available_at > cast(period_end as timestamp) at time zone 'UTC'
),

facts as (
    select
        y.*,
        s.seq as known_seq
    from fiscal_years as y
    asof inner join staging.sessions as s on y.available_at <= s.close_at
    -- an assumed date may lie in the future
    where s.seq <= (select max(m.seq) from intermediate.session_marks as m)
),

events as (
    select
        symbol,
        known_seq,
        max(max(period_end)) over (partition by symbol order by known_seq) as fiscal_year_end
    from facts
    group by symbol, known_seq
),

-- of each figure the filing that was newest by then, one with its date before one that is assumed; a fiscal year may end some
-- days earlier or later than the year before
figures as (
    select
        e.symbol,
        e.known_seq,
        e.fiscal_year_end,
        f.concept,
        f.value,
        f.unit,
        f.is_filed_assumed,
        case
            when f.period_end = e.fiscal_year_end then 0
            when e.fiscal_year_end - f.period_end between 350 and 380 then 1
            when e.fiscal_year_end - f.period_end between 1076 and 1116 then 3
        end as years_back
    from events as e
    inner join facts as f on e.symbol = f.symbol and e.known_seq >= f.known_seq
    where years_back is not null
    qualify row_number() over (
        partition by e.symbol, e.known_seq, f.concept, years_back
        order by f.is_filed_assumed, f.available_at desc, f.accession desc, f.source, f.value
    ) = 1
),

figures_by_year as (
    select
        symbol,
        known_seq,
        fiscal_year_end,
        max(unit) filter (where concept = 'revenue' and years_back = 0) as unit,
        max(unit) filter (where concept = 'eps_diluted' and years_back = 0) as eps_unit,
        max(value) filter (where concept = 'revenue' and years_back = 0) as revenue,
        max(value) filter (where concept = 'eps_diluted' and years_back = 0) as eps,
        max(value) filter (where concept = 'net_income' and years_back = 0) as net_income,
        max(unit) filter (where concept = 'net_income' and years_back = 0) as income_unit,
        max({ 'x': value, 'unit': unit }) filter (where concept = 'revenue' and years_back = 1) as revenue_1,
        max({ 'x': value, 'unit': unit }) filter (where concept = 'revenue' and years_back = 3) as revenue_3,
        max({ 'x': value, 'unit': unit }) filter (where concept = 'eps_diluted' and years_back = 1) as eps_1,
        max({ 'x': value, 'unit': unit }) filter (where concept = 'eps_diluted' and years_back = 3) as eps_3,
        bool_or(is_filed_assumed) as is_filed_assumed
    from figures
    group by symbol, known_seq, fiscal_year_end
),

growth_pairs as (
    select
        symbol,
        known_seq,
        fiscal_year_end,
        unit,
        revenue,
        eps,
        net_income,
        is_filed_assumed,
        if(unit = income_unit and revenue > 0, 100 * net_income / revenue, null) as net_margin_pct,
        unnest([
            {
                'name': 'revenue_growth_1y_pct',
                'x': revenue,
                'x_0': if(revenue_1.unit = unit, revenue_1.x, null),
                'root': 1
            },
            row('revenue_growth_3y_pct', revenue, if(revenue_3.unit = unit, revenue_3.x, null), 3),
            row('eps_growth_1y_pct', eps, if(eps_1.unit = eps_unit, eps_1.x, null), 1),
            row('eps_growth_3y_pct', eps, if(eps_3.unit = eps_unit, eps_3.x, null), 3)
        ]) as g
    from figures_by_year
),

growth_rates as (
    select
        * exclude (g),
        g.name,
        if(g.x > 0 and g.x_0 > 0, 100 * (power(g.x / g.x_0, 1 / g.root) - 1), null) as growth,
        case
            when g.x is null then 'not reported'
            when g.x_0 is null then 'no year to compare with'
            when g.x <= 0 and g.x_0 <= 0 then 'not positive in both years'
            when g.x <= 0 or g.x_0 <= 0 then 'change of sign'
        end as why
    from growth_pairs
),

company_growth as (
    select
        symbol,
        known_seq,
        fiscal_year_end,
        unit,
        revenue,
        eps,
        net_margin_pct,
        is_filed_assumed,
        max(growth) filter (where name = 'revenue_growth_1y_pct') as revenue_growth_1y_pct,
        max(growth) filter (where name = 'revenue_growth_3y_pct') as revenue_growth_3y_pct,
        max(growth) filter (where name = 'eps_growth_1y_pct') as eps_growth_1y_pct,
        max(growth) filter (where name = 'eps_growth_3y_pct') as eps_growth_3y_pct,
        concat_ws(
            '; ',
            string_agg(name || ': ' || why, '; ' order by name) filter (where why is not null),
            if(net_margin_pct is null, 'net_margin_pct: net income or sales not reported, or sales not positive', null)
        ) as why
    from growth_rates
    group by symbol, known_seq, fiscal_year_end, unit, revenue, eps, net_margin_pct, is_filed_assumed
),

final as (
    select
        s.session_date,
        coalesce(i.instrument_id, g.symbol) as instrument_id,
        g.symbol,
        g.fiscal_year_end,
        g.revenue,
        g.unit as currency,
        g.revenue_growth_1y_pct,
        g.revenue_growth_3y_pct,
        g.eps as eps_diluted,
        g.eps_growth_1y_pct,
        g.eps_growth_3y_pct,
        g.net_margin_pct,
        g.is_filed_assumed,
        nullif(g.why, '') as reason
    from company_growth as g
    inner join staging.sessions as s on g.known_seq = s.seq
    left join intermediate.instruments as i on g.symbol = i.symbol and (i.valid_to is null or s.session_date < i.valid_to)
    -- the instrument of that day, else the first one known by the symbol
    qualify row_number() over (partition by g.symbol, g.known_seq order by i.valid_from) = 1
)

select *
from final
order by session_date, instrument_id
