/*
description: How strongly sectors change places on each session, how far apart they are, and which styles lead.
grain: session_date
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: sectors, type: BIGINT, unit: sectors, description: "Sectors whose ETF has begun: what coverage is measured against."}
  - {name: sectors_compared, type: BIGINT, unit: sectors, description: "Sectors with a 21-session return now and 21 sessions ago."}
  - {name: rotation_intensity, type: DOUBLE, unit: "", description: "1 - Spearman correlation of the ranks by 21-session return now and 21 sessions ago: 0 nothing moved, 2 turned over."}
  - {name: sectors_with_return_21d, type: BIGINT, unit: sectors, description: "Sectors with a 21-session return: the denominator of dispersion."}
  - {name: dispersion_21d_pp, type: DOUBLE, unit: percentage points, description: "Population standard deviation of the sectors' 21-session returns."}
  - {name: cyclical_minus_defensive_1d_pp, type: DOUBLE, unit: percentage points, description: "Mean 1-session return of XLY XLI XLB XLF XLE XLK less that of XLP XLV XLU."}
  - {name: cyclical_minus_defensive_21d_pp, type: DOUBLE, unit: percentage points, description: "The same with 21-session returns (a month)."}
  - {name: small_minus_large_1d_pp, type: DOUBLE, unit: percentage points, description: "1-session price return of the Russell 2000 less that of the S&P 500."}
  - {name: small_minus_large_21d_pp, type: DOUBLE, unit: percentage points, description: "The same with 21-session returns (a month)."}
  - {name: reason, type: VARCHAR, unit: "", description: "Why values are null, and which; null where all are there."}
invariants:
  - description: Intensity lies between 0 and 2, dispersion is not negative.
    sql: select * from marts.rotation_daily where rotation_intensity not between -1e-9 and 2.000000001 or dispersion_21d_pp < 0
method:
  id: rotation_daily
  version: 1
  formula: 1 - Spearman(ranks_t, ranks_t-21), mid-ranks among the sectors present on both; population deviation; differences of means
  parameters: 21 sessions; sectors present / sectors begun >= coverage gate, in each style apart for the styles
  citation: ""
  oracle: scipy.stats.spearmanr, numpy.std
  deviations: null where all ranks of a session are equal
evidence:
  rows:
    - dataset: sector_bars
      sql: >
        select if(b.session_date = $session_date, 'close', 'base') as role, b.*
        from lake.sector_bars as b cross join asked.base as w
        inner join marts.sector_returns as r on r.session_date = $session_date and b.symbol = r.symbol and b.source = r.source
        where b.is_final and b.session_date in ($session_date, w.base_date) and $column not like 'small%'
        order by b.session_date desc, b.symbol
    - dataset: index_bars
      sql: >
        select if(b.session_date = $session_date, 'close', 'base') as role, b.*
        from lake.index_bars as b cross join asked.base as w
        inner join marts.index_returns as r on b.symbol = r.index_id and r.session_date = $session_date and b.source = r.source
        where b.is_final and b.session_date in ($session_date, w.base_date) and b.symbol in ('RUT', 'SPX') and $column like 'small%'
        order by b.session_date desc, b.symbol
*/
with sector_returns as (
    select
        r.session_date,
        s.seq,
        r.sector,
        m.style,
        -- whole 1e-9 percent, so that sums do not depend on order
        cast(round(r.return_1d_pct * 1e9) as hugeint) as return_1d,
        cast(round(r.return_21d_pct * 1e9) as hugeint) as return_21d
    from marts.sector_returns as r
    inner join staging.sessions as s on r.session_date = s.session_date
    inner join intermediate.sector_map as m on r.sector = m.sector
),

rank_pairs as (
    select
        t.seq,
        -- twice the mid-rank, a whole number
        2 * rank() over (partition by t.seq order by t.return_21d) + count(*) over (partition by t.seq, t.return_21d) as x,
        2 * rank() over (partition by t.seq order by p.return_21d) + count(*) over (partition by t.seq, p.return_21d) as y
    from sector_returns as t
    inner join sector_returns as p on t.sector = p.sector and t.seq - 21 = p.seq
    where t.return_21d is not null and p.return_21d is not null
),

