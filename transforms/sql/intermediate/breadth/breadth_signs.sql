/*
description: >
  Divergence and Hindenburg omen of the whole market and the S&P 500, with the number that decides where there is none. What is printed of
  them stands in reports.risk_flags.
grain: session_date x universe
materialized: table
publish: false
sessions: session_date
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: universe, type: VARCHAR, unit: "", description: "all or sp500."}
  - {name: benchmark_index, type: VARCHAR, unit: "", description: "Index that stands for the universe."}
  - {name: is_divergence, type: BOOLEAN, unit: "", description: "As in breadth_daily."}
  - {name: above_sma50_share, type: DOUBLE, unit: share, description: "Members above their 50-session mean."}
  - {name: share_before, type: DOUBLE, unit: share, description: "The same 20 sessions ago."}
  - {name: below_high_20d_pct, type: DOUBLE, unit: percent, description: "How far the index is below its highest close of 20 sessions."}
  - {name: no_divergence, type: VARCHAR, unit: "", description: "no_high: the index is at no 20-session high; not_lower: the share is not lower than 20 sessions ago; no: neither decides; null where there is a divergence, or none can be known."}
  - {name: is_hindenburg_classic, type: BOOLEAN, unit: "", description: "As in breadth_daily."}
  - {name: is_hindenburg_morris, type: BOOLEAN, unit: "", description: "As in breadth_daily."}
  - {name: is_omen, type: BOOLEAN, unit: "", description: "Either of them."}
  - {name: no_omen, type: VARCHAR, unit: "", description: "few: highs or lows are at most 2.2 % of the issues; oscillator: it is not below 0; many_highs: more than twice the lows; no_rise: the index is not above its value of 50 sessions ago; null as above."}
  - {name: new_highs_52w, type: BIGINT, unit: stocks, description: "52-week highs by close."}
  - {name: new_lows_52w, type: BIGINT, unit: stocks, description: "52-week lows by close."}
  - {name: eligible, type: BIGINT, unit: stocks, description: "Members with closes of this session and the one before."}
  - {name: mcclellan_oscillator, type: DOUBLE, unit: "", description: "Ratio-adjusted McClellan oscillator."}
*/
with index_levels as (
    select
        session_date,
        index_id,
        cast(round(close * 1e6) as bigint) as level_e6,
        -- sessions without a close have no part in it
        max(cast(round(close * 1e6) as bigint)) over (
            partition by index_id
            order by session_date
            rows between 19 preceding and current row
        ) as high_20d_e6
    from marts.index_returns
),

breadth_with_level as (
    select
        b.session_date,
        b.universe,
        b.barometer as benchmark_index,
        b.is_divergence,
        b.above_sma50_share,
        lag(b.above_sma50_share, 20) over (partition by b.universe order by b.session_date) as share_before,
        p.level_e6,
        p.high_20d_e6,
        b.is_hindenburg_classic,
        b.is_hindenburg_morris,
        b.is_hindenburg_classic or b.is_hindenburg_morris as is_omen,
        b.new_highs_52w,
        b.new_lows_52w,
        b.eligible,
        b.mcclellan_oscillator
    from marts.breadth_daily as b
    left join index_levels as p on b.session_date = p.session_date and b.barometer = p.index_id
    where b.universe in ('all', 'sp500')
),

final as (
    select
        session_date,
        universe,
        benchmark_index,
        is_divergence,
        above_sma50_share,
        share_before,
        100 * (1 - level_e6 / high_20d_e6) as below_high_20d_pct,
        case
            when coalesce(is_divergence, true) then null
            when level_e6 < high_20d_e6 then 'no_high'
            when above_sma50_share >= share_before then 'not_lower'
            else 'no'
        end as no_divergence,
        is_hindenburg_classic,
        is_hindenburg_morris,
        is_omen,
        case
            when coalesce(is_omen, true) then null
            -- 2.2 % of the issues, in whole numbers
            when 1000 * least(new_highs_52w, new_lows_52w) <= 22 * eligible then 'few'
            when mcclellan_oscillator >= 0 then 'oscillator'
            when new_highs_52w > 2 * new_lows_52w then 'many_highs'
            else 'no_rise'
        end as no_omen,
        new_highs_52w,
        new_lows_52w,
        eligible,
        mcclellan_oscillator
    from breadth_with_level
)

select *
from final
order by session_date, universe
