/*
description: >
  Where each GICS sector stands among the others and against the benchmark. The rotation graphs are named variants of our own
  making, trailing only: the JdK formula is not public and is not claimed here.
grain: session_date x sector
materialized: table
blocks: {by: session_date, back: 32}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: sector, type: VARCHAR, unit: "", description: "Sector in the GICS taxonomy."}
  - {name: symbol, type: VARCHAR, unit: "", description: "ETF that stands for the sector."}
  - {name: sectors, type: BIGINT, unit: sectors, description: "Sectors whose ETF has begun: what coverage is measured against."}
  - {name: rs, type: DOUBLE, unit: "", description: "100 x price of the ETF / price of the benchmark, of the same basis."}
  - {name: rs_source, type: VARCHAR, unit: "", description: "Series of the ETF in rs."}
  - {name: rs_basis, type: VARCHAR, unit: "", description: "How both prices in rs are adjusted."}
  - {name: rank_5d, type: INTEGER, unit: "", description: "Rank by 5-session return (a week), 1 being the highest."}
  - {name: rank_21d, type: INTEGER, unit: "", description: "Rank by 21-session return (a month)."}
  - {name: rank_63d, type: INTEGER, unit: "", description: "Rank by 63-session return (a quarter)."}
  - {name: rank_ytd, type: INTEGER, unit: "", description: "Rank by return in the year so far."}
  - {name: ranked_5d, type: BIGINT, unit: sectors, description: "Sectors that have the 5-session return."}
  - {name: ranked_21d, type: BIGINT, unit: sectors, description: "Sectors that have the 21-session return."}
  - {name: ranked_63d, type: BIGINT, unit: sectors, description: "Sectors that have the 63-session return."}
  - {name: ranked_ytd, type: BIGINT, unit: sectors, description: "Sectors that have the return in the year so far."}
  - {name: rank_change_5d, type: INTEGER, unit: ranks, description: "Ranks climbed (negative: lost) by rank_21d since 5 sessions ago; null where as many were not ranked then."}
  - {name: rank_change_21d, type: INTEGER, unit: ranks, description: "The same since 21 sessions ago."}
  - {name: rrg_daily_50_rs_ratio, type: DOUBLE, unit: "", description: "100 + z of rs over the trailing 50 sessions."}
  - {name: rrg_daily_50_rs_momentum, type: DOUBLE, unit: "", description: "100 + z of the daily change of rs_ratio over the trailing 50 sessions."}
  - {name: rrg_daily_50_quadrant, type: VARCHAR, unit: "", description: "leading, weakening, lagging or improving; 100 on an axis counts as above."}
  - {name: rrg_daily_50_source, type: VARCHAR, unit: "", description: "Series of the ETF in the daily graph."}
  - {name: rrg_weekly_14_rs_ratio, type: DOUBLE, unit: "", description: "100 + z of rs over the trailing 14 completed weeks. A week is complete on its Friday, or on the next session after it."}
  - {name: rrg_weekly_14_rs_momentum, type: DOUBLE, unit: "", description: "100 + z of the weekly change of rs_ratio over the trailing 14 completed weeks."}
  - {name: rrg_weekly_14_quadrant, type: VARCHAR, unit: "", description: "leading, weakening, lagging or improving; 100 on an axis counts as above."}
  - {name: rrg_weekly_14_source, type: VARCHAR, unit: "", description: "Series of the ETF in the weekly graph."}
  - {name: reason, type: VARCHAR, unit: "", description: "Why values are null, and which; null where all are there."}
invariants:
  - description: Ranks lie within the sectors ranked.
    sql: select * from marts.sector_rotation where rank_5d > ranked_5d or rank_21d > ranked_21d or rank_63d > ranked_63d or rank_ytd > ranked_ytd
  - description: Where there is a rank there is a first.
    sql: >
      select session_date from marts.sector_rotation group by session_date
      having min(rank_5d) <> 1 or min(rank_21d) <> 1 or min(rank_63d) <> 1 or min(rank_ytd) <> 1
  - description: A value always has a quadrant, and the other way round.
    sql: >
      select * from marts.sector_rotation where (rrg_daily_50_rs_momentum is null) <> (rrg_daily_50_quadrant is null)
      or (rrg_weekly_14_rs_momentum is null) <> (rrg_weekly_14_quadrant is null)
method:
  - id: sector_ranks
    version: 1
    formula: rank of returns among the sectors that have one, 1 being the highest; equal returns share the better rank
    parameters: sectors ranked / sectors begun >= coverage gate
    citation: ""
    oracle: pandas rank(method="min")
    deviations: no rank change between sessions with different numbers of sectors ranked
  - id: rrg_daily_50
    version: 2
    formula: rs_ratio = 100 + z50(rs); rs_momentum = 100 + z50(100 (rs_ratio / previous rs_ratio - 1)), population deviation
    parameters: 50 sessions, at most 2 absent
    citation: a z-score variant; the JdK RS-Ratio itself is secret
    oracle: pandas rolling(50)
    deviations: null where the deviation is nil; closes that are back after 50 sessions or more begin anew
  - id: rrg_weekly_14
    version: 2
    formula: the same on closes of the last sessions of completed weeks
    parameters: 14 weeks, at most 1 absent
    citation: a z-score variant; the JdK RS-Ratio itself is secret
    oracle: pandas rolling(14)
    deviations: a week with a holiday on Friday counts from the next session on; closes that are back after 14 weeks or more begin anew
evidence:
  rows:
    - dataset: sector_bars
      sql: >
        select if(b.symbol = $benchmark, 'benchmark', 'fund') || if(b.session_date = $session_date, '', ', earlier') as role, b.*
        from lake.sector_bars as b cross join asked.base as w
        inner join lake.sessions as s on b.session_date = s.session_date
        inner join lake.sessions as t on t.session_date = $session_date
        where b.is_final and case
        when $column like 'rank%' then b.session_date in ($session_date, w.base_date)
        and b.symbol in (select r.symbol from marts.sector_returns as r where r.session_date = $session_date)
        when $column like 'rrg%' then b.symbol in ($symbol, $benchmark) and s.seq between t.seq - 100 and t.seq
        and b.source in ($rrg_daily_50_source, $rrg_weekly_14_source)
        else b.symbol in ($symbol, $benchmark) and b.session_date = $session_date and b.source = $rs_source and b.basis = $rs_basis end
        order by b.session_date desc, b.symbol, b.source
  applied: >
    select '100 x ' || f.close || ' / ' || b.close || ' = ' || 100 * f.close / b.close
    from evidence.sector_bars as f, evidence.sector_bars as b where f.role = 'fund' and b.role = 'benchmark' and $column = 'rs'
*/
with numbered_returns as (
    select
        r.*,
        s.seq,
        date_diff('week', date '1927-01-03', r.session_date) - if(isodow(r.session_date) < 5, 1, 0) as week_no
    from marts.sector_returns as r
    inner join staging.sessions as s on r.session_date = s.session_date
),

