/*
description: >
  Bars of indices and ETFs on sessions that had ended, before any rule has judged them. Unadjusted prices of ETFs are carried forward
  through the splits that a source gave; everything else stays as it is.
grain: dataset x symbol x source x basis x seq
materialized: table
publish: false
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars or sector_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Index or ETF."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: close, type: DOUBLE, unit: points or USD, description: "Close as given."}
  - {name: forward_close, type: DOUBLE, unit: points or USD, description: "The close times the shares that one share of the first session has become."}
  - {name: volume, type: BIGINT, unit: shares, description: "Shares traded; null for indices."}
*/
with given_splits as (
    select
        symbol,
        ex_date,
        any_value(cast(numerator as double) / nullif(denominator, 0) order by source) as ratio
    from staging.splits
    group by symbol, ex_date
),

factors as (
    select
        symbol,
        ex_date,
        lead(ex_date) over (partition by symbol order by ex_date) as next_date,
        -- in the order of days, so that a later split changes nothing earlier
        greatest(1e-9, least(1e9, list_product(
            list(ratio) over (partition by symbol order by ex_date rows between unbounded preceding and current row)
        ))) as factor
    from given_splits
),

final as (
    select
        'index_bars' as dataset,
        b.index_id as symbol,
        b.source,
        b.basis,
        s.seq,
        b.session_date,
        b.close,
        b.close as forward_close,
        cast(null as bigint) as volume
    from staging.index_bars as b
    inner join staging.sessions as s on b.session_date = s.session_date
    where b.is_final
    union all
    select
        'sector_bars' as dataset,
        b.symbol,
        b.source,
        b.basis,
        s.seq,
        b.session_date,
        b.close,
        b.close * coalesce(f.factor, 1) as forward_close,
        b.volume
    from staging.sector_bars as b
    inner join staging.sessions as s on b.session_date = s.session_date
    left join factors as f
        on
            b.basis = 'raw'
            and b.symbol = f.symbol
            and b.session_date >= f.ex_date
            and (f.next_date is null or b.session_date < f.next_date)
    where b.is_final
)

select *
from final
order by dataset, symbol, source, basis, seq
