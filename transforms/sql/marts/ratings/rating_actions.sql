/*
description: >
  Analysts' ratings, each on the session in which it became known, with the action given or derived from the firm's rating
  before, and the target against the last close before it. Of several sources of a firm's rating of a day, one is taken.
grain: symbol x firm x rated_at
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "First session that ended at or after publication."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the instrument; null where no stock of that symbol is known."}
  - {name: sector, type: VARCHAR, unit: "", description: "GICS sector, as the newest list has it, before the first bar of the stock by its symbol; null where no list has it."}
  - {name: firm, type: VARCHAR, unit: "", description: "Who rates."}
  - {name: rated_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When it was published; midnight UTC where only the day is known."}
  - {name: rating_date, type: DATE, unit: "", description: "Day of publication in New York."}
  - {name: action, type: VARCHAR, unit: "", description: "up, down, initiated or reiterated; a maintained rating counts as reiterated."}
  - {name: is_action_derived, type: BOOLEAN, unit: "", description: "The vendor gave no action: it follows from the firm's rating before."}
  - {name: from_grade, type: VARCHAR, unit: "", description: "Grade before, as given, else as the firm's rating before says."}
  - {name: to_grade, type: VARCHAR, unit: "", description: "Grade in the firm's words."}
  - {name: from_level, type: VARCHAR, unit: "", description: "Level of the grade before: strong_buy, buy, hold, sell or strong_sell."}
  - {name: to_level, type: VARCHAR, unit: "", description: "Level of the grade."}
  - {name: price_target_usd, type: DOUBLE, unit: USD, description: "Price target."}
  - {name: reference_close_usd, type: DOUBLE, unit: USD, description: "Close of the session before session_date, on the share count of the day of the rating: as traded, or through the splits since."}
  - {name: target_upside_pct, type: DOUBLE, unit: percent, description: "100 (target / reference close - 1)."}
  - {name: target_reason, type: VARCHAR, unit: "", description: "Why the upside is null; null where it is not."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row."}
invariants:
  - description: One action for each symbol, firm and instant.
    sql: select symbol, firm, rated_at from marts.rating_actions group by symbol, firm, rated_at having count(*) > 1
  - description: A derived step up or down has the levels for it.
    sql: >
      select * from marts.rating_actions where is_action_derived
      and ((action in ('up', 'down') and from_level = to_level) or (action = 'initiated' and from_level is not null))
  - description: Every grade has a level.
    sql: select * from marts.rating_actions where to_level is null
method:
  id: rating_actions
  version: 2
  formula: a higher level than the firm's last rating of the symbol is up, a lower one down, the same reiterated, the first initiated
  parameters: five levels
  citation: ""
  oracle: ""
  deviations: a firm's first rating in the data counts as initiated although an older one may exist
evidence:
  rows:
    - dataset: rating_actions
      sql: >
        select if(r.rated_at = $rated_at, 'this rating', 'earlier rating of the firm') as role, r.*
        from lake.rating_actions as r where r.symbol = $symbol and r.firm = $firm and r.rated_at <= $rated_at
        order by r.rated_at desc
    - dataset: equity_bars
      sql: >
        select 'last close before' as role, b.* from lake.equity_bars as b
        where b.symbol = $symbol and b.is_final and b.session_date < $rating_date and b.session_date > $rating_date - 10
        order by b.session_date desc limit 2
*/
with grade_levels as (
    select
        spelling,
        level,
        list_position(['strong_sell', 'sell', 'hold', 'buy', 'strong_buy'], level) as height
    from staging.grades
),

