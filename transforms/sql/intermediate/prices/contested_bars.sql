/*
description: >
  Bars of the stocks, indices and ETFs that have several series, in one form: what the rule that chooses among series looks at. A bar that
  was set aside on its own session is no good one there, whatever was made of it later.
grain: series_no x seq
materialized: table
publish: false
blocks: {by: seq, back: 0}
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the stock, index or ETF in this build."}
  - {name: place, type: BIGINT, unit: "", description: "Place of the series among those of the same, 1 being the best."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: close_e6, type: BIGINT, unit: "1e-6 USD or points", description: "Close as given."}
  - {name: previous_close_e6, type: BIGINT, unit: "1e-6 USD", description: "Close of the session before as stated; null for indices and ETFs."}
  - {name: is_raw, type: BOOLEAN, unit: "", description: "Prices are unadjusted, so that splits have to be allowed for."}
  - {name: is_excluded, type: BOOLEAN, unit: "", description: "Set aside for its own session."}
*/
with contested_series as (
    select *
    from intermediate.bar_series
    where is_contested
),

final as (
    select
        b.series_no,
        b.instrument_no,
        s.place,
        b.seq,
        b.close_e6,
        b.previous_close_e6,
        b.is_raw,
        coalesce(x.is_out, false) as is_excluded
    from intermediate.series_bars as b
    inner join contested_series as s on b.series_no = s.series_no
    left join intermediate.excluded_bars as x on b.series_no = x.series_no and b.seq = x.seq
    union all
    select
        s.series_no,
        s.instrument_no,
        s.place,
        b.seq,
        cast(round(b.close * 1000000) as bigint) as close_e6,
        cast(null as bigint) as previous_close_e6,
        b.basis = 'raw' as is_raw,
        coalesce(b.is_held_back, false) as is_excluded
    from intermediate.reference_closes as b
    inner join contested_series as s
        on b.dataset = s.dataset and b.symbol = s.symbol and b.source = s.source and b.basis = s.basis
)

select *
from final
order by series_no, seq
