/*
description: >
  The index or fund that stands for a universe, where one does, and what its close does: against 50 sessions ago, and whether it is the
  highest of 20 sessions. The best ranked series that covers the window is taken, else the line joined of several.
grain: universe x seq
materialized: table
publish: false
blocks: {by: seq, back: 50}
columns:
  - {name: universe, type: VARCHAR, unit: "", description: "Name of the universe."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: benchmark_index, type: VARCHAR, unit: "", description: "Index or ETF that stands for it."}
  - {name: is_above_50d, type: BOOLEAN, unit: "", description: "Close above that of 50 sessions ago; null where that is absent."}
  - {name: is_20d_high, type: BOOLEAN, unit: "", description: "Highest close of 20 sessions; null where over one of them is absent."}
*/
with universe_indices as (
    select *
    from (values ('all', 'SPX'), ('sp500', 'SPX'), ('sp500_list', 'SPX'), ('russell2000', 'RUT')) as pairs (universe, symbol)
    union all
    select
        'sector:' || sector as universe,
        symbol
    from intermediate.sector_map
),

benchmark_closes as (
    select
        index_id as symbol,
        'index ' || series_rank || ' ' || segment as series,
        series_rank,
        seq,
        round(close * 1000000) as close_e6,
        is_held_back
    from intermediate.index_series
    union all
    select
        symbol,
        -- behind a break the series goes on as another one
        'fund ' || series_rank || ' ' || count(if(is_broken, 1, null)) over (
            partition by symbol, series_rank order by seq rows unbounded preceding
        ) as series,
        series_rank + 10000 as series_rank,
        seq,
        round(forward_close * 1000000) as close_e6,
        is_held_back
    from intermediate.sector_segments
),

-- breadth begins with the stock panel, and looks back a quarter
first_session as (
    select min(seq) as seq
    from intermediate.session_marks
),

recent_closes as (
    select
        l.universe,
        c.*
    from benchmark_closes as c
    inner join universe_indices as l on c.symbol = l.symbol
    where c.seq >= (select f.seq - 50 from first_session as f)
),

closes_over_20_sessions as (
    select
        *,
        max(close_e6) over back as high_20,
        count(*) over back as closes_20
    from recent_closes
    window back as (partition by universe, series order by seq range between 19 preceding and current row)
),

latest_index_closes as (
    select
        w.universe,
        w.seq,
        w.symbol as benchmark_index,
        w.series_rank,
        w.close_e6 > b.close_e6 as is_above_50d,
        if(w.closes_20 >= 19, w.close_e6 = w.high_20, null) as is_20d_high
    from closes_over_20_sessions as w
    left join closes_over_20_sessions as b on w.universe = b.universe and w.series = b.series and w.seq - 50 = b.seq
    where w.is_held_back is not true and w.seq >= (select f.seq from first_session as f)
),

final as (
    select
        universe,
        seq,
        min_by(benchmark_index, series_rank) as benchmark_index,
        min_by(is_above_50d, series_rank) filter (where is_above_50d is not null) as is_above_50d,
        min_by(is_20d_high, series_rank) filter (where is_20d_high is not null) as is_20d_high
    from latest_index_closes
    group by universe, seq
)

select *
from final
order by universe, seq
