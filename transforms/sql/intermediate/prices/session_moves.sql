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
  - {name: repeated_earlier_bars, type: BIGINT, unit: bars, description: "Bars that repeat close and volume of the one two, three, four or five bars before, but not the volume of the last one: of the distance with most."}
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
        lag(volume) over () as last_volume,
        hash(series_no, close_e6, volume) as bar_hash
    from intermediate.series_bars
    -- with the five sessions before, in which a bar is followed
    where seq between $shard_first - 5 and $shard_last
),

-- a hash says of which series it is, too; no bar is compared with one of more than five sessions before, and a volume that never
-- changes proves nothing
bars_before as (
    select
        *,
        volume > 0 and volume <> last_volume as has_own_volume,
        if(lag(seq, 2) over () >= seq - 5, lag(bar_hash, 2) over (), null) as hash_2,
        if(lag(seq, 3) over () >= seq - 5, lag(bar_hash, 3) over (), null) as hash_3,
        if(lag(seq, 4) over () >= seq - 5, lag(bar_hash, 4) over (), null) as hash_4,
        if(lag(seq, 5) over () >= seq - 5, lag(bar_hash, 5) over (), null) as hash_5
    from followed_bars
),

bar_comparisons as (
    select
        series_no,
        seq,
        last_no = series_no and last_seq >= seq - 5 as is_followed,
        close_e6 = last_close_e6 as is_close_repeated,
        close_e6 = last_close_e6 and volume = last_volume and volume > 0 as is_repeated,
        has_own_volume and bar_hash = hash_2 as is_repeated_2,
        has_own_volume and bar_hash = hash_3 as is_repeated_3,
        has_own_volume and bar_hash = hash_4 as is_repeated_4,
        has_own_volume and bar_hash = hash_5 as is_repeated_5,
        if(last_no = series_no and last_seq = seq - 1 and last_close_e6 > 0, close_e6 / last_close_e6, null) as ratio
    from bars_before
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
        greatest(
            count(*) filter (where c.is_repeated_2), count(*) filter (where c.is_repeated_3),
            count(*) filter (where c.is_repeated_4), count(*) filter (where c.is_repeated_5)
        ) as repeated_earlier_bars,
        count(c.ratio) filter (where e.is_stock) as stocks,
        if(count(c.ratio) filter (where e.is_stock) >= 100, median(c.ratio) filter (where e.is_stock), null) as median_ratio
    from bar_comparisons as c
    inner join intermediate.equity_series as e on c.series_no = e.series_no
    group by e.source, e.basis, c.seq
)

select *
from final
order by seq, source, basis
