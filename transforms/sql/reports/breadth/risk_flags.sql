/*
description: >
  Signs that a rotation into small companies is late, one row set per session: each with the numbers that raised it and, where it is not
  raised, why. A sign whose inputs are missing is neither raised nor not.
grain: session_date x flag
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: INTEGER, unit: "", description: "Place of the row in the section."}
  - {name: flag, type: VARCHAR, unit: "", description: "Name of the sign."}
  - {name: is_raised, type: BOOLEAN, unit: "", description: "The sign is there; null where it cannot be told."}
  - {name: numbers, type: VARCHAR, unit: "", description: "The numbers that decide; null where they are missing."}
  - {name: reason, type: VARCHAR, unit: "", description: "Why the sign is not raised, or cannot be told; null where it is raised."}
invariants:
  - description: A sign that is not raised says why, and one that is has its numbers.
    sql: >
      select * from reports.risk_flags where (coalesce(is_raised, false) and (reason is not null or numbers is null))
      or (not coalesce(is_raised, false) and reason is null)
method:
  id: risk_flags
  version: 2
  formula: >
    spread_extreme: lead of RUT over SPX year to date above (below) 90 % of earlier years at the same session of the year;
    lead_day_lost: RUT behind SPX on the day after 8 sessions ahead, or while its lead is above 90 % of earlier years;
    technology_climbing: Information Technology in the bottom two by 21-session return 5 sessions ago and higher now;
    financials_weakest: Financials last of the sectors and below -1 % on the day; divergence and omen as in breadth_daily, sp500 and all
  parameters: 10 earlier years at least; 8 sessions; 5 sessions; -1 %
  citation: our own, after what desks call a late rotation
  oracle: ""
  deviations: ""
evidence:
  rows:
    - dataset: index_bars
      sql: >
        select case when b.session_date = $session_date then 'close' when b.session_date = w.year_base_date then 'start of the year'
        else 'earlier close' end || ' of ' || b.symbol as role, b.*
        from lake.index_bars as b cross join asked.base as w
        inner join marts.index_returns as r on b.symbol = r.index_id and r.session_date = $session_date and b.source = r.source
        inner join lake.sessions as s on b.session_date = s.session_date
        inner join lake.sessions as t on t.session_date = $session_date
        where b.is_final and case
        when $flag = 'spread_extreme' then b.symbol in ('RUT', 'SPX') and b.session_date in ($session_date, w.year_base_date)
        when $flag = 'lead_day_lost'
        then b.symbol in ('RUT', 'SPX') and (s.seq between t.seq - 9 and t.seq or b.session_date = w.year_base_date)
        when $flag in ('divergence', 'hindenburg_omen') then s.seq between t.seq - 50 and t.seq and b.symbol in (
        select d.barometer from marts.breadth_daily as d where d.session_date = $session_date and d.universe in ('all', 'sp500'))
        else false end
        order by b.session_date in ($session_date, w.base_date, w.year_base_date) desc, b.session_date desc, b.symbol
    - dataset: sector_bars
      sql: >
        select case t.seq - s.seq when 0 then 'close' when 1 then 'close before' when 5 then 'close 5 sessions ago'
        when 21 then 'base of now' else 'base of 5 sessions ago' end as role, b.*
        from lake.sector_bars as b
        inner join marts.sector_returns as r on b.symbol = r.symbol and r.session_date = $session_date and b.source = r.source
        inner join lake.sessions as s on b.session_date = s.session_date
        inner join lake.sessions as t on t.session_date = $session_date
        where b.is_final and case
        when $flag = 'technology_climbing' then t.seq - s.seq in (0, 5, 21, 26)
        when $flag = 'financials_weakest' then t.seq - s.seq in (0, 1) else false end
        order by b.session_date desc, b.symbol
    - dataset: equity_bars
      sql: >
        select if(b.session_date = $session_date, 'close', 'close before') as role, b.*
        from lake.equity_bars as b cross join asked.base as w
        left join lake.series_rank as k on k.dataset = 'equity_bars' and b.source = k.source and b.basis = k.basis
        where $flag in ('divergence', 'hindenburg_omen') and b.is_final and b.session_date in ($session_date, w.base_date)
        qualify row_number() over (partition by b.symbol, b.session_date order by k.rank nulls last, b.source, b.basis) = 1
        order by b.symbol, b.session_date desc
  applied: select $numbers
*/
with session_numbers as (
    select
        session_date,
        year(session_date) as year_no,
        row_number() over (partition by year(session_date) order by session_date) as session_of_year
    from staging.sessions
),