correlation_sums as (
    select
        seq,
        count(*) as n,
        sum(x) as sx,
        sum(y) as sy,
        sum(x * x) as sxx,
        sum(y * y) as syy,
        sum(x * y) as sxy
    from rank_pairs
    group by seq
),

rank_correlations as (
    select
        seq,
        n,
        cast(n * sxy - sx * sy as double)
        / nullif(sqrt(cast(n * sxx - sx * sx as double) * cast(n * syy - sy * sy as double)), 0) as spearman
    from correlation_sums
),

rotation_sums as (
    select
        session_date,
        seq,
        count(*) as sectors,
        count(return_21d) as n_21d,
        sum(return_21d) as s1,
        sum(return_21d * return_21d) as s2,
        count(*) filter (where style = 'cyclical') as cyclicals,
        count(*) filter (where style = 'defensive') as defensives,
        count(return_1d) filter (where style = 'cyclical') as cyclicals_1d,
        count(return_1d) filter (where style = 'defensive') as defensives_1d,
        count(return_21d) filter (where style = 'cyclical') as cyclicals_21d,
        count(return_21d) filter (where style = 'defensive') as defensives_21d,
        sum(return_1d) filter (where style = 'cyclical') as cyclical_1d,
        sum(return_1d) filter (where style = 'defensive') as defensive_1d,
        sum(return_21d) filter (where style = 'cyclical') as cyclical_21d,
        sum(return_21d) filter (where style = 'defensive') as defensive_21d
    from sector_returns
    group by session_date, seq
),

rotation_measures as (
    select
        s.session_date,
        s.sectors,
        coalesce(c.n, 0) as sectors_compared,
        case when c.n >= $coverage_gate * s.sectors then 1 - c.spearman end as rotation_intensity,
        s.n_21d as sectors_with_return_21d,
        case
            when s.n_21d > 0 and s.n_21d >= $coverage_gate * s.sectors
                then sqrt(cast(s.n_21d * s.s2 - s.s1 * s.s1 as double)) / s.n_21d / 1e9
        end as dispersion_21d_pp,
        case
            when s.cyclicals_1d >= $coverage_gate * s.cyclicals and s.defensives_1d >= $coverage_gate * s.defensives
                then
                    s.cyclical_1d / nullif(s.cyclicals_1d, 0) / 1e9
                    - s.defensive_1d / nullif(s.defensives_1d, 0) / 1e9
        end as cyclical_minus_defensive_1d_pp,
        case
            when s.cyclicals_21d >= $coverage_gate * s.cyclicals and s.defensives_21d >= $coverage_gate * s.defensives
                then
                    s.cyclical_21d / nullif(s.cyclicals_21d, 0) / 1e9
                    - s.defensive_21d / nullif(s.defensives_21d, 0) / 1e9
        end as cyclical_minus_defensive_21d_pp,
        a.return_1d_pct - b.return_1d_pct as small_minus_large_1d_pp,
        a.return_21d_pct - b.return_21d_pct as small_minus_large_21d_pp
    from rotation_sums as s
    left join rank_correlations as c on s.seq = c.seq
    left join marts.index_returns as a on s.session_date = a.session_date and a.index_id = 'RUT'
    left join marts.index_returns as b on s.session_date = b.session_date and b.index_id = 'SPX'
),

final as (
    select
        *,
        nullif(
            concat_ws(
                '; ',
                case
                    when rotation_intensity is null
                        then 'rotation_intensity: ' || sectors_compared || ' of ' || sectors || ' sectors have both 21-session returns'
                end,
                case
                    when dispersion_21d_pp is null
                        then 'dispersion_21d_pp: ' || sectors_with_return_21d || ' of ' || sectors || ' sectors have the return'
                end,
                case when cyclical_minus_defensive_1d_pp is null then 'cyclical_minus_defensive_1d_pp: too few returns of a style' end,
                case when cyclical_minus_defensive_21d_pp is null then 'cyclical_minus_defensive_21d_pp: too few returns of a style' end,
                case when small_minus_large_1d_pp is null then 'small_minus_large_1d_pp: no return of RUT or SPX' end,
                case when small_minus_large_21d_pp is null then 'small_minus_large_21d_pp: no return of RUT or SPX' end
            ),
            ''
        ) as reason
    from rotation_measures
)

select *
from final
order by session_date
