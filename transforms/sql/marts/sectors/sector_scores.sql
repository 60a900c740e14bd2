/*
description: >
  Our score of each GICS sector, 0 to 100: the mean score of its members of sp500 and russell2000. A stock's score is half technical,
  half fundamental, each the mean percentile rank of its components among all these stocks on that session. A vendor's score is never
  confirmed by it. For sessions from 2020 on.
grain: session_date x sector
materialized: table
blocks: {by: session_date, back: 0, alone: true}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: sector, type: VARCHAR, unit: "", description: "Sector in the GICS taxonomy."}
  - {name: members, type: BIGINT, unit: stocks, description: "Members with a close."}
  - {name: scored, type: BIGINT, unit: stocks, description: "Of these, stocks with a score: at least 3 technical components."}
  - {name: sector_score, type: DOUBLE, unit: points, description: "Mean score of the scored members."}
  - {name: sector_rank, type: BIGINT, unit: "", description: "Rank of the score among the sectors, 1 being the highest."}
  - {name: technical_score, type: DOUBLE, unit: points, description: "Mean technical score of the scored members."}
  - {name: fundamental_score, type: DOUBLE, unit: points, description: "Mean fundamental score of those that have one."}
  - {name: with_fundamentals, type: BIGINT, unit: stocks, description: "Scored members with a fundamental score; the others count technical alone."}
  - {name: with_return_21d, type: BIGINT, unit: stocks, description: "Members with the 21-session return (a month)."}
  - {name: with_return_63d, type: BIGINT, unit: stocks, description: "Members with the 63-session return (a quarter)."}
  - {name: with_return_126d, type: BIGINT, unit: stocks, description: "Members with the 126-session return (half a year)."}
  - {name: with_return_252d, type: BIGINT, unit: stocks, description: "Members with the 252-session return (a year)."}
  - {name: with_high_distance, type: BIGINT, unit: stocks, description: "Members with a distance from their 52-week high."}
  - {name: with_volume_ratio, type: BIGINT, unit: stocks, description: "Members with dollar volume against its 63-session mean."}
  - {name: with_cmf, type: BIGINT, unit: stocks, description: "Members with Chaikin money flow: they need highs and lows."}
  - {name: with_revenue_growth_1y, type: BIGINT, unit: stocks, description: "Members with growth of sales over a year."}
  - {name: with_revenue_growth_3y, type: BIGINT, unit: stocks, description: "Members with growth of sales over three years."}
  - {name: with_eps_growth_1y, type: BIGINT, unit: stocks, description: "Members with growth of earnings over a year."}
  - {name: with_eps_growth_3y, type: BIGINT, unit: stocks, description: "Members with growth of earnings over three years."}
  - {name: with_net_margin, type: BIGINT, unit: stocks, description: "Members with a net margin."}
  - {name: reason, type: VARCHAR, unit: "", description: "Why the score is null; null where it is not."}
invariants:
  - description: Scores lie between 0 and 100.
    sql: >
      select * from marts.sector_scores where sector_score not between 0 and 100 or technical_score not between 0 and 100
      or fundamental_score not between 0 and 100
  - description: Scored are members, and those with fundamentals are scored.
    sql: select * from marts.sector_scores where scored > members or with_fundamentals > scored
method:
  - id: sector_score
    version: 1
    formula: >
      percentile = 100 (mid-rank - 1) / (n - 1); technical = mean percentile of 21/63/126/252-session return, distance from the 52-week
      high, dollar volume over its 63-session mean, CMF; fundamental = mean percentile of 1-year and 3-year growth of sales and of
      earnings a share, net margin; stock = 0.5 technical + 0.5 fundamental; sector = mean of its stocks
    parameters: >
      at least 3 technical components; without fundamentals technical alone; scored / members >= coverage gate; figures older than 550
      days count as none
    citation: our own
    oracle: worked by hand
    deviations: members of the lists as universe_members knows them; with few fundamentals the score is nearly technical alone
  - id: chaikin_money_flow
    version: 1
    formula: sum of volume x ((C-L)-(H-C))/(H-L) over the sum of volume, the multiplier 0 where H = L
    parameters: $cmf_window sessions, by default 21 (a month); at most 4 % absent, one always allowed
    citation: M. Chaikin, 1980s
    oracle: LEAN's spy_cmf.txt (window 20), but for its last row
    deviations: the multiplier is kept at 1e-9
evidence:
  rows:
    - dataset: equity_bars
      sql: >
        select 'bar of a member' as role, b.*
        from lake.equity_bars as b
        left join lake.series_rank as k on k.dataset = 'equity_bars' and b.source = k.source and b.basis = k.basis
        where b.is_final and b.session_date = $session_date
        and b.symbol in (select m.symbol from lake.memberships as m where m.sector = $sector)
        qualify row_number() over (partition by b.symbol, b.session_date order by k.rank nulls last, b.source, b.basis) = 1
        order by b.symbol, b.session_date desc
*/
with instrument_numbers as (
    select
        instrument_id,
        instrument_no
    from intermediate.equity_series
    where is_best
),