leads as (
    select
        s.session_date,
        c.year_no,
        c.session_of_year,
        s.spread_1d_pp,
        s.spread_ytd_pp,
        -- compared at a billionth of a point
        cast(round(s.spread_ytd_pp * 1e9) as bigint) as spread_e9,
        s.outperformance_streak as streak,
        lag(s.outperformance_streak) over (order by s.session_date) as last_streak
    from marts.index_spreads as s
    inner join session_numbers as c on s.session_date = c.session_date
    where s.lead_id = 'RUT' and s.base_id = 'SPX'
),

lead_ranks as (
    select
        t.session_date,
        t.session_of_year,
        t.spread_1d_pp,
        t.spread_ytd_pp,
        t.streak,
        t.last_streak,
        count(o.spread_e9) as years,
        count(*) filter (where o.spread_e9 < t.spread_e9) as years_below
    from leads as t
    left join leads as o on t.session_of_year = o.session_of_year and t.year_no > o.year_no
    group by all
),

lead_numbers as (
    select
        *,
        years >= 10 and spread_ytd_pp is not null as is_placed,
        years_below >= 0.9 * years or years_below <= 0.1 * years as is_extreme,
        printf(
            'RUT %+.2f pp against SPX year to date, above %d of %d earlier years at session %d', spread_ytd_pp, years_below, years,
            session_of_year
        ) as spread_numbers,
        printf(
            'RUT %+.2f pp against SPX on the day, after %d sessions ahead; %+.2f pp year to date', spread_1d_pp,
            greatest(coalesce(last_streak, 0), 0), coalesce(spread_ytd_pp, 0)
        ) as day_numbers,
        coalesce(last_streak, 0) >= 8 or coalesce(years >= 10 and years_below >= 0.9 * years, false) as is_extended
    from lead_ranks
),

technology as (
    select
        r.session_date,
        r.rank_21d,
        r.ranked_21d,
        r.rank_change_5d,
        r.rank_21d + r.rank_change_5d as rank_before
    from marts.sector_rotation as r
    where r.sector = 'Information Technology'
),

financials as (
    select
        session_date,
        max(return_1d_pct) filter (where sector = 'Financials') as return_1d_pct,
        min(return_1d_pct) as lowest,
        count(return_1d_pct) as sectors,
        -- of equally weak ones the first by name
        min_by(sector, (return_1d_pct, sector)) filter (where return_1d_pct is not null) as weakest
    from marts.sector_returns
    group by session_date
),

breadth as (
    select
        b.session_date,
        b.universe,
        b.is_divergence,
        b.above_sma50_share,
        lag(b.above_sma50_share, 20) over (partition by b.universe order by b.session_date) as share_before,
        b.is_hindenburg_classic,
        b.is_hindenburg_morris,
        b.is_hindenburg_classic or b.is_hindenburg_morris as is_omen,
        b.new_highs_52w,
        b.new_lows_52w,
        b.eligible,
        b.mcclellan_oscillator
    from marts.breadth_daily as b
    where b.universe in ('all', 'sp500')
),

