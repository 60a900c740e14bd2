/*
description: >
  Bars of indices and ETFs on sessions that had ended, before any rule has judged them. Unadjusted prices of ETFs are carried forward
  through the splits that count; everything else stays as it is.
grain: dataset x symbol x source x basis x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars or sector_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Index or ETF."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: close, type: DOUBLE, unit: points or USD, description: "Close as given."}
  - {name: forward_close, type: DOUBLE, unit: points or USD, description: "The close times the shares that one share of the piece's first session has become."}
  - {name: volume, type: BIGINT, unit: shares, description: "Shares traded; null for indices."}
  - {name: split_piece, type: INTEGER, unit: "", description: "0 while the product of the splits so far lies in 1e-9 .. 1e9, then its further powers of 1e9: no return crosses it."}
*/
with split_ratios_so_far as (
    select
        symbol,
        applied_seq as seq,
        lead(applied_seq) over (partition by symbol order by applied_seq) as next_seq,
        -- in the order of sessions, so that a later split changes nothing earlier
        list(numerator / denominator) over (
            partition by symbol
            order by applied_seq
            rows between unbounded preceding and current row
        ) as ratios,
        list_sum(list_transform(ratios, lambda r: log10(r))) as magnitude,
        cast(trunc(magnitude / 9) as integer) as split_piece
    from intermediate.stated_splits
    where dataset = 'sector_bars' and applied_seq is not null
),

split_factors as (
    select
        symbol,
        seq,
        next_seq,
        split_piece,
        case when split_piece = 0 then list_product(ratios) else pow(10, magnitude - 9 * split_piece) end as factor
    from split_ratios_so_far
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
        cast(null as bigint) as volume,
        0 as split_piece
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
        b.volume,
        coalesce(f.split_piece, 0) as split_piece
    from staging.sector_bars as b
    inner join staging.sessions as s on b.session_date = s.session_date
    left join split_factors as f
        on
            b.basis = 'raw'
            and b.symbol = f.symbol
            and s.seq >= f.seq
            and (f.next_seq is null or s.seq < f.next_seq)
    where b.is_final
)

select *
from final
order by dataset, symbol, source, basis, seq
