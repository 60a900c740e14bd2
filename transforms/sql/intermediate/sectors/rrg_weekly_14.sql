/*
description: Relative strength of sectors and its momentum as trailing z-scores over 14 weeks, on the last session of each week, by pair of series.
grain: symbol x pair_rank x week_no
materialized: table
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "ETF of the sector."}
  - {name: pair_rank, type: BIGINT, unit: "", description: "Pair of series and piece between seams, the least being the best."}
  - {name: source, type: VARCHAR, unit: "", description: "Series of the sector's ETF."}
  - {name: week_no, type: BIGINT, unit: weeks, description: "Week, counted from the first one of 1927."}
  - {name: rs_ratio, type: DOUBLE, unit: "", description: "100 + z of the relative strength over the trailing 14 weeks."}
  - {name: rs_momentum, type: DOUBLE, unit: "", description: "100 + z of the change of rs_ratio in percent over the trailing 14 weeks."}
*/
with week_ends as (
    select
        date_diff('week', date '1927-01-03', session_date) as week_no,
        max(seq) as seq
    from staging.sessions
    group by week_no
),

strength as (
    select
        r.symbol,
        r.pair_rank,
        r.source,
        w.week_no,
        r.rs_e10
    from intermediate.relative_strength as r
    inner join week_ends as w on r.seq = w.seq
),

-- 14 weeks: the customary quarter and a bit of a rotation graph; one of them may be absent
sums as (
    select
        symbol,
        pair_rank,
        source,
        week_no,
        rs_e10 as x,
        min(week_no) over (partition by symbol, pair_rank) as first_place,
        count(rs_e10) over span as n,
        sum(rs_e10) over span as s1,
        sum(rs_e10 * rs_e10) over span as s2
    from strength
    window span as (partition by symbol, pair_rank order by week_no range between 13 preceding and current row)
),

-- n^2 times the population variance is n s2 - s1^2, exact in whole numbers; below 1e-9 the deviation counts as none
ratios as (
    select
        *,
        case
            when week_no - first_place >= 13 and n >= 13 and n * s2 - s1 * s1 > 100 * n * n
                then 100 + (n * x - s1) / sqrt(cast(n * s2 - s1 * s1 as double))
        end as rs_ratio
    from sums
),

changes as (
    select
        symbol,
        pair_rank,
        source,
        week_no,
        rs_ratio,
        case
            when lag(week_no) over line = week_no - 1
                then cast(round(1e10 * 100 * (rs_ratio / nullif(lag(rs_ratio) over line, 0) - 1)) as hugeint)
        end as x
    from ratios
    window line as (partition by symbol, pair_rank order by week_no)
),

change_sums as (
    select
        *,
        min(week_no) filter (where x is not null) over (partition by symbol, pair_rank) as first_place,
        count(x) over span as n,
        sum(x) over span as s1,
        sum(x * x) over span as s2
    from changes
    window span as (partition by symbol, pair_rank order by week_no range between 13 preceding and current row)
),

final as (
    select
        symbol,
        pair_rank,
        source,
        week_no,
        rs_ratio,
        case
            when week_no - first_place >= 13 and n >= 13 and n * s2 - s1 * s1 > 100 * n * n
                then 100 + (n * x - s1) / sqrt(cast(n * s2 - s1 * s1 as double))
        end as rs_momentum
    from change_sums
    where rs_ratio is not null
)

select *
from final
order by symbol, pair_rank, week_no