sector_counts as (
    select
        session_date,
        count(*) as sectors,
        count(return_5d_pct) as ranked_5d,
        count(return_21d_pct) as ranked_21d,
        count(return_63d_pct) as ranked_63d,
        count(return_ytd_pct) as ranked_ytd
    from numbered_returns
    group by session_date
),

sector_ranks as (
    select
        r.session_date,
        r.seq,
        r.week_no,
        r.sector,
        r.symbol,
        c.sectors,
        c.ranked_5d,
        c.ranked_21d,
        c.ranked_63d,
        c.ranked_ytd,
        case
            when r.return_5d_pct is not null and c.ranked_5d >= $coverage_gate * c.sectors
                then cast(rank() over (partition by r.session_date order by r.return_5d_pct desc nulls last) as integer)
        end as rank_5d,
        case
            when r.return_21d_pct is not null and c.ranked_21d >= $coverage_gate * c.sectors
                then cast(rank() over (partition by r.session_date order by r.return_21d_pct desc nulls last) as integer)
        end as rank_21d,
        case
            when r.return_63d_pct is not null and c.ranked_63d >= $coverage_gate * c.sectors
                then cast(rank() over (partition by r.session_date order by r.return_63d_pct desc nulls last) as integer)
        end as rank_63d,
        case
            when r.return_ytd_pct is not null and c.ranked_ytd >= $coverage_gate * c.sectors
                then cast(rank() over (partition by r.session_date order by r.return_ytd_pct desc nulls last) as integer)
        end as rank_ytd
    from numbered_returns as r
    inner join sector_counts as c on r.session_date = c.session_date
),

best_relative_strength as (
    select *
    from intermediate.relative_strength
    where is_held_back is not true
    qualify pair_rank = min(pair_rank) over (partition by symbol, seq)
),

-- the best pair of series that covers the longer window of the two, else the one that covers the shorter
daily_rotation as (
    select *
    from intermediate.relative_rotation
    where graph = 'daily_50' and is_held_back is not true
    qualify row_number() over (partition by symbol, step order by rs_momentum is null, pair_rank) = 1
),

-- a close that was held back on the last session of its week counts for the sessions after it
weekly_rotation as (
    select
        w.*,
        o.is_own_session
    from intermediate.relative_rotation as w
    cross join (values (false), (true)) as o (is_own_session)
    where w.graph = 'weekly_14' and not (o.is_own_session and w.is_held_back is true)
    qualify row_number() over (partition by w.symbol, w.step, o.is_own_session order by w.rs_momentum is null, w.pair_rank) = 1
),

