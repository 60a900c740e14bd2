/*
description: >
  Growth of sales and earnings of each company, as of the sessions on which a newer or restated year became public; a row holds until
  the company's next one. Fiscal years, by when they were public.
grain: session_date x instrument_id
materialized: table
sessions: [session_date, forever]
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
  version: 2
  formula: 100 (x_0 / x_1 - 1); 100 ((x_0 / x_3)^(1/3) - 1); net income / revenue
  parameters: >
    durations of 350 to 380 days in an annual form (10-K, 20-F, 40-F), or in a file without forms, are a year; years 350 to 380 and 1076 to
    1116 days apart
  citation: SEC companyfacts, or a vendor's income statements
  oracle: worked by hand
  deviations: >
    not defined from or to a value that is not positive; earnings a share of an earlier filing go through the splits known since, and are
    not compared where net income over earnings a share says that shares became 1.8 times as many, or fewer than 0.55 of them
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
        period_start,
        period_end,
        unit,
        value,
        accession,
        source,
        available_at,
        is_filed_assumed,
        cast(known_at at time zone 'America/New_York' as date) as learnt_on,
        -- a filing counts shares as on its day; a table without filings as on the day on which it was learnt
        cast(if(accession = '', coalesce(known_at, available_at), available_at) at time zone 'America/New_York' as date) as counted_on
    from staging.fundamentals
    where
        concept in ('revenue', 'eps_diluted', 'net_income')
        and period_end - period_start + 1 between 350 and 380
        and available_at > cast(period_end as timestamp) at time zone 'UTC'
        -- a quarterly report may give twelve months, too
        and (form is null or regexp_matches(upper(form), '^(10-?K|20-?F|40-?F)'))
),

known_facts as (
    select
        y.*,
        s.seq as known_seq
    from fiscal_years as y
    asof inner join staging.sessions as s on y.available_at <= s.close_at
    -- an assumed date may lie in the future
    where s.seq <= (select max(m.seq) from intermediate.session_marks as m)
),

new_year_events as (
    select
        symbol,
        known_seq,
        max(max(period_end)) over (partition by symbol order by known_seq) as fiscal_year_end
    from known_facts
    group by symbol, known_seq
),

-- of each figure the filing that was newest by then, one with its date before one that is assumed; a fiscal year may end some
-- days earlier or later than the year before
reported_figures as (
    select
        e.symbol,
        e.known_seq,
        e.fiscal_year_end,
        f.concept,
        f.period_start,
        f.period_end,
        f.value,
        f.unit,
        f.is_filed_assumed,
        f.counted_on,
        f.learnt_on,
        case
            when f.period_end = e.fiscal_year_end then 0
            when e.fiscal_year_end - f.period_end between 350 and 380 then 1
            when e.fiscal_year_end - f.period_end between 1076 and 1116 then 3
        end as years_back
    from new_year_events as e
    inner join known_facts as f on e.symbol = f.symbol and e.known_seq >= f.known_seq
    where years_back is not null
    qualify row_number() over (
        partition by e.symbol, e.known_seq, f.concept, f.period_start, f.period_end
        order by f.is_filed_assumed, f.available_at desc, f.accession desc, f.source, f.value
    ) = 1
),

-- all figures of a year are of one period: that of which most are given
year_periods as (
    select
        symbol,
        known_seq,
        years_back,
        period_start,
        period_end
    from reported_figures
    group by symbol, known_seq, years_back, period_start, period_end
    qualify row_number() over (
        partition by symbol, known_seq, years_back order by count(*) desc, period_end desc, period_start desc
    ) = 1
),

figures_of_one_period as (
    select f.*
    from reported_figures as f
    inner join year_periods as y
        on
            f.symbol = y.symbol
            and f.known_seq = y.known_seq
            and f.years_back = y.years_back
            and f.period_start = y.period_start
            and f.period_end = y.period_end
),

-- a company files all its history under its symbol of that day
company_instruments as (
    select
        f.symbol,
        b.instrument_id
    from (select
        symbol,
        max(learnt_on) as learnt_on
    from fiscal_years
    group by symbol) as f
    inner join intermediate.symbol_bearers as b on f.symbol = b.symbol
    qualify row_number() over (
        partition by f.symbol
        order by b.is_stock desc, f.learnt_on >= b.valid_from and f.learnt_on < b.valid_to desc, b.valid_from desc, b.instrument_id
    ) = 1
),

company_splits as (
    select
        f.symbol,
        p.ex_date,
        p.ratio
    from (select distinct symbol from fiscal_years) as f
    left join company_instruments as i on f.symbol = i.symbol
    inner join intermediate.split_events as p on coalesce(i.instrument_id, f.symbol) = p.instrument_id
),

-- earnings a share of an earlier year on the share count of the newest one's filing
earlier_eps as (
    select
        f.symbol,
        f.known_seq,
        f.years_back,
        f.value * coalesce(
            list_product(
                list(if(f.counted_on < n.counted_on, 1 / p.ratio, p.ratio) order by p.ex_date) filter (where p.ratio is not null)
            ),
            1
        ) as value
    from figures_of_one_period as f
    inner join figures_of_one_period as n
        on f.symbol = n.symbol and f.known_seq = n.known_seq and f.concept = n.concept and n.years_back = 0
    left join company_splits as p
        on
            f.symbol = p.symbol
            and p.ex_date > least(f.counted_on, n.counted_on)
            and p.ex_date <= greatest(f.counted_on, n.counted_on)
    where f.concept = 'eps_diluted' and f.years_back > 0
    group by f.symbol, f.known_seq, f.years_back, f.value
),

figures_by_year as (
    select
        f.symbol,
        f.known_seq,
        f.fiscal_year_end,
        max(f.unit) filter (where f.concept = 'revenue' and f.years_back = 0) as unit,
        max(f.unit) filter (where f.concept = 'eps_diluted' and f.years_back = 0) as eps_unit,
        max(f.value) filter (where f.concept = 'revenue' and f.years_back = 0) as revenue,
        max(f.value) filter (where f.concept = 'eps_diluted' and f.years_back = 0) as eps,
        max(f.value) filter (where f.concept = 'net_income' and f.years_back = 0) as net_income,
        max(f.unit) filter (where f.concept = 'net_income' and f.years_back = 0) as income_unit,
        max({ 'x': f.value, 'unit': f.unit }) filter (where f.concept = 'revenue' and f.years_back = 1) as revenue_1,
        max({ 'x': f.value, 'unit': f.unit }) filter (where f.concept = 'revenue' and f.years_back = 3) as revenue_3,
        max({ 'x': e.value, 'unit': f.unit }) filter (where f.concept = 'eps_diluted' and f.years_back = 1) as eps_1,
        max({ 'x': e.value, 'unit': f.unit }) filter (where f.concept = 'eps_diluted' and f.years_back = 3) as eps_3,
        max(f.value) filter (where f.concept = 'net_income' and f.years_back = 1) as income_1,
        max(f.value) filter (where f.concept = 'net_income' and f.years_back = 3) as income_3,
        bool_or(f.is_filed_assumed) as is_filed_assumed
    from figures_of_one_period as f
    left join earlier_eps as e
        on f.symbol = e.symbol and f.known_seq = e.known_seq and f.years_back = e.years_back and f.concept = 'eps_diluted'
    group by f.symbol, f.known_seq, f.fiscal_year_end
),

-- how many shares the newest year counts for one of the earlier year, as net income over earnings a share says; the cents of small
-- earnings say nothing
share_counts as (
    select
        *,
        if(
            least(abs(eps), abs(eps_1.x)) >= 0.1 and income_1 / eps_1.x > 0 and net_income / eps > 0,
            net_income / eps / (income_1 / eps_1.x),
            null
        ) as count_ratio_1,
        if(
            least(abs(eps), abs(eps_3.x)) >= 0.1 and income_3 / eps_3.x > 0 and net_income / eps > 0,
            net_income / eps / (income_3 / eps_3.x),
            null
        ) as count_ratio_3
    from figures_by_year
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
                'root': 1,
                'count_ratio': null
            },
            row('revenue_growth_3y_pct', revenue, if(revenue_3.unit = unit, revenue_3.x, null), 3, null),
            row('eps_growth_1y_pct', eps, if(eps_1.unit = eps_unit, eps_1.x, null), 1, count_ratio_1),
            row('eps_growth_3y_pct', eps, if(eps_3.unit = eps_unit, eps_3.x, null), 3, count_ratio_3)
        ]) as g
    from share_counts
),

growth_rates as (
    select
        * exclude (g),
        g.name,
        if(
            g.x > 0 and g.x_0 > 0 and coalesce(g.count_ratio between 0.55 and 1.8, true),
            100 * (power(g.x / g.x_0, 1 / g.root) - 1),
            null
        ) as growth,
        case
            when g.x is null then 'not reported'
            when g.x_0 is null then 'no year to compare with'
            when g.x <= 0 and g.x_0 <= 0 then 'not positive in both years'
            when g.x <= 0 or g.x_0 <= 0 then 'change of sign'
            when g.count_ratio not between 0.55 and 1.8 then printf('%.1f shares for one, and no split says why', g.count_ratio)
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
    left join company_instruments as i on g.symbol = i.symbol
)

select *
from final
order by session_date, instrument_id
