/*
description: >
  The bar in force of each session of a stock that has several series, sorted by instrument and session.
grain: instrument_no x seq
materialized: table
publish: false
blocks: {by: seq, back: 0, kept: false}
columns:
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: series_no, type: BIGINT, unit: "", description: "Series of the bar."}
  - {name: close_e6, type: BIGINT, unit: "1e-6 USD", description: "Last price as given."}
  - {name: previous_close_e6, type: BIGINT, unit: "1e-6 USD", description: "Close of the session before as stated."}
  - {name: volume, type: BIGINT, unit: shares, description: "Shares traded."}
  - {name: market_cap, type: DOUBLE, unit: USD, description: "Market capitalisation as stated."}
  - {name: high_e6, type: BIGINT, unit: "1e-6 USD", description: "Highest price as given; null where the series has closes only."}
  - {name: low_e6, type: BIGINT, unit: "1e-6 USD", description: "Lowest price as given; null where the series has closes only."}
  - {name: multiplier_e9, type: BIGINT, unit: 1e-9, description: "((C-L)-(H-C))/(H-L), 0 where H = L; of the best other series where this one has closes only."}
  - {name: is_raw, type: BOOLEAN, unit: "", description: "Prices are unadjusted, so that splits have to be allowed for."}
*/
with contested_series as (
    select
        series_no,
        rank,
        source,
        basis
    from intermediate.equity_series
    where is_contested
),

contested_bars as (
    select *
    from intermediate.series_bars
    where is_contested
),

-- the multiplier is a ratio within one bar, the same however the series is adjusted
money_flow_multipliers as (
    select
        b.instrument_no,
        b.seq,
        min_by(b.multiplier_e9, (s.rank, s.source, s.basis)) as multiplier_e9
    from contested_bars as b
    inner join contested_series as s on b.series_no = s.series_no
    where b.multiplier_e9 is not null
    group by b.instrument_no, b.seq
),

final as (
    select
        b.instrument_no,
        b.seq,
        b.series_no,
        b.close_e6,
        b.previous_close_e6,
        b.volume,
        b.market_cap,
        b.high_e6,
        b.low_e6,
        coalesce(b.multiplier_e9, m.multiplier_e9) as multiplier_e9,
        b.is_raw
    from contested_bars as b
    inner join intermediate.series_choice as c on b.series_no = c.series_no and b.seq = c.seq
    left join money_flow_multipliers as m on b.instrument_no = m.instrument_no and b.seq = m.seq
)

select *
from final
order by instrument_no, seq
