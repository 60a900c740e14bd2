/*
description: The bars that a rule set aside or marks for review, as given, and those of more dollars traded than any stock can have.
grain: series_no x seq
materialized: table
publish: false
blocks: {by: seq, back: 0}
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: close_e6, type: BIGINT, unit: "1e-6 USD", description: "Last price as given."}
  - {name: previous_close_e6, type: BIGINT, unit: "1e-6 USD", description: "Close of the session before as stated."}
  - {name: is_implausible, type: BOOLEAN, unit: "", description: "Close times volume is above 1e12 USD: one of both is most likely wrong."}
*/
with marked_bars as (
    select
        series_no,
        seq
    from intermediate.suspects
    union
    select
        series_no,
        seq
    from intermediate.excluded_bars
    where rule in ('frozen_session', 'repeated_bar')
    union
    select
        e.series_no,
        d.seq
    from intermediate.price_steps as d
    inner join intermediate.equity_series as e on d.symbol = e.instrument_id and d.source = e.source and d.basis = e.basis
    where d.dataset = 'equity_bars'
    union
    select
        series_no,
        seq
    from intermediate.stock_steps
    where kind = 'option'
    union
    select
        series_no,
        seq
    from intermediate.split_like_steps
),

final as (
    select
        b.series_no,
        b.seq,
        b.close_e6,
        b.previous_close_e6,
        coalesce(cast(b.close_e6 as double) * b.volume > 1e18, false) as is_implausible
    from intermediate.series_bars as b
    left join marked_bars as m on b.series_no = m.series_no and b.seq = m.seq
    where m.series_no is not null or cast(b.close_e6 as double) * b.volume > 1e18
)

select *
from final
order by series_no, seq