breadth_days as (
    select
        session_date,
        bool_or(is_divergence) as is_divergence,
        string_agg(
            universe || ': ' || coalesce(printf('%.1f %%', 100 * above_sma50_share), 'unknown') || ' above the 50-session mean, '
            || coalesce(printf('%.1f %%', 100 * share_before), 'unknown') || ' 20 sessions ago',
            '; ' order by universe
        ) as divergence_numbers,
        bool_or(is_omen) as is_omen,
        string_agg(
            printf(
                '%s: %d new highs, %d new lows of %d, McClellan %.1f%s', universe, new_highs_52w, new_lows_52w, eligible,
                mcclellan_oscillator,
                if(coalesce(is_hindenburg_classic, false), ', classic omen', '')
                || if(coalesce(is_hindenburg_morris, false), ', Morris''s omen', '')
            ),
            '; ' order by universe
        ) as omen_numbers
    from breadth
    group by session_date
),

final as (
    select
        session_date,
        1 as position,
        'spread_extreme' as flag,
        if(is_placed, is_extreme, null) as is_raised,
        if(is_placed, spread_numbers, null) as numbers,
        case
            when spread_ytd_pp is null then 'no year-to-date return of RUT or SPX'
            when years < 10 then 'only ' || years || ' earlier years to compare with'
            when not is_extreme
                then 'the lead is within the usual range of this session of the year'
        end as reason
    from lead_numbers
    union all
    select
        session_date,
        2 as position,
        'lead_day_lost' as flag,
        if(streak is null, null, streak < 0 and is_extended) as is_raised,
        if(streak is null, null, day_numbers) as numbers,
        case
            when streak is null then 'no 1-session return of RUT or SPX'
            when not is_extended then 'not extended: neither 8 sessions ahead nor a lead above 90 % of earlier years'
            when streak >= 0 then 'RUT was not behind on the day'
        end as reason
    from lead_numbers
    union all
    select
        session_date,
        3 as position,
        'technology_climbing' as flag,
        rank_before >= ranked_21d - 1 and rank_change_5d > 0 as is_raised,
        printf('Information Technology ranks %d of %d by 21-session return, %d five sessions ago', rank_21d, ranked_21d, rank_before) as numbers,
        case
            when rank_before is null then 'no rank of Information Technology now and five sessions ago'
            when rank_before < ranked_21d - 1 then 'not in the bottom two five sessions ago'
            when rank_change_5d <= 0 then 'in the bottom two, but not climbing'
        end as reason
    from technology
    union all
    select
        session_date,
        4 as position,
        'financials_weakest' as flag,
        if(sectors >= 2, return_1d_pct = lowest and return_1d_pct < -1, null) as is_raised,
        printf('Financials %+.2f %%, weakest of %d sectors is %s with %+.2f %%', return_1d_pct, sectors, weakest, lowest) as numbers,
        case
            when return_1d_pct is null then 'no 1-session return of Financials'
            when sectors < 2 then 'no other sector to compare with'
            when return_1d_pct > lowest then 'not the weakest sector'
            when return_1d_pct >= -1 then 'weakest, but not below -1 %'
        end as reason
    from financials
    union all
    select
        d.session_date,
        5 as position,
        'divergence' as flag,
        b.is_divergence as is_raised,
        if(b.is_divergence is null, null, b.divergence_numbers) as numbers,
        case
            when b.session_date is null then 'no breadth of this session'
            when b.is_divergence is null then 'no share above the 50-session mean now and 20 sessions ago, or no index'
            when not b.is_divergence then 'the index is at no 20-session high, or breadth is not lower'
        end as reason
    from lead_numbers as d
    left join breadth_days as b on d.session_date = b.session_date
    union all
    select
        d.session_date,
        6 as position,
        'hindenburg_omen' as flag,
        b.is_omen as is_raised,
        if(b.is_omen is null, null, b.omen_numbers) as numbers,
        case
            when b.session_date is null then 'no breadth of this session'
            when b.is_omen is null then 'no 52-week highs and lows, oscillator or index'
            when not b.is_omen then 'highs and lows are not both many, or the index or the oscillator says otherwise'
        end as reason
    from lead_numbers as d
    left join breadth_days as b on d.session_date = b.session_date
)

select *
from final
order by session_date, position
