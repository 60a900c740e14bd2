/*
description: >
  Zweig's exponential mean of the share of advances over the defined sessions of each universe, by doubling over streaming lags, so that
  a later session changes no digit of an earlier one.
grain: universe x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: universe, type: VARCHAR, unit: "", description: "Name of the universe."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: place, type: BIGINT, unit: sessions, description: "Number of defined sessions of the universe so far."}
  - {name: zweig_ema, type: DOUBLE, unit: share, description: "Exponential mean of A / (A + D) with alpha 2/11."}
*/
with averages_over_1_session as (
    select
        universe,
        seq,
        place,
        -- no stock moved: as many up as down; 2/11 is the customary alpha of 10 sessions
        if(place = 1, 1, 2 / 11) * coalesce(advances / nullif(advances + declines, 0), 0.5) as z
    from intermediate.net_advances
    where is_defined
),

averages_over_2_sessions as (
    select
        universe,
        seq,
        place,
        z + if(place > 1, power(9 / 11, 1) * lag(z, 1) over (), 0) as z
    from averages_over_1_session
),

averages_over_4_sessions as (
    select
        universe,
        seq,
        place,
        z + if(place > 2, power(9 / 11, 2) * lag(z, 2) over (), 0) as z
    from averages_over_2_sessions
),

averages_over_8_sessions as (
    select
        universe,
        seq,
        place,
        z + if(place > 4, power(9 / 11, 4) * lag(z, 4) over (), 0) as z
    from averages_over_4_sessions
),

averages_over_16_sessions as (
    select
        universe,
        seq,
        place,
        z + if(place > 8, power(9 / 11, 8) * lag(z, 8) over (), 0) as z
    from averages_over_8_sessions
),

averages_over_32_sessions as (
    select
        universe,
        seq,
        place,
        z + if(place > 16, power(9 / 11, 16) * lag(z, 16) over (), 0) as z
    from averages_over_16_sessions
),

averages_over_64_sessions as (
    select
        universe,
        seq,
        place,
        z + if(place > 32, power(9 / 11, 32) * lag(z, 32) over (), 0) as z
    from averages_over_32_sessions
),

averages_over_128_sessions as (
    select
        universe,
        seq,
        place,
        z + if(place > 64, power(9 / 11, 64) * lag(z, 64) over (), 0) as z
    from averages_over_64_sessions
),

-- (9/11)^256 is below 1e-22
averages_over_256_sessions as (
    select
        universe,
        seq,
        place,
        z + if(place > 128, power(9 / 11, 128) * lag(z, 128) over (), 0) as z
    from averages_over_128_sessions
),

final as (
    select
        universe,
        seq,
        place,
        z as zweig_ema
    from averages_over_256_sessions
)

select *
from final
order by universe, seq
