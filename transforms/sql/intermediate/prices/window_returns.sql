/*
description: >
  Returns of indices, sector ETFs and the benchmark by window. For each window the best ranked series that has both closes is taken, so that
  no return crosses from one series to another, nor over a session that is absent, nor over a seam of the series: where every series
  has one in the window, the return is null.
grain: dataset x symbol x seq x window_name
materialized: table
publish: false
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars or sector_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Index or ETF."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: window_name, type: VARCHAR, unit: "", description: "Window of the return."}
  - {name: close, type: DOUBLE, unit: points or USD, description: "Close of the session, splits carried forward."}
  - {name: base_close, type: DOUBLE, unit: points or USD, description: "Close of the window's base, in the same series."}
  - {name: return_pct, type: DOUBLE, unit: percent, description: "100 (close / base - 1); null where is_seamed."}
  - {name: is_seamed, type: BOOLEAN, unit: "", description: "Each series that has both closes has a seam between them."}
  - {name: source, type: VARCHAR, unit: "", description: "Series from which both closes are."}
  - {name: basis, type: VARCHAR, unit: "", description: "How that series is adjusted."}
*/
with reference_bars as (
    select
        'index_bars' as dataset,
        index_id as symbol,
        source,
        basis,
        series_rank,
        0 as segment,
        seq,
        close,
        is_held_back
    from intermediate.index_series
    union all
    select
        'sector_bars' as dataset,
        b.symbol,
        b.source,
        b.basis,
        b.series_rank,
        b.segment,
        b.seq,
        b.forward_close as close,
        b.is_held_back
    from intermediate.sector_segments as b
    where b.symbol = $benchmark or b.symbol in (select m.symbol from intermediate.sector_map as m)
),

candidate_returns as (
    select
        b.dataset,
        b.symbol,
        b.seq,
        w.window_name,
        b.close,
        a.close as base_close,
        b.source,
        b.basis,
        -- closes ten million times apart are on two scales
        a.segment <> b.segment or b.close > 1e7 * a.close or b.close < 1e-7 * a.close as is_seamed,
        if(a.segment = b.segment, b.series_rank, 1000000 + b.series_rank) as place
    from reference_bars as b
    inner join intermediate.return_windows as w on b.seq = w.seq
    inner join reference_bars as a
        on
            b.dataset = a.dataset
            and b.symbol = a.symbol
            and b.source = a.source
            and b.basis = a.basis
            and w.base_seq = a.seq
    where b.is_held_back is not true
),

-- no value is null and no two series have one rank, so all are of one series; as one struct they would cost twice as much
preferred_returns as (
    select
        dataset,
        symbol,
        seq,
        window_name,
        min_by(close, place) as close,
        min_by(base_close, place) as base_close,
        min_by(source, place) as source,
        min_by(basis, place) as basis,
        min_by(is_seamed, place) as is_seamed
    from candidate_returns
    group by dataset, symbol, seq, window_name
),

final as (
    select
        dataset,
        symbol,
        seq,
        window_name,
        close,
        base_close,
        case when not is_seamed then 100 * (close / nullif(base_close, 0) - 1) end as return_pct,
        is_seamed,
        source,
        basis
    from preferred_returns
)

select *
from final
