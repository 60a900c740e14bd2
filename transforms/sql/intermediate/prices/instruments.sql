/*
description: >
  Which instrument a symbol names, and what it was called and how classified, for an interval of time. A symbol names a new
  instrument after 21 sessions without a bar under a different name; a symbol change carries the instrument on.
grain: symbol x valid_from
materialized: table
publish: false
sessions: [valid_from, valid_to]
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id: the symbol for its first instrument, SYMBOL@first-session for later ones."}
  - {name: valid_from, type: DATE, unit: "", description: "First day of the interval."}
  - {name: valid_to, type: DATE, unit: "", description: "First day after the interval; null for the last."}
  - {name: name, type: VARCHAR, unit: "", description: "Name of the security."}
  - {name: exchange, type: VARCHAR, unit: "", description: "Listing exchange."}
  - {name: country, type: VARCHAR, unit: "", description: "Country of the issuer."}
  - {name: nasdaq_sector, type: VARCHAR, unit: "", description: "Sector in Nasdaq's taxonomy."}
  - {name: industry, type: VARCHAR, unit: "", description: "Industry in the source's taxonomy."}
  - {name: is_stock, type: BOOLEAN, unit: "", description: "Common stock or REIT, as far as symbol and name tell."}
  - {name: exclusion, type: VARCHAR, unit: "", description: "Why it is no stock; null where it is one."}
invariants:
  - description: Intervals of a symbol do not overlap.
    sql: >
      select symbol from (select symbol, valid_to, lead(valid_from) over (partition by symbol order by valid_from) as next_from
      from intermediate.instruments) where valid_to > next_from
*/
with runs_by_series as (
    select
        symbol,
        min(first_session) as first_session,
        min(first_seq) as first_seq,
        max(last_seq) as last_seq,
        sum(last_seq - first_seq + 1) as sessions
    from intermediate.bar_runs
    group by symbol, source, basis
),

lives_of_symbols as (
    select
        symbol,
        min(first_session) as first_session,
        -- hardly a symbol has so many sessions between the runs of its longest series: only the runs of those need be sorted
        max(last_seq) - min(first_seq) + 1 - max(sessions) >= 21 as may_have_gaps
    from runs_by_series
    group by symbol
),

-- a gap of over 21 sessions holds a whole empty stretch of 8, so that it lies before a run of bars
trading_gaps as (
    select
        r.symbol,
        r.first_session as session_date,
        max(r.last_session) over before as previous_date
    from intermediate.bar_runs as r
    inner join lives_of_symbols as s on r.symbol = s.symbol and s.may_have_gaps
    window before as (partition by r.symbol order by r.first_seq rows between unbounded preceding and 1 preceding)
    -- 21 sessions: a month of trading, longer than any halt of a listed stock that keeps its name
    qualify r.first_seq - max(r.last_seq) over before > 21
),

described_days as (
    select
        symbol,
        first_seen as day
    from staging.securities
    union
    select
        symbol,
        cast(last_seen + interval 1 day as date) as day
    from staging.securities
    where last_seen is not null
),

security_descriptions as (
    select
        d.symbol,
        d.day,
        trim(s.name) as name,
        s.exchange,
        s.country,
        case when coalesce(s.taxonomy, 'nasdaq') = 'nasdaq' then s.sector end as nasdaq_sector,
        s.industry
    from described_days as d
    inner join staging.securities as s
        on d.symbol = s.symbol and d.day >= s.first_seen and (s.last_seen is null or d.day <= s.last_seen)
    qualify row_number() over (partition by d.symbol, d.day order by s.first_seen desc, s.source) = 1
),

name_changes as (
    select
        g.symbol,
        g.session_date
    from trading_gaps as g
    asof left join security_descriptions as a on g.symbol = a.symbol and g.previous_date >= a.day
    asof left join security_descriptions as z on g.symbol = z.symbol and g.session_date >= z.day
    where lower(a.name) <> lower(z.name)
),

-- the first bar of either symbol from the day of a change on begins another instrument
symbol_changes_at_bars as (
    select
        c.symbol,
        min(b.session_date) as session_date,
        c.parent_symbol,
        c.change_date
    from (
        select
            to_symbol as symbol,
            from_symbol as parent_symbol,
            change_date
        from staging.symbol_changes
        union
        select
            from_symbol,
            null,
            change_date
        from staging.symbol_changes
    ) as c
    inner join intermediate.changed_symbol_bars as b on c.symbol = b.symbol and c.change_date <= b.session_date
    group by c.symbol, c.parent_symbol, c.change_date
),

first_bars_after_gaps as (
    select
        symbol,
        session_date,
        max(parent_symbol) as parent_symbol,
        max(change_date) as change_date
    from (
        select
            symbol,
            first_session as session_date,
            null as parent_symbol,
            null as change_date
        from lives_of_symbols
        union all
        select
            symbol,
            session_date,
            null,
            null
        from name_changes
        union all
        select
            symbol,
            session_date,
            parent_symbol,
            change_date
        from symbol_changes_at_bars
    ) as c
    group by symbol, session_date
),