growth_states as (
    select
        n.instrument_no,
        s.seq as from_seq,
        coalesce(lead(s.seq) over (partition by g.instrument_id order by s.seq), 2147483647) as until_seq,
        g.*
    from marts.fundamental_growth as g
    inner join instrument_numbers as n on g.instrument_id = n.instrument_id
    inner join staging.sessions as s on g.session_date = s.session_date
),

-- a number sorts faster than a name
sector_numbers as (
    select
        sector,
        row_number() over (order by sector) as sector_no
    from (select distinct s.sector from intermediate.stock_signals as s) as d
),

stock_components as (
    select
        s.seq,
        s.instrument_no,
        n.sector_no,
        s.return_21d_e9,
        s.return_63d_e9,
        s.return_126d_e9,
        s.return_252d_e9,
        s.high_distance_e9,
        s.volume_ratio_e9,
        cast(round(1e9 * s.cmf) as bigint) as cmf_e9,
        -- a growth of nine hundred billion percent is none
        try_cast(round(1e7 * f.revenue_growth_1y_pct) as bigint) as revenue_growth_1y_e9,
        try_cast(round(1e7 * f.revenue_growth_3y_pct) as bigint) as revenue_growth_3y_e9,
        try_cast(round(1e7 * f.eps_growth_1y_pct) as bigint) as eps_growth_1y_e9,
        try_cast(round(1e7 * f.eps_growth_3y_pct) as bigint) as eps_growth_3y_e9,
        try_cast(round(1e7 * f.net_margin_pct) as bigint) as net_margin_e9
    from intermediate.stock_signals as s
    inner join sector_numbers as n on s.sector = n.sector
    inner join staging.sessions as c on s.seq = c.seq
    left join growth_states as f
        on
            s.instrument_no = f.instrument_no
            and s.seq >= f.from_seq
            and s.seq < f.until_seq
            -- a year and what a filing takes: after that the company has stopped reporting
            and c.session_date - f.fiscal_year_end <= 550
),

member_counts as (
    select
        seq,
        sector_no,
        count(*) as members,
        count(return_21d_e9) as with_return_21d,
        count(return_63d_e9) as with_return_63d,
        count(return_126d_e9) as with_return_126d,
        count(return_252d_e9) as with_return_252d,
        count(high_distance_e9) as with_high_distance,
        count(volume_ratio_e9) as with_volume_ratio,
        count(cmf_e9) as with_cmf,
        count(revenue_growth_1y_e9) as with_revenue_growth_1y,
        count(revenue_growth_3y_e9) as with_revenue_growth_3y,
        count(eps_growth_1y_e9) as with_eps_growth_1y,
        count(eps_growth_3y_e9) as with_eps_growth_3y,
        count(net_margin_e9) as with_net_margin
    from stock_components
    group by seq, sector_no
),

-- a narrow number sorts faster
component_lines as (
    select
        seq,
        sector_no,
        instrument_no,
        cast(unnest(range(1, 13)) as tinyint) as place,
        unnest([
            return_21d_e9, return_63d_e9, return_126d_e9, return_252d_e9, high_distance_e9, volume_ratio_e9, cmf_e9,
            revenue_growth_1y_e9, revenue_growth_3y_e9, eps_growth_1y_e9, eps_growth_3y_e9, net_margin_e9
        ]) as x
    from stock_components
),

-- ranks run through all components of a session, so that its rows stay together and add up fast below
component_ranks as (
    select
        seq,
        sector_no,
        instrument_no,
        place,
        rank() over ascending as low_rank,
        cume_dist() over ascending as share_not_above
    from component_lines
    where x is not null
    window ascending as (partition by seq order by place, x)
),

