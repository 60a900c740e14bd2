/*
description: To which universes an instrument belongs, by interval; the cells of breadth are made per such set of universes.
grain: instrument_no x from_seq
materialized: table
publish: false
columns:
  - {name: instrument_no, type: INTEGER, unit: "", description: "Number of the instrument in this build."}
  - {name: from_seq, type: INTEGER, unit: sessions, description: "Number of the first session."}
  - {name: to_seq, type: INTEGER, unit: sessions, description: "Number of the first session after."}
  - {name: universe_set_id, type: INTEGER, unit: "", description: "Number of the set of universes in this build."}
  - {name: universes, type: "VARCHAR[]", unit: "", description: "The universes, sorted; those by market cap are not among them."}
*/
with instrument_numbers as (
    select
        instrument_id,
        instrument_no
    from intermediate.equity_series
    where is_best
),

universe_memberships as (
    select
        instrument_id,
        'all' as universe,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from intermediate.instruments
    where is_stock
    union all
    select
        instrument_id,
        'nasdaq_sector:' || coalesce(nasdaq_sector, 'unknown'),
        valid_from,
        coalesce(valid_to, date '9999-12-31')
    from intermediate.instruments
    where is_stock
    union all
    select
        instrument_id,
        universe,
        valid_from,
        valid_to
    from intermediate.universe_members
),

membership_days as (
    select
        instrument_id,
        valid_from as day
    from universe_memberships
    union
    select
        instrument_id,
        valid_to
    from universe_memberships
    where valid_to < date '9999-12-31'
    union
    select
        instrument_id,
        date '0001-01-01'
    from instrument_numbers
),

universes_by_day as (
    select
        d.instrument_id,
        d.day,
        coalesce(list(distinct m.universe order by m.universe) filter (where m.universe is not null), []) as universes
    from membership_days as d
    left join universe_memberships as m on d.instrument_id = m.instrument_id and d.day >= m.valid_from and d.day < m.valid_to
    group by d.instrument_id, d.day
),

-- several days may lie before one session (a weekend, or the first session of all): the last one counts
universes_by_session as (
    select
        t.instrument_id,
        t.day,
        s.seq as from_seq,
        t.universes
    from universes_by_day as t
    asof inner join staging.sessions as s on t.day <= s.session_date
    qualify row_number() over (partition by t.instrument_id, s.seq order by t.day desc) = 1
),

universe_changes as (
    select *
    from universes_by_session
    qualify universes is distinct from lag(universes) over (partition by instrument_id order by from_seq)
),

final as (
    select
        n.instrument_no,
        c.from_seq,
        coalesce(lead(c.from_seq) over (partition by c.instrument_id order by c.from_seq), 2147483647) as to_seq,
        cast(dense_rank() over (order by c.universes) as integer) as universe_set_id,
        c.universes
    from universe_changes as c
    inner join instrument_numbers as n on c.instrument_id = n.instrument_id
)

select *
from final
order by instrument_no, from_seq