-- bars of the session before, with the day whose share count their prices are on
bars_before as (
    select
        d.symbol,
        d.firm,
        d.rated_at,
        d.rating_date,
        d.instrument_id,
        b.basis,
        b.source,
        r.rank,
        b.close_e6 / 1e6 as close,
        case
            when b.basis = 'raw' then b.session_date
            else greatest(b.session_date, cast(b.known_at at time zone 'America/New_York' as date))
        end as basis_date
    from intermediate.placed_ratings as d
    inner join staging.sessions as p on d.seq - 1 = p.seq
    inner join intermediate.instruments as i
        on
            d.instrument_id = i.instrument_id
            and p.session_date >= i.valid_from
            and (i.valid_to is null or p.session_date < i.valid_to)
    inner join intermediate.requested_bars as b on i.symbol = b.symbol and p.session_date = b.session_date
    left join staging.series_rank as r on r.dataset = 'equity_bars' and b.source = r.source and b.basis = r.basis
    -- prices adjusted for dividends, too, are on the basis of no day
    where b.is_final and b.basis in ('raw', 'split')
    union all
    -- a lost session's close, as the next session states it, is as traded
    select
        d.symbol,
        d.firm,
        d.rated_at,
        d.rating_date,
        d.instrument_id,
        'raw' as basis,
        '' as source,
        null as rank,
        f.close,
        f.session_date as basis_date
    from intermediate.placed_ratings as d
    inner join staging.sessions as p on d.seq - 1 = p.seq
    inner join marts.equity_facts as f on d.instrument_id = f.instrument_id and p.session_date = f.session_date
    where f.fill = 'implied'
),

closes_on_day as (
    select
        b.symbol,
        b.firm,
        b.rated_at,
        b.basis,
        b.rank,
        b.source,
        b.close * coalesce(
            list_product(
                list(if(s.ex_date > b.rating_date, s.ratio, 1 / s.ratio) order by s.ex_date) filter (where s.ratio is not null)
            ),
            1
        ) as close
    from bars_before as b
    left join intermediate.split_events as s
        on
            b.instrument_id = s.instrument_id
            and s.ex_date > least(b.rating_date, b.basis_date)
            and s.ex_date <= greatest(b.rating_date, b.basis_date)
    group by b.symbol, b.firm, b.rated_at, b.basis, b.rank, b.source, b.close
),

reference_closes as (
    select
        symbol,
        firm,
        rated_at,
        if(
            max(close) over (partition by symbol, firm, rated_at) > 2 * min(close) over (partition by symbol, firm, rated_at),
            null, close
        ) as close
    from closes_on_day
    qualify row_number() over (partition by symbol, firm, rated_at order by basis, rank nulls last, source) = 1
),

rating_comparisons as (
    select
        d.*,
        coalesce(g.sector, n.sector) as sector,
        f.level as from_level,
        f.height as from_height,
        v.level as to_level,
        v.height as to_height,
        t.close as reference_close_usd,
        case
            when d.price_target_usd is null then 'no target given'
            when b.close is null then 'no close of the session before'
            when t.firm is null then 'only closes adjusted for dividends, which are on the basis of no day'
            when t.close is null then 'closes of two series lie more than twice apart'
        end as target_reason
    from intermediate.placed_ratings as d
    left join grade_levels as f on d.from_grade = f.spelling
    left join grade_levels as v on d.to_grade = v.spelling
    left join intermediate.listed_sectors as g on coalesce(d.instrument_id, '?' || d.symbol) = g.member_id
    -- before its first bar BRK/B may be BRKB on the list
    left join intermediate.listed_sectors as n on d.instrument_id is null and '?' || replace(d.symbol, '/', '') = n.member_id
    left join staging.sessions as p on d.seq - 1 = p.seq
    left join marts.equity_facts as b on d.instrument_id = b.instrument_id and p.session_date = b.session_date
    left join reference_closes as t
        on d.symbol = t.symbol and d.firm = t.firm and d.rated_at = t.rated_at and b.close is not null
),

final as (
    select
        session_date,
        symbol,
        instrument_id,
        sector,
        firm,
        rated_at,
        rating_date,
        case
            when given_action in ('up', 'down') then given_action
            when given_action = 'init' then 'initiated'
            when given_action in ('main', 'reit') then 'reiterated'
            when from_grade is null then 'initiated'
            when to_height > from_height then 'up'
            when to_height < from_height then 'down'
            when to_height = from_height then 'reiterated'
        end as action,
        given_action is null as is_action_derived,
        from_grade,
        to_grade,
        from_level,
        to_level,
        price_target_usd,
        reference_close_usd,
        100 * (price_target_usd / nullif(reference_close_usd, 0) - 1) as target_upside_pct,
        target_reason,
        source
    from rating_comparisons
)

select *
from final
order by session_date, symbol, firm, rated_at
