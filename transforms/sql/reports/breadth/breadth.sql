/*
description: The breadth section of the daily report, rounded to what is printed, one row set per session.
grain: session_date x universe
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: BIGINT, unit: "", description: "Place of the row in the section."}
  - {name: universe, type: VARCHAR, unit: "", description: "Name of the universe."}
  - {name: members, type: BIGINT, unit: stocks, description: "Members."}
  - {name: eligible, type: BIGINT, unit: stocks, description: "Members with closes of this session and the one before."}
  - {name: advances, type: BIGINT, unit: stocks, description: "Advanced."}
  - {name: declines, type: BIGINT, unit: stocks, description: "Declined."}
  - {name: unchanged, type: BIGINT, unit: stocks, description: "Unchanged."}
  - {name: advance_pct, type: DOUBLE, unit: percent, description: "Advances over eligible."}
  - {name: ad_line, type: BIGINT, unit: stocks, description: "Running sum of advances less declines."}
  - {name: mcclellan_oscillator, type: DOUBLE, unit: "", description: "Ratio-adjusted McClellan oscillator."}
  - {name: mcclellan_summation, type: DOUBLE, unit: "", description: "Ratio-adjusted summation index."}
  - {name: above_sma20_pct, type: DOUBLE, unit: percent, description: "Members above their 20-session mean."}
  - {name: above_sma50_pct, type: DOUBLE, unit: percent, description: "Members above their 50-session mean."}
  - {name: above_sma200_pct, type: DOUBLE, unit: percent, description: "Members above their 200-session mean."}
  - {name: new_highs_52w, type: BIGINT, unit: stocks, description: "52-week highs by close."}
  - {name: new_lows_52w, type: BIGINT, unit: stocks, description: "52-week lows by close."}
  - {name: trin, type: DOUBLE, unit: "", description: "Arms index."}
  - {name: high_low_index_pct, type: DOUBLE, unit: percent, description: "New highs among new highs and lows, mean of 10 sessions."}
  - {name: zweig_ema, type: DOUBLE, unit: share, description: "Zweig's mean of the share of advances."}
  - {name: return_equal_weight_pct, type: DOUBLE, unit: percent, description: "Mean return of the members."}
  - {name: return_cap_weight_pct, type: DOUBLE, unit: percent, description: "The same weighted by market cap."}
  - {name: events, type: VARCHAR, unit: "", description: "Thrust, omens and divergence of the session; null where there is none, or none can be told."}
  - {name: note, type: VARCHAR, unit: "", description: "Why values are missing, or what to know about them."}
evidence:
  of: marts.breadth_daily
*/
with final as (
    select
        session_date,
        row_number() over (
            partition by session_date
            order by
                case
                    when universe = 'all' then 0
                    when starts_with(universe, 'sp500') then 1
                    when not contains(universe, ':') then 2
                    when starts_with(universe, 'cap:') then 3
                    when starts_with(universe, 'sector:') then 4
                    else 5
                end,
                coalesce(
                    list_position(
                        ['cap:mega', 'cap:large', 'cap:upper_mid', 'cap:mid', 'cap:small', 'cap:micro', 'cap:unknown'], universe
                    ),
                    0
                ),
                universe
        ) as position,
        universe,
        members,
        eligible,
        advances,
        declines,
        unchanged,
        round(100 * advance_share, 1) as advance_pct,
        ad_line,
        round(mcclellan_oscillator, 1) as mcclellan_oscillator,
        round(mcclellan_summation, 0) as mcclellan_summation,
        round(100 * above_sma20_share, 1) as above_sma20_pct,
        round(100 * above_sma50_share, 1) as above_sma50_pct,
        round(100 * above_sma200_share, 1) as above_sma200_pct,
        new_highs_52w,
        new_lows_52w,
        round(trin, 2) as trin,
        round(100 * high_low_index, 1) as high_low_index_pct,
        round(zweig_ema, 3) as zweig_ema,
        round(return_equal_weight_pct, 2) as return_equal_weight_pct,
        round(return_cap_weight_pct, 2) as return_cap_weight_pct,
        nullif(
            concat_ws(
                ', ',
                case when is_zweig_thrust then 'Zweig thrust' end,
                case
                    when is_hindenburg_classic_confirmed then 'Hindenburg omen (classic), confirmed'
                    when is_hindenburg_classic then 'Hindenburg omen (classic)'
                end,
                case when is_hindenburg_morris then 'Hindenburg omen (Morris)' end,
                case when is_divergence then 'divergence from ' || barometer end
            ),
            ''
        ) as events,
        nullif(
            concat_ws(
                '; ',
                reason,
                -- under the names of this table, without what is not printed
                nullif(
                    ltrim(
                        regexp_replace(
                            replace(replace(other_reasons, '_share: ', '_pct: '), 'high_low_index: ', 'high_low_index_pct: '),
                            '(^|; )(intraday_highs_52w|record_high_pct)[^;]*', '', 'g'
                        ),
                        '; '
                    ),
                    ''
                ),
                case when is_implied then 'session lost, closes as the next one states them' end,
                case when not is_point_in_time then 'members not as they were on the day' end
            ),
            ''
        ) as note
    from marts.breadth_daily
)

select *
from final
order by session_date, position
