/*
description: >
  The final bars of all series of all stocks, physically sorted by series and session, so that the rules that judge a bar within its own
  series can look back with streaming lags. A bar fetched before its session had closed is no close, and is left out.
grain: series_no x seq
materialized: table
publish: false
blocks: {by: seq, back: 0, kept: false}
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: close_e6, type: BIGINT, unit: "1e-6 USD", description: "Last price as given."}
  - {name: previous_close_e6, type: BIGINT, unit: "1e-6 USD", description: "Close of the session before as stated."}
  - {name: volume, type: BIGINT, unit: shares, description: "Shares traded."}
  - {name: market_cap, type: DOUBLE, unit: USD, description: "Market capitalisation as stated."}
  - {name: high_e6, type: BIGINT, unit: "1e-6 USD", description: "Highest price as given; null where the series has closes only."}
  - {name: low_e6, type: BIGINT, unit: "1e-6 USD", description: "Lowest price as given; null where the series has closes only."}
  - {name: multiplier_e9, type: BIGINT, unit: 1e-9, description: "((C-L)-(H-C))/(H-L), 0 where H = L; null without high and low."}
  - {name: is_raw, type: BOOLEAN, unit: "", description: "Prices are unadjusted, so that splits have to be allowed for."}
  - {name: is_contested, type: BOOLEAN, unit: "", description: "The stock has more than one series."}
invariants:
  - description: The order that streaming lags rely on holds.
    sql: >
      select series_no, seq from (select series_no, seq, lag(series_no) over () as i, lag(seq) over () as s
      from intermediate.series_bars) where i > series_no or (i = series_no and s >= seq)
*/
with series_spans as (
    select
        i.symbol,
        s.series_no,
        s.instrument_no,
        s.source,
        s.basis,
        s.is_contested,
        i.valid_from,
        i.valid_to
    from intermediate.symbol_spans as i
    inner join intermediate.equity_series as s on i.instrument_id = s.instrument_id
),

numbered_bars as not materialized (
    select
        i.series_no,
        b.symbol,
        i.valid_from,
        i.instrument_no,
        s.seq,
        b.* exclude (symbol, session_date, source, basis, is_final, known_at),
        b.basis = 'raw' as is_raw,
        i.is_contested
    from staging.equity_bars as b
    inner join series_spans as i
        on
            b.symbol = i.symbol
            and b.source = i.source
            and b.basis = i.basis
            and b.session_date >= i.valid_from
            and b.session_date < i.valid_to
    inner join staging.sessions_in_reach as s on b.session_date = s.session_date
    where b.is_final
),

-- two symbols of one stock can have a bar of one session: the later name's stands
renamed_series as (
    select s.series_no
    from series_spans as s
    group by s.series_no
    having count(*) > 1
),

-- before the sessions in reach
carried_bars as (
    select
        i.series_no,
        i.instrument_no,
        s.seq,
        b.* exclude (symbol, session_date, source, basis, is_final, known_at),
        b.basis = 'raw' as is_raw,
        i.is_contested
    from staging.carried_bars as b
    inner join series_spans as i
        on
            b.symbol = i.symbol
            and b.source = i.source
            and b.basis = i.basis
            and b.session_date >= i.valid_from
            and b.session_date < i.valid_to
    inner join staging.sessions as s on b.session_date = s.session_date
    qualify row_number() over (partition by i.series_no, s.seq order by i.valid_from desc, b.symbol) = 1
),

bars_of_series as (
    select b.* exclude (symbol, valid_from)
    from numbered_bars as b
    anti join renamed_series as n on b.series_no = n.series_no
    union all
    select b.* exclude (symbol, valid_from)
    from numbered_bars as b
    semi join renamed_series as n on b.series_no = n.series_no
    qualify row_number() over (partition by b.series_no, b.seq order by b.valid_from desc, b.symbol) = 1
    union all
    select *
    from carried_bars
),

final as (
    select
        series_no,
        instrument_no,
        seq,
        close_e6,
        previous_close_e6,
        volume,
        market_cap,
        high_e6,
        low_e6,
        case
            when high_e6 > low_e6
                then cast(round(1e9 * ((close_e6 - low_e6) - (high_e6 - close_e6)) / (high_e6 - low_e6)) as bigint)
            when high_e6 = low_e6 then 0
        end as multiplier_e9,
        is_raw,
        is_contested
    from bars_of_series
)

select *
from final
order by series_no, seq
