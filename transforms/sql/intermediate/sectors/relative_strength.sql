/*
description: >
  Price of each sector ETF against the benchmark's, for every pair of series with the same basis; a pair is kept through time,
  so that a mean of relative strength crosses from one series to another only in the last pair: of what is in force of both, joined where
  that is proven, on sessions on which both are adjusted in one way. Behind a seam of either series the pair goes on as another one.
grain: symbol x pair_rank x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "ETF of the sector."}
  - {name: pair_rank, type: BIGINT, unit: "", description: "Preference among the pairs of series, the least being the best: 10000 x the pair + its segment between seams."}
  - {name: source, type: VARCHAR, unit: "", description: "Series of the sector's ETF."}
  - {name: basis, type: VARCHAR, unit: "", description: "How both series are adjusted."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: rs, type: DOUBLE, unit: "", description: "100 x price / price of the benchmark."}
  - {name: rs_e10, type: HUGEINT, unit: 1e-10, description: "The same as a whole number, for sums that do not depend on order."}
  - {name: is_held_back, type: BOOLEAN, unit: "", description: "Either close is no part of what is shown for its own session."}
*/
with sector_closes as (
    select b.*
    from intermediate.sector_segments as b
    inner join intermediate.sector_map as m on b.symbol = m.symbol
),

benchmark_closes as (
    select *
    from intermediate.sector_segments
    where symbol = $benchmark
),

sector_series_list as (
    select distinct
        symbol,
        basis,
        source,
        series_rank
    from sector_closes
    where is_joined is not true
),

benchmark_series_list as (
    select distinct
        basis,
        source,
        series_rank
    from benchmark_closes
    where is_joined is not true
),

sector_benchmark_pairs as (
    select
        p.symbol,
        p.basis,
        p.series_rank,
        b.series_rank as benchmark_rank,
        row_number() over (
            partition by p.symbol
            order by p.series_rank, p.source <> b.source, b.series_rank
        ) as pair_rank
    from sector_series_list as p
    inner join benchmark_series_list as b on p.basis = b.basis
),

joined_sectors as (
    select distinct symbol
    from sector_closes
    where is_joined or (select bool_or(b.is_joined) from benchmark_closes as b)
),

strength_ratios as (
    select
        p.symbol,
        10000 * p.pair_rank + s.segment + b.segment as pair_rank,
        s.source,
        s.basis,
        s.seq,
        s.session_date,
        100 * s.forward_close / nullif(b.forward_close, 0) as rs,
        s.is_held_back is true or b.is_held_back is true as is_held_back
    from sector_benchmark_pairs as p
    inner join sector_closes as s on p.symbol = s.symbol and p.series_rank = s.series_rank
    inner join benchmark_closes as b on p.benchmark_rank = b.series_rank and s.seq = b.seq
    union all
    -- what is in force of both, where one of them goes on in another series
    select
        s.symbol,
        10000000 + s.segment + b.segment as pair_rank,
        s.source,
        s.basis,
        s.seq,
        s.session_date,
        100 * s.forward_close / nullif(b.forward_close, 0) as rs,
        s.is_held_back is true or b.is_held_back is true as is_held_back
    from joined_sectors as j
    inner join sector_closes as s on j.symbol = s.symbol and s.is_in_force
    inner join benchmark_closes as b on s.seq = b.seq and s.basis = b.basis and b.is_in_force
),

final as (
    select
        symbol,
        pair_rank,
        source,
        basis,
        seq,
        session_date,
        rs,
        cast(round(rs * 1e10) as hugeint) as rs_e10,
        is_held_back
    from strength_ratios
    -- a fund at a hundred thousand times its benchmark is on another scale, and the sums of its squares would overflow
    where rs <= 1e7
)

select *
from final
order by symbol, pair_rank, seq
