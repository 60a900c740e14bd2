/*
description: >
  Who belongs to a listed universe and when: dated members from intervals and changes, lists held until the next one, the
  newest list held for all sessions (NAME_list), and GICS sectors of those on the lists.
grain: universe x instrument_id x valid_from
materialized: table
publish: false
columns:
  - {name: universe, type: VARCHAR, unit: "", description: "Name of the universe."}
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the instrument."}
  - {name: valid_from, type: DATE, unit: "", description: "First day in the universe."}
  - {name: valid_to, type: DATE, unit: "", description: "First day outside; 9999-12-31 while a member."}
invariants:
  - description: Intervals of a member do not overlap.
    sql: >
      select universe, instrument_id from (select universe, instrument_id, valid_to, lead(valid_from) over (partition by
      universe, instrument_id order by valid_from) as next_from from intermediate.universe_members) where valid_to > next_from
*/
with class_symbols as (
    select distinct
        symbol,
        replace(symbol, '/', '') as bare
    from intermediate.instruments
    where contains(symbol, '/')
),

symbol_spans as (
    select
        symbol,
        instrument_id,
        min(valid_from) as valid_from,
        max(coalesce(valid_to, date '9999-12-31')) as valid_to
    from intermediate.instruments
    group by symbol, instrument_id
),

-- a bare CRDA is CRD/A where nothing is called CRDA on that day
listed_members as (
    select
        m.universe,
        case when x.symbol is null and s.symbol is not null then s.symbol else m.symbol end as symbol,
        m.kind,
        m.effective_date,
        m.end_date,
        m.sector
    from staging.memberships as m
    left join symbol_spans as x
        on m.symbol = x.symbol and m.effective_date >= x.valid_from and m.effective_date < x.valid_to
    left join class_symbols as s on m.symbol = s.bare
),

-- the instrument that has the symbol on that day, else the first one known by it
member_instruments as (
    select distinct
        t.universe,
        t.kind,
        t.effective_date,
        t.end_date,
        t.sector,
        i.instrument_id
    from listed_members as t
    inner join symbol_spans as i on t.symbol = i.symbol and t.effective_date < i.valid_to
    qualify i.valid_from = min(i.valid_from) over (partition by t.universe, t.kind, t.symbol, t.effective_date)
),

universe_spans as (
    select
        universe,
        max(greatest(effective_date, end_date)) filter (where kind = 'interval') as intervals_until,
        min(effective_date) filter (where kind = 'snapshot') as first_list,
        max(effective_date) filter (where kind = 'snapshot') as last_list,
        count(*) filter (where kind <> 'snapshot') > 0 as is_dated
    from staging.memberships
    group by universe
),

list_days as (
    select distinct
        universe,
        effective_date
    from staging.memberships
    where kind = 'snapshot'
),

states as (
    select
        universe,
        instrument_id,
        effective_date as day,
        true as is_in,
        1 as priority
    from member_instruments
    where kind = 'interval'
    union all
    select
        universe,
        instrument_id,
        end_date,
        false,
        0
    from member_instruments
    where kind = 'interval' and end_date is not null
    union all
    select
        r.universe,
        r.instrument_id,
        r.effective_date,
        r.kind = 'add',
        if(r.kind = 'add', 1, 0)
    from member_instruments as r
    inner join universe_spans as k on r.universe = k.universe
    where r.kind in ('add', 'remove') and (k.intervals_until is null or r.effective_date > k.intervals_until)
    union all
    -- a list says who is in and, by silence, who is not
    select
        a.universe,
        a.instrument_id,
        l.effective_date,
        r.instrument_id is not null,
        2
    from (select distinct
        universe,
        instrument_id
    from member_instruments) as a
    inner join list_days as l on a.universe = l.universe
    left join member_instruments as r
        on
            a.universe = r.universe
            and a.instrument_id = r.instrument_id
            and l.effective_date = r.effective_date
            and r.kind = 'snapshot'
    union all
    -- before the first list of a universe known by lists alone: the first list
    select
        r.universe,
        r.instrument_id,
        date '0001-01-01',
        true,
        2
    from member_instruments as r
    inner join universe_spans as k on r.universe = k.universe
    where r.kind = 'snapshot' and not k.is_dated and r.effective_date = k.first_list
),

states_by_day as (
    select
        universe,
        instrument_id,
        day,
        is_in
    from states
    qualify row_number() over (partition by universe, instrument_id, day order by priority desc, is_in desc) = 1
),

changes as (
    select
        universe,
        instrument_id,
        day,
        is_in
    from states_by_day
    qualify is_in is distinct from lag(is_in) over (partition by universe, instrument_id order by day)
),

membership_spans as (
    select
        universe,
        instrument_id,
        day as valid_from,
        coalesce(lead(day) over (partition by universe, instrument_id order by day), date '9999-12-31') as valid_to,
        is_in
    from changes
),

newest_lists as (
    select distinct
        r.universe || '_list' as universe,
        r.instrument_id
    from member_instruments as r
    inner join universe_spans as k on r.universe = k.universe and r.effective_date = k.last_list
    where r.kind = 'snapshot' and k.is_dated
),

sectors as (
    select
        instrument_id,
        case
            when sector in ('Communication', 'Communications') then 'Communication Services'
            when sector in ('Technology') then 'Information Technology'
            else sector
        end as sector
    from member_instruments
    where
        kind = 'snapshot'
        and sector in (
            'Communication', 'Communications', 'Communication Services', 'Consumer Discretionary', 'Consumer Staples', 'Energy',
            'Financials', 'Health Care', 'Industrials', 'Information Technology', 'Technology', 'Materials', 'Real Estate',
            'Utilities'
        )
    qualify row_number() over (partition by instrument_id order by effective_date desc, universe, sector) = 1
),

final as (
    select
        universe,
        instrument_id,
        valid_from,
        valid_to
    from membership_spans
    where is_in
    union all
    select
        universe,
        instrument_id,
        date '0001-01-01',
        date '9999-12-31'
    from newest_lists
    union all
    select
        'sector:' || sector,
        instrument_id,
        date '0001-01-01',
        date '9999-12-31'
    from sectors
)

select *
from final
order by universe, instrument_id, valid_from