parent_symbols as (
    select
        c.symbol,
        c.session_date,
        p.symbol as parent_symbol,
        p.session_date as parent_date
    from first_bars_after_gaps as c
    inner join first_bars_after_gaps as p on c.parent_symbol = p.symbol and c.change_date > p.session_date
    qualify row_number() over (partition by c.symbol, c.session_date order by p.session_date desc) = 1
),

symbol_segments as (
    select
        c.symbol,
        c.session_date,
        lead(c.session_date) over (partition by c.symbol order by c.session_date) as next_date,
        case
            when row_number() over (partition by c.symbol order by c.session_date) = 1 then c.symbol
            else c.symbol || '@' || c.session_date
        end as own_id,
        p.parent_symbol,
        p.parent_date
    from first_bars_after_gaps as c
    left join parent_symbols as p on c.symbol = p.symbol and c.session_date = p.session_date
),

segment_instruments as (
    with recursive chain as (
        select
            symbol,
            session_date,
            next_date,
            own_id as instrument_id
        from symbol_segments
        where parent_symbol is null
        union all
        select
            s.symbol,
            s.session_date,
            s.next_date,
            c.instrument_id
        from symbol_segments as s
        inner join chain as c on s.parent_symbol = c.symbol and s.parent_date = c.session_date
    )

    select * from chain
),

-- a symbol that was changed names nothing from that day on, until it is used again
symbol_ends as (
    select
        r.symbol,
        r.session_date,
        min(c.change_date) as end_date
    from segment_instruments as r
    inner join staging.symbol_changes as c
        on r.symbol = c.from_symbol and r.session_date < c.change_date
    group by r.symbol, r.session_date
),

description_starts as (
    select
        symbol,
        instrument_id,
        session_date as valid_from,
        next_date,
        session_date as segment_date
    from segment_instruments
    union
    select
        r.symbol,
        r.instrument_id,
        d.day,
        r.next_date,
        r.session_date
    from segment_instruments as r
    inner join security_descriptions as d
        on r.symbol = d.symbol and r.session_date < d.day and (r.next_date is null or r.next_date > d.day)
),

described_spans as (
    select
        s.symbol,
        s.instrument_id,
        s.valid_from,
        s.segment_date,
        d.name,
        d.exchange,
        d.country,
        d.nasdaq_sector,
        d.industry
    from description_starts as s
    asof left join security_descriptions as d on s.symbol = d.symbol and s.valid_from >= d.day
),

instrument_spans as (
    select *
    from described_spans
    qualify
        (segment_date, name, exchange, country, nasdaq_sector, industry)
        is distinct from lag((segment_date, name, exchange, country, nasdaq_sector, industry))
            over (partition by symbol order by valid_from)
),

fund_symbols as (
    select
        symbol,
        min(session_date) as first_session,
        max(session_date) as last_session
    from staging.sector_bars
    group by symbol
),

named_spans as (
    select
        m.symbol,
        m.instrument_id,
        m.valid_from,
        -- least() passes over nulls
        least(lead(m.valid_from) over (partition by m.symbol order by m.valid_from), n.end_date) as valid_to,
        m.name,
        m.exchange,
        m.country,
        m.nasdaq_sector,
        m.industry
    from instrument_spans as m
    left join symbol_ends as n on m.symbol = n.symbol and m.segment_date = n.session_date
    where n.end_date is null or m.valid_from < n.end_date
),

classified_spans as (
    select
        m.symbol,
        m.instrument_id,
        m.valid_from,
        m.valid_to,
        m.name,
        m.exchange,
        m.country,
        m.nasdaq_sector,
        m.industry,
        -- what the symbol says holds with or without a name
        case
            when contains(m.symbol, '^') then 'preferred'
            when regexp_matches(m.symbol, '^(Z[A-Z]ZZT|ZBZX|ZTST|ZEXIT|ZIEXT|ZXIET|CBO|CBX|[ACMNPZ]TEST)(/|$)') then 'test symbol'
            when contains(m.symbol, '.') then 'line of another exchange'
            when regexp_matches(m.symbol, '(/WS?(/[A-Z])?|^[A-Z]{4}W)$') then 'warrant'
            when regexp_matches(m.symbol, '(/UN?|^[A-Z]{4}U)$') then 'unit'
            when regexp_matches(m.symbol, '(/RT?|^[A-Z]{4}R)$') then 'right'
            when regexp_matches(m.symbol, '(/W[ID]|^[A-Z]{4}V)$') then 'when issued'
            when f.symbol is not null then 'fund'
            when m.valid_from < c.valid_to then 'same company as ' || c.same_as
            else e.exclusion
        end as exclusion
    from named_spans as m
    left join intermediate.name_rules as e on m.name = e.name
    -- of a symbol that was changed and changed back, the days before and those after may overlap
    asof left join intermediate.same_companies as c on m.symbol = c.symbol and m.valid_from >= c.valid_from
    left join fund_symbols as f
        on m.symbol = f.symbol and m.valid_from <= f.last_session and coalesce(m.valid_to, date '9999-12-31') > f.first_session
),

final as (
    select
        * exclude (exclusion),
        exclusion is null as is_stock,
        exclusion
    from classified_spans
)

select *
from final
order by symbol, valid_from
