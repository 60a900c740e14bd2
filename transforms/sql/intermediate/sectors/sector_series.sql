/*
description: >
  Closes of ETFs on sessions that had ended, by series (source and basis) and with the series' rank. Unadjusted prices are
  carried forward through the splits that a source gave; adjusted ones stay as they are. What a series lost is filled where
  another one proves it.
grain: symbol x source x basis x seq
materialized: table
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: series_rank, type: BIGINT, unit: "", description: "Preference among the series of the dataset, 1 being the best."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: close, type: DOUBLE, unit: USD, description: "Last price of the session as given."}
  - {name: forward_close, type: DOUBLE, unit: USD, description: "The close times the shares that one share of the first session has become."}
*/
with preference as (
    select
        source,
        basis,
        row_number() over (order by rank, source, basis) as series_rank
    from staging.series_rank
    where dataset = 'sector_bars'
),

given_splits as (
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
        list_product(
            list(ratio) over (partition by symbol order by ex_date rows between unbounded preceding and current row)
        ) as factor
    from given_splits
),

bars as (
    select
        symbol,
        source,
        basis,
        session_date,
        close
    from staging.sector_bars
    where is_final
    union all
    select
        symbol,
        source,
        basis,
        session_date,
        close
    from intermediate.bar_fills
    where dataset = 'sector_bars'
),

final as (
    select
        b.symbol,
        b.source,
        b.basis,
        p.series_rank,
        s.seq,
        b.session_date,
        b.close,
        b.close * coalesce(f.factor, 1) as forward_close
    from bars as b
    inner join staging.sessions as s on b.session_date = s.session_date
    inner join preference as p on b.source = p.source and b.basis = p.basis
    left join factors as f
        on
            b.basis = 'raw'
            and b.symbol = f.symbol
            and b.session_date >= f.ex_date
            and (f.next_date is null or b.session_date < f.next_date)
)

select *
from final
order by symbol, series_rank, seq
