/*
description: To which universes an instrument belongs, by interval; the cells of breadth are made per such set of universes.
grain: instrument_no x from_seq
materialized: table
publish: false
sessions: [from_seq, to_seq]
columns:
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: from_seq, type: INTEGER, unit: sessions, description: "Number of the first session."}
  - {name: to_seq, type: INTEGER, unit: sessions, description: "Number of the first session after."}
  - {name: universe_set_id, type: BIGINT, unit: "", description: "Number of the set of universes: a hash of their names."}
  - {name: universes, type: "VARCHAR[]", unit: "", description: "The universes, sorted; those by market cap are not among them."}
*/
with instrument_numbers as (
    select
        e.instrument_id,
        e.instrument_no,
        min(i.valid_from) as first_day
    from intermediate.equity_series as e
    inner join intermediate.instruments as i on e.instrument_id = i.instrument_id
    where e.is_best
    group by e.instrument_id, e.instrument_no
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

-- from the first bar on: what a list says of the time before changes nothing
membership_days as (
    select
        m.instrument_id,
        m.valid_from as day
    from universe_memberships as m
    inner join instrument_numbers as n on m.instrument_id = n.instrument_id and m.valid_from > n.first_day
    union
    select
        m.instrument_id,
        m.valid_to
    from universe_memberships as m
    inner join instrument_numbers as n on m.instrument_id = n.instrument_id and m.valid_to > n.first_day
    where m.valid_to < date '9999-12-31'
    union
    select
        instrument_id,
        first_day
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
        cast(hash(c.universes) >> 1 as bigint) as universe_set_id,
        c.universes
    from universe_changes as c
    inner join instrument_numbers as n on c.instrument_id = n.instrument_id
)

select *
from final
order by instrument_no, from_seq
