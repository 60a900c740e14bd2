/*
description: >
  What the bars of each source did on a session, against the bar before of the same series: how many repeat it, and the median step of the
  stocks, from which the steps of single stocks are measured on a day of a crash.
grain: source x basis x seq
materialized: table
publish: false
blocks: {by: seq, back: 8}
shards: {of: intermediate.series_bars, by: seq, at_most: 1260}
columns:
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: bars, type: BIGINT, unit: bars, description: "Bars of the source."}
  - {name: followed, type: BIGINT, unit: bars, description: "Of these, bars with one of the same series at most five sessions before."}
  - {name: repeated_closes, type: BIGINT, unit: bars, description: "Of these, bars that repeat its close."}
  - {name: repeated_bars, type: BIGINT, unit: bars, description: "Of these, bars that repeat its close and its volume, which is not nil."}
  - {name: stocks, type: BIGINT, unit: stocks, description: "Stocks with a bar of the session before."}
  - {name: median_ratio, type: DOUBLE, unit: "", description: "Median of close / last close of these, of 100 or more; else null."}
*/
with followed_bars as (
    select
        series_no,
        seq,
        close_e6,
        volume,
        lag(series_no) over () as last_no,
        lag(seq) over () as last_seq,
        lag(close_e6) over () as last_close_e6,
        lag(volume) over () as last_volume
    from intermediate.series_bars
    -- with the five sessions before, in which a bar is followed
    where seq between $shard_first - 5 and $shard_last
),

bar_comparisons as (
    select
        series_no,
        seq,
        last_no = series_no and last_seq >= seq - 5 as is_followed,
        close_e6 = last_close_e6 as is_close_repeated,
        close_e6 = last_close_e6 and volume = last_volume and volume > 0 as is_repeated,
        if(last_no = series_no and last_seq = seq - 1 and last_close_e6 > 0, close_e6 / last_close_e6, null) as ratio
    from followed_bars
    where seq >= $shard_first
),

final as (
    select
        e.source,
        e.basis,
        c.seq,
        count(*) as bars,
        count(*) filter (where c.is_followed) as followed,
        count(*) filter (where c.is_followed and c.is_close_repeated) as repeated_closes,
        count(*) filter (where c.is_followed and c.is_repeated) as repeated_bars,
        count(c.ratio) filter (where e.is_stock) as stocks,
        if(count(c.ratio) filter (where e.is_stock) >= 100, median(c.ratio) filter (where e.is_stock), null) as median_ratio
    from bar_comparisons as c
    inner join intermediate.equity_series as e on c.series_no = e.series_no
    group by e.source, e.basis, c.seq
)

select *
from final
order by seq, source, basis
