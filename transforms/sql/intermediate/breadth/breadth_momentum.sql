/*
description: >
  Exponential means of net advances over the defined sessions of each universe, by doubling over streaming lags, so that a later
  session changes no digit of an earlier one.
grain: universe x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: universe, type: VARCHAR, unit: "", description: "Name of the universe."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: ad_line, type: HUGEINT, unit: stocks, description: "Running sum of advances less declines."}
  - {name: ratio_first, type: DOUBLE, unit: "", description: "First value of 1000 (A - D) / (A + D)."}
  - {name: ratio_10, type: DOUBLE, unit: "", description: "Its exponential mean with alpha 0.10."}
  - {name: ratio_5, type: DOUBLE, unit: "", description: "Its exponential mean with alpha 0.05."}
  - {name: raw_10, type: DOUBLE, unit: stocks, description: "Exponential mean of A - D with alpha 0.10."}
  - {name: raw_5, type: DOUBLE, unit: stocks, description: "Exponential mean of A - D with alpha 0.05."}
*/
with advance_ratios as (
    select
        universe,
        seq,
        place,
        advances - declines as raw,
        -- of this universe and those sorted before it, which are taken off again: a sum by universe would sort all rows once more
        sum(advances - declines)
            over (rows between unbounded preceding and current row) as raw_so_far, -- noqa: PRS
        -- no stock moved: neither up nor down
        coalesce(1000 * (advances - declines) / nullif(advances + declines, 0), 0) as ratio
    from intermediate.net_advances
    where is_defined
),

averages_over_1_session as (
    select
        universe,
        seq,
        place,
        raw_so_far,
        if(place = 1, ratio, 0.10 * ratio) as ratio_10,
        if(place = 1, ratio, 0.05 * ratio) as ratio_5,
        if(place = 1, raw, 0.10 * raw) as raw_10,
        if(place = 1, raw, 0.05 * raw) as raw_5
    from advance_ratios
),

averages_over_2_sessions as (
    select
        universe,
        seq,
        place,
        raw_so_far,
        ratio_10 + if(place > 1, power(0.90, 1) * lag(ratio_10, 1) over (), 0) as ratio_10,
        ratio_5 + if(place > 1, power(0.95, 1) * lag(ratio_5, 1) over (), 0) as ratio_5,
        raw_10 + if(place > 1, power(0.90, 1) * lag(raw_10, 1) over (), 0) as raw_10,
        raw_5 + if(place > 1, power(0.95, 1) * lag(raw_5, 1) over (), 0) as raw_5
    from averages_over_1_session
),

averages_over_4_sessions as (
    select
        universe,
        seq,
        place,
        raw_so_far,
        ratio_10 + if(place > 2, power(0.90, 2) * lag(ratio_10, 2) over (), 0) as ratio_10,
        ratio_5 + if(place > 2, power(0.95, 2) * lag(ratio_5, 2) over (), 0) as ratio_5,
        raw_10 + if(place > 2, power(0.90, 2) * lag(raw_10, 2) over (), 0) as raw_10,
        raw_5 + if(place > 2, power(0.95, 2) * lag(raw_5, 2) over (), 0) as raw_5
    from averages_over_2_sessions
),

averages_over_8_sessions as (
    select
        universe,
        seq,
        place,
        raw_so_far,
        ratio_10 + if(place > 4, power(0.90, 4) * lag(ratio_10, 4) over (), 0) as ratio_10,
        ratio_5 + if(place > 4, power(0.95, 4) * lag(ratio_5, 4) over (), 0) as ratio_5,
        raw_10 + if(place > 4, power(0.90, 4) * lag(raw_10, 4) over (), 0) as raw_10,
        raw_5 + if(place > 4, power(0.95, 4) * lag(raw_5, 4) over (), 0) as raw_5
    from averages_over_4_sessions
),

averages_over_16_sessions as (
    select
        universe,
        seq,
        place,
        raw_so_far,
        ratio_10 + if(place > 8, power(0.90, 8) * lag(ratio_10, 8) over (), 0) as ratio_10,
        ratio_5 + if(place > 8, power(0.95, 8) * lag(ratio_5, 8) over (), 0) as ratio_5,
        raw_10 + if(place > 8, power(0.90, 8) * lag(raw_10, 8) over (), 0) as raw_10,
        raw_5 + if(place > 8, power(0.95, 8) * lag(raw_5, 8) over (), 0) as raw_5
    from averages_over_8_sessions
),

