/*
description: >
  Which names are on the list of a universe and when: dated members from intervals and changes, lists held until the next one, and the
  newest list held for all sessions (NAME_list); with bars or without.
grain: universe x member_id x valid_from
materialized: table
publish: false
columns:
  - {name: universe, type: VARCHAR, unit: "", description: "Name of the universe."}
  - {name: member_id, type: VARCHAR, unit: "", description: "Stable id of the instrument, or ? and the symbol of a name that no bar bears."}
  - {name: valid_from, type: DATE, unit: "", description: "First day in the universe."}
  - {name: valid_to, type: DATE, unit: "", description: "First day outside; 9999-12-31 while a member."}
  - {name: dated_from, type: DATE, unit: "", description: "First day of which the list speaks; before it the list is held backwards."}
invariants:
  - description: Intervals of a member do not overlap.
    sql: >
      select universe, member_id from (select universe, member_id, valid_to, lead(valid_from) over (partition by universe, member_id
      order by valid_from) as next_from from intermediate.universe_listings) where valid_to > next_from
*/
with universe_spans as (
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

listing_states as (
    select
        universe,
        member_id,
        effective_date as day,
        true as is_in,
        1 as priority
    from intermediate.listed_names
    where kind = 'interval'
    union all
    select
        universe,
        member_id,
        end_date,
        false,
        0
    from intermediate.listed_names
    where kind = 'interval' and end_date is not null
    union all
    select
        r.universe,
        r.member_id,
        r.effective_date,
        r.kind = 'add',
        if(r.kind = 'add', 1, 0)
    from intermediate.listed_names as r
    inner join universe_spans as k on r.universe = k.universe
    where r.kind in ('add', 'remove') and (k.intervals_until is null or r.effective_date > k.intervals_until)
    union all
    -- a list says who is in and, by silence, who is not
    select
        a.universe,
        a.member_id,
        l.effective_date,
        r.member_id is not null,
        2
    from (select distinct
        universe,
        member_id
    from intermediate.listed_names) as a
    inner join list_days as l on a.universe = l.universe
    left join intermediate.listed_names as r
        on
            a.universe = r.universe
            and a.member_id = r.member_id
            and l.effective_date = r.effective_date
            and r.kind = 'snapshot'
    union all
    -- before the first list of a universe known by lists alone: the first list
    select
        r.universe,
        r.member_id,
        date '0001-01-01',
        true,
        2
    from intermediate.listed_names as r
    inner join universe_spans as k on r.universe = k.universe
    where r.kind = 'snapshot' and not k.is_dated and r.effective_date = k.first_list
),

listing_states_by_day as (
    select
        universe,
        member_id,
        day,
        is_in
    from listing_states
    qualify row_number() over (partition by universe, member_id, day order by priority desc, is_in desc) = 1
),

listing_changes as (
    select
        universe,
        member_id,
        day,
        is_in
    from listing_states_by_day
    qualify is_in is distinct from lag(is_in) over (partition by universe, member_id order by day)
),

membership_spans as (
    select
        universe,
        member_id,
        day as valid_from,
        coalesce(lead(day) over (partition by universe, member_id order by day), date '9999-12-31') as valid_to,
        is_in
    from listing_changes
),

newest_lists as (
    select distinct
        r.universe || '_list' as universe,
        r.member_id,
        k.last_list
    from intermediate.listed_names as r
    inner join universe_spans as k on r.universe = k.universe and r.effective_date = k.last_list
    where r.kind = 'snapshot' and k.is_dated
),

final as (
    select
        s.universe,
        s.member_id,
        s.valid_from,
        s.valid_to,
        if(k.is_dated, s.valid_from, greatest(s.valid_from, k.first_list)) as dated_from
    from membership_spans as s
    inner join universe_spans as k on s.universe = k.universe
    where s.is_in
    union all
    select
        universe,
        member_id,
        date '0001-01-01',
        date '9999-12-31',
        last_list
    from newest_lists
)

select *
from final
order by universe, member_id, valid_from
