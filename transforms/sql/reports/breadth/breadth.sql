/*
description: The breadth section of the daily report, rounded to what is printed, one row set per session.
grain: session_date x universe
materialized: table
blocks: {by: session_date, back: 0}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: BIGINT, unit: "", description: "Place of the row in the section."}
  - {name: universe, type: VARCHAR, unit: "", description: "Name of the universe."}
  - {name: label_en, type: VARCHAR, unit: "", description: "Name of the universe, a band with its limits, in English."}
  - {name: label_zh, type: VARCHAR, unit: "", description: "Name of the universe, a band with its limits, in Chinese."}
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
  - {name: events_en, type: VARCHAR, unit: "", description: "Thrust, omens and divergence of the session, in English; null where there is none, or no index to hold the universe against."}
  - {name: events_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
  - {name: note_en, type: VARCHAR, unit: "", description: "Why values are missing, or what to know about them, in English."}
  - {name: note_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
evidence:
  of: marts.breadth_daily
*/
with distinct_reasons as (
    select
        reason,
        other_reasons,
        -- for most universes there is no index: that is no news of a session
        regexp_replace(other_reasons, '(^|; )omens, is_divergence: no index stands for the universe, or it has no close', '') as others
    from (
        select distinct
            r.reason,
            r.other_reasons
        from marts.breadth_daily as r
    ) as distinct_reasons
),

reason_texts as (
    select
        reason,
        other_reasons,
        joined_by($en['notes.next'], note('en', reason), note('en', nullif(others, ''))) as reason_en,
        joined_by($zh['notes.next'], note('zh', reason), note('zh', nullif(others, ''))) as reason_zh
    from distinct_reasons
),

-- what is printed depends on these alone, and few of their combinations occur
event_combinations as (
    select distinct
        r.is_zweig_thrust,
        r.is_hindenburg_classic_confirmed,
        r.is_hindenburg_classic,
        r.is_hindenburg_morris,
        r.is_divergence,
        r.barometer,
        r.is_implied,
        r.is_point_in_time,
        r.reason,
        r.other_reasons
    from marts.breadth_daily as r
),

event_texts as (
    select
        b.*,
        joined_by(
            $en['notes.next'],
            if(b.is_zweig_thrust, $en['breadth.zweig_thrust'], null),
            case
                when b.is_hindenburg_classic_confirmed then $en['breadth.omen_classic_confirmed']
                when b.is_hindenburg_classic then $en['breadth.omen_classic']
            end,
            if(b.is_hindenburg_morris, $en['breadth.omen_morris'], null),
            if(
                b.is_divergence,
                filled($en['breadth.divergence'], 'index', coalesce(text_of('en', 'names.index.' || b.barometer), b.barometer)),
                null
            )
        ) as events_en,
        joined_by(
            $zh['notes.next'],
            if(b.is_zweig_thrust, $zh['breadth.zweig_thrust'], null),
            case
                when b.is_hindenburg_classic_confirmed then $zh['breadth.omen_classic_confirmed']
                when b.is_hindenburg_classic then $zh['breadth.omen_classic']
            end,
            if(b.is_hindenburg_morris, $zh['breadth.omen_morris'], null),
            if(
                b.is_divergence,
                filled($zh['breadth.divergence'], 'index', coalesce(text_of('zh', 'names.index.' || b.barometer), b.barometer)),
                null
            )
        ) as events_zh,
        joined_by(
            $en['notes.next'],
            k.reason_en,
            if(b.is_implied, $en['breadth.implied'], null),
            if(not b.is_point_in_time, $en['breadth.not_point_in_time'], null)
        ) as note_en,
        joined_by(
            $zh['notes.next'],
            k.reason_zh,
            if(b.is_implied, $zh['breadth.implied'], null),
            if(not b.is_point_in_time, $zh['breadth.not_point_in_time'], null)
        ) as note_zh
    from event_combinations as b
    left join reason_texts as k on b.reason is not distinct from k.reason and b.other_reasons is not distinct from k.other_reasons
),

universe_labels as (
    select
        universe,
        universe_label('en', universe) as label_en,
        universe_label('zh', universe) as label_zh
    from (select distinct r.universe from marts.breadth_daily as r) as distinct_universes
),

final as (
    select
        b.session_date,
        row_number() over (
            partition by b.session_date
            order by
                case
                    when b.universe = 'all' then 0
                    when starts_with(b.universe, 'sp500') then 1
                    when not contains(b.universe, ':') then 2
                    when starts_with(b.universe, 'cap:') then 3
                    when starts_with(b.universe, 'sector:') then 4
                    else 5
                end,
                coalesce(
                    list_position(
                        ['cap:mega', 'cap:large', 'cap:upper_mid', 'cap:mid', 'cap:small', 'cap:micro', 'cap:unknown'], b.universe
                    ),
                    0
                ),
                b.universe
        ) as position,
        b.universe,
        u.label_en,
        u.label_zh,
        b.members,
        b.eligible,
        b.advances,
        b.declines,
        b.unchanged,
        rounded(100 * b.advance_share, 1) as advance_pct,
        b.ad_line,
        rounded(b.mcclellan_oscillator, 1) as mcclellan_oscillator,
        rounded(b.mcclellan_summation, 0) as mcclellan_summation,
        rounded(100 * b.above_sma20_share, 1) as above_sma20_pct,
        rounded(100 * b.above_sma50_share, 1) as above_sma50_pct,
        rounded(100 * b.above_sma200_share, 1) as above_sma200_pct,
        b.new_highs_52w,
        b.new_lows_52w,
        rounded(b.trin, 2) as trin,
        rounded(100 * b.high_low_index, 1) as high_low_index_pct,
        rounded(b.zweig_ema, 3) as zweig_ema,
        rounded(b.return_equal_weight_pct, 2) as return_equal_weight_pct,
        rounded(b.return_cap_weight_pct, 2) as return_cap_weight_pct,
        t.events_en,
        t.events_zh,
        t.note_en,
        t.note_zh
    from marts.breadth_daily as b
    inner join universe_labels as u on b.universe = u.universe
    left join event_texts as t
        on
            b.is_zweig_thrust is not distinct from t.is_zweig_thrust
            and b.is_hindenburg_classic_confirmed is not distinct from t.is_hindenburg_classic_confirmed
            and b.is_hindenburg_classic is not distinct from t.is_hindenburg_classic
            and b.is_hindenburg_morris is not distinct from t.is_hindenburg_morris
            and b.is_divergence is not distinct from t.is_divergence
            and b.barometer is not distinct from t.barometer
            and b.is_implied is not distinct from t.is_implied
            and b.is_point_in_time is not distinct from t.is_point_in_time
            and b.reason is not distinct from t.reason
            and b.other_reasons is not distinct from t.other_reasons
)

select *
from final
order by session_date, position
