/*
description: >
  The rows of lists of members with the instrument that each name means. Of an interval that has not ended: the stock that bears the symbol
  when the list is made, which is its newest date, or the day on which it is learnt where all its dates lie before the first bar. Else the one that bore it on that day; else, as lists made later use later names, the one that bore it when
  the list was made; else the first stock known by it after that day. A name
  that no bar bears has no instrument, and stays.
grain: universe x kind x symbol x effective_date x source
materialized: table
publish: false
columns:
  - {name: universe, type: VARCHAR, unit: "", description: "Universe, such as sp500 or russell2000."}
  - {name: kind, type: VARCHAR, unit: "", description: "What the row says: interval, add, remove or snapshot."}
  - {name: effective_date, type: DATE, unit: "", description: "First day in the universe, day of the change, or day of the list."}
  - {name: end_date, type: DATE, unit: "", description: "First day outside; null while a member, and for other kinds."}
  - {name: sector, type: VARCHAR, unit: "", description: "GICS sector as the list gives it."}
  - {name: symbol, type: VARCHAR, unit: "", description: "The name on the list, its share class after a slash."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row."}
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the instrument; null where no bar is known of the name."}
  - {name: member_id, type: VARCHAR, unit: "", description: "The instrument, or ? and the symbol where none is known."}
*/
with class_symbols as (
    select distinct
        symbol,
        replace(symbol, '/', '') as bare
    from intermediate.symbol_bearers
    where contains(symbol, '/')
),

-- a bare CRDA is CRD/A where nothing is called CRDA on that day
list_rows as (
    select
        m.universe,
        case when x.symbol is null and s.symbol is not null then s.symbol else m.symbol end as symbol,
        m.kind,
        m.effective_date,
        m.end_date,
        m.sector,
        m.source,
        -- a list is at least as young as its newest date
        max(greatest(m.effective_date, coalesce(m.end_date, m.effective_date))) over (partition by m.universe, m.kind, m.source)
            as made_on,
        cast(m.known_at at time zone 'America/New_York' as date) as learnt_on
    from staging.memberships as m
    left join intermediate.symbol_bearers as x
        on m.symbol = x.symbol and m.effective_date >= x.valid_from and m.effective_date < x.valid_to
    left join class_symbols as s on m.symbol = s.bare
),

-- dates from before the first bar tell nothing of the age of a list
dated_rows as (
    select
        *,
        if(made_on >= (select min(e.first_session) from intermediate.equity_series as e), made_on, learnt_on) as open_on
    from list_rows
),

candidate_bearers as (
    select
        t.*,
        b.instrument_id,
        case
            when b.instrument_id is null then 9
            when not b.is_stock then 8
            -- who is still on the list bears the name when the list is made
            when t.kind = 'interval' and t.end_date is null and t.open_on >= b.valid_from and t.open_on < b.valid_to then -1
            when t.effective_date >= b.valid_from and t.effective_date < b.valid_to then 0
            when t.made_on >= b.valid_from and t.made_on < b.valid_to then 1
            when t.learnt_on >= b.valid_from and t.learnt_on < b.valid_to then 2
            when t.effective_date < b.valid_to then 3
            else 4
        end as rank,
        b.valid_from
    from dated_rows as t
    left join intermediate.symbol_bearers as b
        on t.symbol = b.symbol and (t.end_date is null or t.end_date > b.valid_from)
),

final as (
    select
        universe,
        kind,
        effective_date,
        end_date,
        sector,
        symbol,
        source,
        instrument_id,
        coalesce(instrument_id, '?' || symbol) as member_id
    from candidate_bearers
    qualify row_number() over (
        partition by universe, kind, symbol, effective_date, source
        order by rank, if(rank = 4, date '9999-12-31' - valid_from, valid_from - date '0001-01-01'), instrument_id
    ) = 1
)

select *
from final
order by universe, kind, symbol, effective_date, source