-- sessions on which no series has a close of the ETF that may be shown
held_back_closes as (
    select
        seq,
        symbol = $benchmark as is_benchmark,
        symbol
    from intermediate.sector_segments
    group by symbol, seq
    having bool_and(is_held_back is true)
),

final as (
    select
        r.session_date,
        r.sector,
        r.symbol,
        r.sectors,
        k.rs,
        k.source as rs_source,
        k.basis as rs_basis,
        r.rank_5d,
        r.rank_21d,
        r.rank_63d,
        r.rank_ytd,
        r.ranked_5d,
        r.ranked_21d,
        r.ranked_63d,
        r.ranked_ytd,
        case when r.ranked_21d = a.ranked_21d then a.rank_21d - r.rank_21d end as rank_change_5d,
        case when r.ranked_21d = b.ranked_21d then b.rank_21d - r.rank_21d end as rank_change_21d,
        d.rs_ratio as rrg_daily_50_rs_ratio,
        d.rs_momentum as rrg_daily_50_rs_momentum,
        case
            when d.rs_ratio >= 100 and d.rs_momentum >= 100 then 'leading'
            when d.rs_ratio >= 100 and d.rs_momentum < 100 then 'weakening'
            when d.rs_ratio < 100 and d.rs_momentum < 100 then 'lagging'
            when d.rs_ratio < 100 and d.rs_momentum >= 100 then 'improving'
        end as rrg_daily_50_quadrant,
        d.source as rrg_daily_50_source,
        w.rs_ratio as rrg_weekly_14_rs_ratio,
        w.rs_momentum as rrg_weekly_14_rs_momentum,
        case
            when w.rs_ratio >= 100 and w.rs_momentum >= 100 then 'leading'
            when w.rs_ratio >= 100 and w.rs_momentum < 100 then 'weakening'
            when w.rs_ratio < 100 and w.rs_momentum < 100 then 'lagging'
            when w.rs_ratio < 100 and w.rs_momentum >= 100 then 'improving'
        end as rrg_weekly_14_quadrant,
        w.source as rrg_weekly_14_source,
        nullif(
            concat_ws(
                '; ',
                case when k.rs is null then 'rs: no close of both the ETF and ' || $benchmark || ' on one basis' end,
                case when r.rank_5d is null then 'rank_5d: ' || r.ranked_5d || ' of ' || r.sectors || ' sectors have the return' end,
                case when r.rank_21d is null then 'rank_21d: ' || r.ranked_21d || ' of ' || r.sectors || ' sectors have the return' end,
                case when r.rank_63d is null then 'rank_63d: ' || r.ranked_63d || ' of ' || r.sectors || ' sectors have the return' end,
                case when r.rank_ytd is null then 'rank_ytd: ' || r.ranked_ytd || ' of ' || r.sectors || ' sectors have the return' end,
                case
                    when r.rank_21d is not null and (a.rank_21d is null or r.ranked_21d <> a.ranked_21d)
                        then 'rank_change_5d: not as many ranked 5 sessions ago'
                end,
                case
                    when r.rank_21d is not null and (b.rank_21d is null or r.ranked_21d <> b.ranked_21d)
                        then 'rank_change_21d: not as many ranked 21 sessions ago'
                end,
                case
                    when d.rs_ratio is null then 'rrg_daily_50: no series covers 50 sessions, or rs did not move'
                    when d.rs_momentum is null then 'rrg_daily_50_rs_momentum: no series covers 100 sessions, or rs_ratio did not move'
                end,
                case
                    when w.rs_ratio is null then 'rrg_weekly_14: no series covers 14 completed weeks, or rs did not move'
                    when w.rs_momentum is null then 'rrg_weekly_14_rs_momentum: no series covers 28 completed weeks, or rs_ratio did not move'
                end
            ),
            ''
        ) as reason
    from sector_ranks as r
    left join sector_ranks as a on r.sector = a.sector and r.seq - 5 = a.seq
    left join sector_ranks as b on r.sector = b.sector and r.seq - 21 = b.seq
    left join held_back_closes as h on r.seq = h.seq and r.symbol = h.symbol
    left join held_back_closes as i on r.seq = i.seq and i.is_benchmark
    left join best_relative_strength as k on r.symbol = k.symbol and r.seq = k.seq and h.seq is null and i.seq is null
    left join daily_rotation as d on r.symbol = d.symbol and r.seq = d.step and h.seq is null and i.seq is null
    -- of completed weeks: a close that is held back today changes it only where the week ends today
    left join weekly_rotation as w
        on r.symbol = w.symbol and r.week_no = w.step and w.is_own_session = (isodow(r.session_date) = 5)
)

select *
from final
order by session_date, sector
