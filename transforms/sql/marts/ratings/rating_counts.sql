/*
description: >
  Rating actions counted by session and sector, from the first session with any to the newest of the stock panel; a session without one
  counts 0.
grain: session_date x sector
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: sector, type: VARCHAR, unit: "", description: "GICS sector, unknown, or all."}
  - {name: actions, type: BIGINT, unit: actions, description: "Rating actions."}
  - {name: upgrades, type: BIGINT, unit: actions, description: "Rated up."}
  - {name: downgrades, type: BIGINT, unit: actions, description: "Rated down."}
  - {name: initiations, type: BIGINT, unit: actions, description: "Rated for the first time."}
  - {name: reiterations, type: BIGINT, unit: actions, description: "Rated as before."}
  - {name: net_upgrades, type: BIGINT, unit: actions, description: "Upgrades less downgrades."}
  - {name: net_upgrades_5d, type: BIGINT, unit: actions, description: "The same over 5 sessions (a week); null before the fifth session."}
  - {name: net_upgrades_21d, type: BIGINT, unit: actions, description: "The same over 21 sessions (a month); null before the 21st session."}
  - {name: actions_derived, type: BIGINT, unit: actions, description: "Of the actions, those that the vendor did not name."}
invariants:
  - description: The kinds make up the actions.
    sql: select * from marts.rating_counts where upgrades + downgrades + initiations + reiterations > actions
  - description: Sectors make up all.
    sql: >
      select session_date from marts.rating_counts group by session_date
      having sum(actions) filter (where sector = 'all') <> sum(actions) filter (where sector <> 'all')
method:
  id: rating_counts
  version: 1
  formula: counts; net upgrades = upgrades - downgrades; trailing sums over 5 and 21 sessions
  parameters: 5 and 21 sessions
  citation: ""
  oracle: ""
  deviations: ""
evidence:
  rows:
    - dataset: rating_actions
      sql: >
        select a.action as role, r.* from lake.rating_actions as r
        inner join marts.rating_actions as a on r.symbol = a.symbol and r.firm = a.firm and r.rated_at = a.rated_at and r.source = a.source
        cross join asked.base as w
        where $sector in ('all', coalesce(a.sector, 'unknown')) and a.session_date <= $session_date
        and a.session_date > if($column like '%\_5d' escape '\' or $column like '%\_21d' escape '\', w.base_date, $session_date - 1)
        order by r.rated_at desc
*/
with sector_actions as (
    select
        session_date,
        coalesce(sector, 'unknown') as sector,
        action,
        is_action_derived
    from marts.rating_actions
),

actions_by_group as (
    select *
    from sector_actions
    union all
    select
        session_date,
        'all' as sector,
        action,
        is_action_derived
    from sector_actions
),

session_counts as (
    select
        session_date,
        sector,
        count(*) as actions,
        count(*) filter (where action = 'up') as upgrades,
        count(*) filter (where action = 'down') as downgrades,
        count(*) filter (where action = 'initiated') as initiations,
        count(*) filter (where action = 'reiterated') as reiterations,
        count(*) filter (where is_action_derived) as actions_derived
    from actions_by_group
    group by session_date, sector
),

first_sessions as (
    select
        sector,
        min(session_date) as first_date
    from session_counts
    group by sector
),

counts_by_session as (
    select
        l.sector,
        s.session_date,
        row_number() over (partition by l.sector order by s.session_date) as place,
        coalesce(c.actions, 0) as actions,
        coalesce(c.upgrades, 0) as upgrades,
        coalesce(c.downgrades, 0) as downgrades,
        coalesce(c.initiations, 0) as initiations,
        coalesce(c.reiterations, 0) as reiterations,
        coalesce(c.actions_derived, 0) as actions_derived
    from first_sessions as l
    inner join staging.sessions as s
        on
            l.first_date <= s.session_date
            -- as far as the stock panel goes, else a later rating would add rows to earlier sessions
            and s.session_date <= (
                select greatest(max(n.session_date), (select max(m.session_date) from intermediate.session_marks as m))
                from session_counts as n
            )
    left join session_counts as c on l.sector = c.sector and s.session_date = c.session_date
),

final as (
    select
        session_date,
        sector,
        actions,
        upgrades,
        downgrades,
        initiations,
        reiterations,
        upgrades - downgrades as net_upgrades,
        case
            when place >= 5
                then cast(sum(upgrades - downgrades) over (line rows between 4 preceding and current row) as bigint)
        end as net_upgrades_5d,
        case
            when place >= 21
                then cast(sum(upgrades - downgrades) over (line rows between 20 preceding and current row) as bigint)
        end as net_upgrades_21d,
        actions_derived
    from counts_by_session
    window line as (partition by sector order by session_date)
)

select *
from final
order by session_date, sector