component_member_counts as (
    select
        seq,
        cast(unnest(range(1, 13)) as tinyint) as place,
        unnest([
            sum(with_return_21d), sum(with_return_63d), sum(with_return_126d), sum(with_return_252d), sum(with_high_distance),
            sum(with_volume_ratio), sum(with_cmf), sum(with_revenue_growth_1y), sum(with_revenue_growth_3y),
            sum(with_eps_growth_1y), sum(with_eps_growth_3y), sum(with_net_margin)
        ]) as n
    from member_counts
    group by seq
),

component_positions as (
    select
        seq,
        place,
        cast(n as double) as n,
        cast(sum(n) over (partition by seq order by place) - n as double) as n_before,
        cast(sum(n) over (partition by seq) as double) as n_of_all
    from component_member_counts
),

-- percentile of the mid-rank as a whole number of 1e-9, so that sums do not depend on order: a double holds them exactly, and
-- adds up faster; a stock alone in its component has none
component_percentiles as (
    select
        r.seq,
        r.sector_no,
        r.instrument_no,
        r.place,
        if(
            p.n > 1,
            round(1e11 * ((r.low_rank + round(r.share_not_above * p.n_of_all) - 2 * p.n_before) / 2 - 1) / (p.n - 1)),
            null
        ) as percentile_e9
    from component_ranks as r
    inner join component_positions as p on r.seq = p.seq and r.place = p.place
),

stock_scores as (
    select
        seq,
        sector_no,
        instrument_no,
        -- 3 of 7 technical components: fewer would be a score of one return
        count(percentile_e9) filter (where place <= 7) >= 3 as is_scored,
        round(avg(percentile_e9) filter (where place <= 7)) as technical_e9,
        round(avg(percentile_e9) filter (where place > 7)) as fundamental_e9
    from component_percentiles
    group by seq, sector_no, instrument_no
),

sums_of_scored_stocks as (
    select
        seq,
        sector_no,
        count(*) filter (where is_scored) as scored,
        sum(technical_e9) filter (where is_scored) as technical_sum,
        sum(fundamental_e9) filter (where is_scored) as fundamental_sum,
        count(fundamental_e9) filter (where is_scored) as with_fundamentals,
        -- twice the stock's score
        sum(technical_e9 + coalesce(fundamental_e9, technical_e9)) filter (where is_scored) as doubled_sum
    from stock_scores
    group by seq, sector_no
),

score_sums as (
    select
        c.*,
        coalesce(s.scored, 0) as scored,
        s.technical_sum,
        s.fundamental_sum,
        coalesce(s.with_fundamentals, 0) as with_fundamentals,
        s.doubled_sum
    from member_counts as c
    left join sums_of_scored_stocks as s on c.seq = s.seq and c.sector_no = s.sector_no
),

score_coverage as (
    select
        *,
        scored > 0 and scored >= $coverage_gate * members as is_defined
    from score_sums
),

sector_scores as (
    select
        *,
        if(is_defined, doubled_sum / 2 / scored / 1e9, null) as sector_score,
        if(is_defined, technical_sum / scored / 1e9, null) as technical_score,
        if(is_defined, fundamental_sum / nullif(with_fundamentals, 0) / 1e9, null) as fundamental_score
    from score_coverage
),

final as (
    select
        s.session_date,
        n.sector,
        c.members,
        c.scored,
        c.sector_score,
        if(c.is_defined, rank() over (partition by c.seq order by c.sector_score desc nulls last), null) as sector_rank,
        c.technical_score,
        c.fundamental_score,
        c.with_fundamentals,
        c.with_return_21d,
        c.with_return_63d,
        c.with_return_126d,
        c.with_return_252d,
        c.with_high_distance,
        c.with_volume_ratio,
        c.with_cmf,
        c.with_revenue_growth_1y,
        c.with_revenue_growth_3y,
        c.with_eps_growth_1y,
        c.with_eps_growth_3y,
        c.with_net_margin,
        if(c.is_defined, null, c.scored || ' of ' || c.members || ' members have 3 technical components') as reason
    from sector_scores as c
    inner join sector_numbers as n on c.sector_no = n.sector_no
    inner join staging.sessions as s on c.seq = s.seq
)

select *
from final
order by session_date, sector
