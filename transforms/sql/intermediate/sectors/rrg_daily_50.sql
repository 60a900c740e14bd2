/*
description: Relative strength of sectors and its momentum as trailing z-scores over 50 sessions, by pair of series.
grain: symbol x pair_rank x seq
materialized: table
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "ETF of the sector."}
  - {name: pair_rank, type: BIGINT, unit: "", description: "Pair of series and piece between seams, the least being the best."}
  - {name: source, type: VARCHAR, unit: "", description: "Series of the sector's ETF."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: rs_ratio, type: DOUBLE, unit: "", description: "100 + z of the relative strength over the trailing 50 sessions."}
  - {name: rs_momentum, type: DOUBLE, unit: "", description: "100 + z of the change of rs_ratio in percent over the trailing 50 sessions."}
*/
with strength as (
    select
        symbol,
        pair_rank,
        source,
        seq,
        rs_e10
    from intermediate.relative_strength
),

-- 50 sessions: a quarter less its holidays; up to 2 of them (4 %) may be absent
sums as (
    select
        symbol,
        pair_rank,
        source,
        seq,
        rs_e10 as x,
        min(seq) over (partition by symbol, pair_rank) as first_place,
        count(rs_e10) over span as n,
        sum(rs_e10) over span as s1,
        sum(rs_e10 * rs_e10) over span as s2
    from strength
    window span as (partition by symbol, pair_rank order by seq range between 49 preceding and current row)
),

-- n^2 times the population variance is n s2 - s1^2, exact in whole numbers; below 1e-9 the deviation counts as none
ratios as (
    select
        *,
        case
            when seq - first_place >= 49 and n >= 48 and n * s2 - s1 * s1 > 100 * n * n
                then 100 + (n * x - s1) / sqrt(cast(n * s2 - s1 * s1 as double))
        end as rs_ratio
    from sums
),

changes as (
    select
        symbol,
        pair_rank,
        source,
        seq,
        rs_ratio,
        case
            when lag(seq) over line = seq - 1
                then cast(round(1e10 * 100 * (rs_ratio / nullif(lag(rs_ratio) over line, 0) - 1)) as hugeint)
        end as x
    from ratios
    window line as (partition by symbol, pair_rank order by seq)
),

change_sums as (
    select
        *,
        min(seq) filter (where x is not null) over (partition by symbol, pair_rank) as first_place,
        count(x) over span as n,
        sum(x) over span as s1,
        sum(x * x) over span as s2
    from changes
    window span as (partition by symbol, pair_rank order by seq range between 49 preceding and current row)
),

final as (
    select
        symbol,
        pair_rank,
        source,
        seq,
        rs_ratio,
        case
            when seq - first_place >= 49 and n >= 48 and n * s2 - s1 * s1 > 100 * n * n
                then 100 + (n * x - s1) / sqrt(cast(n * s2 - s1 * s1 as double))
        end as rs_momentum
    from change_sums
    where rs_ratio is not null
)

select *
from final
order by symbol, pair_rank, seq
