/*
description: >
  Returns of indices, sector ETFs and the benchmark by window. For each window the best ranked series that has both closes is taken; only
  where none has, does the return cross from one series to another, at proven joints alone (intermediate.joined_closes). None goes over a
  session that is absent, nor over a seam of the series or an unproven joint: where all have one in the window, the return is null.
grain: dataset x symbol x seq x window_name
materialized: table
publish: false
blocks: {by: seq, back: 272}
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars or sector_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Index or ETF."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: window_name, type: VARCHAR, unit: "", description: "Window of the return."}
  - {name: close, type: DOUBLE, unit: points or USD, description: "Close of the session, splits carried forward."}
  - {name: base_close, type: DOUBLE, unit: points or USD, description: "Close of the window's base, in the same series or joined line."}
  - {name: return_pct, type: DOUBLE, unit: percent, description: "100 (close / base - 1); null where is_seamed."}
  - {name: is_seamed, type: BOOLEAN, unit: "", description: "Each series that has both closes has a seam between them, the joined line an unproven joint or a seam."}
  - {name: source, type: VARCHAR, unit: "", description: "Series from which both closes are; across a joint the source and basis of the base, 'to', and the source of the close."}
  - {name: basis, type: VARCHAR, unit: "", description: "How that series is adjusted; across a joint that of the close."}
*/
with reference_bars as (
    select
        'index_bars' as dataset,
        index_id as symbol,
        series_rank,
        segment,
        seq,
        close,
        is_held_back
    from intermediate.index_series
    union all
    select
        'sector_bars' as dataset,
        b.symbol,
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
        w.base_seq,
        b.close,
        a.close as base_close,
        -- closes ten million times apart are on two scales
        if(
            a.segment <> b.segment or b.close > 1e7 * a.close or b.close < 1e-7 * a.close, 1000000 + b.series_rank, b.series_rank
        ) as place
    from reference_bars as b
    inner join intermediate.return_windows as w on b.seq = w.seq
    inner join reference_bars as a
        on b.dataset = a.dataset and b.symbol = a.symbol and b.series_rank = a.series_rank and w.base_seq = a.seq
    where b.is_held_back is not true
),

-- no value is null and no two series have one rank, so all are of one series; as one struct they would cost twice as much
preferred_returns as (
    select
        dataset,
        symbol,
        seq,
        window_name,
        any_value(base_seq) as base_seq,
        min_by(close, place) as close,
        min_by(base_close, place) as base_close,
        min(place) as place
    from candidate_returns
    group by dataset, symbol, seq, window_name
),

return_sources as (
    select distinct
        'index_bars' as dataset,
        index_id as symbol,
        series_rank,
        source,
        basis
    from intermediate.index_series
    where is_joined is not true
    union all
    select distinct
        'sector_bars' as dataset,
        symbol,
        series_rank,
        source,
        basis
    from intermediate.sector_segments
    where is_joined is not true
),

-- each close of a joined line has its own giver
joined_return_sources as (
    select
        dataset,
        symbol,
        1000 as series_rank,
        seq,
        source,
        basis
    from intermediate.joined_closes
),

final as (
    select
        r.dataset,
        r.symbol,
        r.seq,
        r.window_name,
        r.close,
        r.base_close,
        case when r.place < 1000000 then 100 * (r.close / nullif(r.base_close, 0) - 1) end as return_pct,
        r.place > 1000000 as is_seamed,
        coalesce(s.source, if((a.source, a.basis) <> (b.source, b.basis), a.source || ' ' || a.basis || ' to ', '') || b.source) as source,
        coalesce(s.basis, b.basis) as basis
    from preferred_returns as r
    left join return_sources as s on r.dataset = s.dataset and r.symbol = s.symbol and r.place % 1000000 = s.series_rank
    left join joined_return_sources as b
        on r.dataset = b.dataset and r.symbol = b.symbol and r.place % 1000000 = b.series_rank and r.seq = b.seq
    left join joined_return_sources as a
        on r.dataset = a.dataset and r.symbol = a.symbol and r.place % 1000000 = a.series_rank and r.base_seq = a.seq
)

select *
from final