averages_over_32_sessions as (
    select
        universe,
        seq,
        place,
        raw_so_far,
        ratio_10 + if(place > 16, power(0.90, 16) * lag(ratio_10, 16) over (), 0) as ratio_10,
        ratio_5 + if(place > 16, power(0.95, 16) * lag(ratio_5, 16) over (), 0) as ratio_5,
        raw_10 + if(place > 16, power(0.90, 16) * lag(raw_10, 16) over (), 0) as raw_10,
        raw_5 + if(place > 16, power(0.95, 16) * lag(raw_5, 16) over (), 0) as raw_5
    from averages_over_16_sessions
),

averages_over_64_sessions as (
    select
        universe,
        seq,
        place,
        raw_so_far,
        ratio_10 + if(place > 32, power(0.90, 32) * lag(ratio_10, 32) over (), 0) as ratio_10,
        ratio_5 + if(place > 32, power(0.95, 32) * lag(ratio_5, 32) over (), 0) as ratio_5,
        raw_10 + if(place > 32, power(0.90, 32) * lag(raw_10, 32) over (), 0) as raw_10,
        raw_5 + if(place > 32, power(0.95, 32) * lag(raw_5, 32) over (), 0) as raw_5
    from averages_over_32_sessions
),

averages_over_128_sessions as (
    select
        universe,
        seq,
        place,
        raw_so_far,
        ratio_10 + if(place > 64, power(0.90, 64) * lag(ratio_10, 64) over (), 0) as ratio_10,
        ratio_5 + if(place > 64, power(0.95, 64) * lag(ratio_5, 64) over (), 0) as ratio_5,
        raw_10 + if(place > 64, power(0.90, 64) * lag(raw_10, 64) over (), 0) as raw_10,
        raw_5 + if(place > 64, power(0.95, 64) * lag(raw_5, 64) over (), 0) as raw_5
    from averages_over_64_sessions
),

averages_over_256_sessions as (
    select
        universe,
        seq,
        place,
        raw_so_far,
        ratio_10 + if(place > 128, power(0.90, 128) * lag(ratio_10, 128) over (), 0) as ratio_10,
        ratio_5 + if(place > 128, power(0.95, 128) * lag(ratio_5, 128) over (), 0) as ratio_5,
        raw_10 + if(place > 128, power(0.90, 128) * lag(raw_10, 128) over (), 0) as raw_10,
        raw_5 + if(place > 128, power(0.95, 128) * lag(raw_5, 128) over (), 0) as raw_5
    from averages_over_128_sessions
),

averages_over_512_sessions as (
    select
        universe,
        seq,
        place,
        raw_so_far,
        ratio_10 + if(place > 256, power(0.90, 256) * lag(ratio_10, 256) over (), 0) as ratio_10,
        ratio_5 + if(place > 256, power(0.95, 256) * lag(ratio_5, 256) over (), 0) as ratio_5,
        raw_10 + if(place > 256, power(0.90, 256) * lag(raw_10, 256) over (), 0) as raw_10,
        raw_5 + if(place > 256, power(0.95, 256) * lag(raw_5, 256) over (), 0) as raw_5
    from averages_over_256_sessions
),

averages_over_1024_sessions as (
    select
        universe,
        seq,
        place,
        raw_so_far,
        ratio_10 + if(place > 512, power(0.90, 512) * lag(ratio_10, 512) over (), 0) as ratio_10,
        ratio_5 + if(place > 512, power(0.95, 512) * lag(ratio_5, 512) over (), 0) as ratio_5,
        raw_10 + if(place > 512, power(0.90, 512) * lag(raw_10, 512) over (), 0) as raw_10,
        raw_5 + if(place > 512, power(0.95, 512) * lag(raw_5, 512) over (), 0) as raw_5
    from averages_over_512_sessions
),

universe_starts as (
    select
        universe,
        max(if(place = 1, coalesce(1000 * (advances - declines) / nullif(advances + declines, 0), 0), null)) as ratio_first,
        coalesce(sum(sum(advances - declines)) over (order by universe rows between unbounded preceding and 1 preceding), 0) as raw_before
    from intermediate.net_advances
    where is_defined
    group by universe
),

final as (
    select
        a.universe,
        a.seq,
        cast(a.raw_so_far - u.raw_before as hugeint) as ad_line,
        u.ratio_first,
        a.ratio_10,
        a.ratio_5,
        a.raw_10,
        a.raw_5
    from averages_over_1024_sessions as a
    inner join universe_starts as u on a.universe = u.universe
)

select *
from final
