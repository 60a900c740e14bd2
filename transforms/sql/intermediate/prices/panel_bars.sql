/*
description: >
  The bars of each stock's chosen series, with what another series fills of its holes, physically sorted by instrument and
  session, so that what follows can look back with streaming lags.
grain: instrument_no x seq
materialized: table
publish: false
columns:
  - {name: instrument_no, type: INTEGER, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: close_e6, type: BIGINT, unit: "1e-6 USD", description: "Last price as given."}
  - {name: previous_close_e6, type: BIGINT, unit: "1e-6 USD", description: "Close of the session before as stated."}
  - {name: volume, type: BIGINT, unit: shares, description: "Shares traded."}
  - {name: market_cap, type: DOUBLE, unit: USD, description: "Market capitalisation as stated."}
  - {name: high_e6, type: BIGINT, unit: "1e-6 USD", description: "Highest price as given; null where the series has closes only."}
  - {name: low_e6, type: BIGINT, unit: "1e-6 USD", description: "Lowest price as given; null where the series has closes only."}
  - {name: multiplier_e9, type: BIGINT, unit: 1e-9, description: "((C-L)-(H-C))/(H-L), 0 where H = L; of the best other series where this one has closes only."}
  - {name: is_raw, type: BOOLEAN, unit: "", description: "Prices are unadjusted, so that splits have to be allowed for."}
  - {name: is_final, type: BOOLEAN, unit: "", description: "False for a bar fetched before its session had closed."}
invariants:
  - description: The order that streaming lags rely on holds.
    sql: >
      select instrument_no, seq from (select instrument_no, seq, lag(instrument_no) over () as i, lag(seq) over () as s
      from intermediate.panel_bars) where i > instrument_no or (i = instrument_no and s >= seq)
*/
with spans as (
    select
        i.symbol,
        s.instrument_no,
        s.source,
        s.basis,
        min(i.valid_from) as valid_from,
        max(coalesce(i.valid_to, date '9999-12-31')) as valid_to,
        s.is_chosen,
        s.rank
    from intermediate.instruments as i
    inner join intermediate.equity_series as s on i.instrument_id = s.instrument_id
    group by i.symbol, s.instrument_no, s.source, s.basis, s.is_chosen, s.rank
),

ranges as (
    select
        symbol,
        session_date,
        source,
        basis,
        case
            when high_e6 > low_e6
                then cast(round(1e9 * ((close_e6 - low_e6) - (high_e6 - close_e6)) / (high_e6 - low_e6)) as bigint)
            when high_e6 = low_e6 then 0
        end as multiplier_e9
    from staging.equity_bars
    where high_e6 is not null and low_e6 is not null
),

-- the multiplier is a ratio within one bar, the same however the series is adjusted
others as (
    select
        i.instrument_no,
        s.seq,
        min_by(r.multiplier_e9, (i.rank, i.source, i.basis)) as multiplier_e9
    from ranges as r
    inner join spans as i
        on
            r.symbol = i.symbol
            and r.source = i.source
            and r.basis = i.basis
            and r.session_date >= i.valid_from
            and r.session_date < i.valid_to
    inner join staging.sessions as s on r.session_date = s.session_date
    where not i.is_chosen
    group by i.instrument_no, s.seq
),

final as (
    select
        i.instrument_no,
        s.seq,
        b.close_e6,
        b.previous_close_e6,
        b.volume,
        b.market_cap,
        b.high_e6,
        b.low_e6,
        coalesce(
            case
                when b.high_e6 > b.low_e6
                    then cast(
                        round(1e9 * ((b.close_e6 - b.low_e6) - (b.high_e6 - b.close_e6)) / (b.high_e6 - b.low_e6)) as bigint
                    )
                when b.high_e6 = b.low_e6 then 0
            end,
            o.multiplier_e9
        ) as multiplier_e9,
        b.basis = 'raw' as is_raw,
        b.is_final
    from staging.equity_bars as b
    inner join spans as i
        on
            b.symbol = i.symbol
            and b.source = i.source
            and b.basis = i.basis
            and b.session_date >= i.valid_from
            and b.session_date < i.valid_to
    inner join staging.sessions as s on b.session_date = s.session_date
    left join others as o on i.instrument_no = o.instrument_no and s.seq = o.seq
    where i.is_chosen
    union all
    select
        f.instrument_no,
        f.seq,
        f.close_e6,
        null as previous_close_e6,
        f.volume,
        null as market_cap,
        f.high_e6,
        f.low_e6,
        o.multiplier_e9,
        f.is_raw,
        true as is_final
    from intermediate.equity_fills as f
    left join others as o on f.instrument_no = o.instrument_no and f.seq = o.seq
)

select *
from final
order by instrument_no, seq
