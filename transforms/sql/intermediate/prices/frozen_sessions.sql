/*
description: >
  Sessions on which a feed stood still, or gave an old file: the source repeats the bars of one of the five sessions before, so that the
  session counts as missing in that series. Of indices all of two or more (of three, where it is not the last session) repeat their close,
  be it those of one source; those of volatility are asked only where there are not two others, and one of them that moved stays. Of ETFs half of two or more repeat close and
  volume, or half of five or more the close of the session before; of stocks the shares that are settings, those of close and volume for
  each of the five.
grain: dataset x symbol x source x basis x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars, sector_bars or equity_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Index or ETF; null of stocks, of which it is the whole series."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: rows, type: BIGINT, unit: rows, description: "Rows with one of the same series at most five sessions before."}
  - {name: repeated_closes, type: BIGINT, unit: rows, description: "Rows of these that repeat the close of the same session."}
  - {name: repeated_bars, type: BIGINT, unit: rows, description: "Rows of these that repeat close and volume of it."}
*/
with earlier_bars as (
    select
        dataset,
        symbol,
        source,
        basis,
        seq,
        close,
        volume,
        dataset = 'index_bars' and is_volatility_index(symbol) as is_volatility,
        -- of the five bars before, the last one first
        [
            lag(seq) over line, lag(seq, 2) over line, lag(seq, 3) over line, lag(seq, 4) over line, lag(seq, 5) over line
        ] as seqs,
        [
            lag(close) over line, lag(close, 2) over line, lag(close, 3) over line, lag(close, 4) over line, lag(close, 5) over line
        ] as closes,
        [
            lag(volume) over line, lag(volume, 2) over line, lag(volume, 3) over line,
            lag(volume, 4) over line, lag(volume, 5) over line
        ] as volumes
    from intermediate.reference_bars
    window line as (partition by dataset, symbol, source, basis order by seq)
),

followed_bars as (
    select *
    from earlier_bars
    where seq - seqs[1] <= 5
),

-- by how many bars lie between the bar and the one that it repeats
repeated_closes as (
    select
        b.dataset,
        b.symbol,
        b.source,
        b.basis,
        b.seq,
        b.is_volatility,
        d.distance,
        -- a volume that never changes proves nothing
        b.volume > 0
        and b.volume = b.volumes[d.distance]
        and (d.distance = 1 or b.volume <> b.volumes[1]) as is_volume_repeated
    from earlier_bars as b
    inner join range(1, 6) as d (distance) on b.close = b.closes[d.distance] and b.seq - b.seqs[d.distance] <= 5
),

-- an index comes alone in many a file, so that all of them are taken together, and those of each source by themselves
index_sets as (
    select distinct
        source,
        basis
    from followed_bars
    where dataset = 'index_bars'
    union
    select
        null,
        null
),

index_counts as (
    select
        t.source,
        t.basis,
        b.seq,
        count(*) as rows,
        count(distinct b.symbol) as indices,
        count(*) filter (where not b.is_volatility) as price_rows,
        count(distinct b.symbol) filter (where not b.is_volatility) as price_indices
    from followed_bars as b
    inner join index_sets as t on t.source is null or (b.source = t.source and b.basis = t.basis)
    where b.dataset = 'index_bars'
    group by t.source, t.basis, b.seq
),

index_repeats as (
    select
        t.source,
        t.basis,
        b.seq,
        b.distance,
        count(*) as repeated_closes,
        count(*) filter (where not b.is_volatility) as repeated_price_closes,
        count(*) filter (where b.is_volume_repeated) as repeated_bars
    from repeated_closes as b
    inner join index_sets as t on t.source is null or (b.source = t.source and b.basis = t.basis)
    where b.dataset = 'index_bars'
    group by t.source, t.basis, b.seq, b.distance
),

frozen_index_sessions as (
    select
        r.*,
        n.rows
    from index_repeats as r
    inner join index_counts as n
        on r.source is not distinct from n.source and r.basis is not distinct from n.basis and r.seq = n.seq
    where
        -- two may come back to their closes of some days ago by chance
        (n.indices >= if(r.distance = 1, 2, 3) and r.repeated_closes = n.rows)
        -- options are quoted by another desk than shares: volatility may move on while the prices stand still
        or (n.price_indices >= if(r.distance = 1, 2, 3) and r.repeated_price_closes = n.price_rows)
),

frozen_indices as (
    select
        b.dataset,
        b.symbol,
        b.source,
        b.basis,
        b.seq,
        f.rows,
        f.repeated_closes,
        f.repeated_bars
    from earlier_bars as b
    inner join frozen_index_sessions as f
        on b.seq = f.seq and (f.source is null or (b.source = f.source and b.basis = f.basis))
    where
        b.dataset = 'index_bars'
        and (
            not b.is_volatility
            or b.seqs[1] is null
            or (b.close = b.closes[f.distance] and b.seq - b.seqs[f.distance] <= 5)
        )
    qualify row_number() over (partition by b.symbol, b.source, b.basis, b.seq order by f.rows desc, f.distance, f.source) = 1
),

fund_counts as (
    select
        source,
        basis,
        seq,
        count(*) as rows
    from followed_bars
    where dataset = 'sector_bars'
    group by source, basis, seq
),

frozen_fund_sessions as (
    select
        c.source,
        c.basis,
        c.seq,
        any_value(n.rows) as rows,
        count(*) as repeated_closes,
        count(*) filter (where c.is_volume_repeated) as repeated_bars
    from repeated_closes as c
    inner join fund_counts as n on c.source = n.source and c.basis = n.basis and c.seq = n.seq
    where c.dataset = 'sector_bars'
    group by c.source, c.basis, c.seq, c.distance
    having
        (any_value(n.rows) >= 2 and count(*) filter (where c.is_volume_repeated) * 2 >= any_value(n.rows))
        or (any_value(n.rows) >= 5 and count(*) * 2 >= any_value(n.rows) and c.distance = 1)
    qualify row_number() over (partition by c.source, c.basis, c.seq order by c.distance) = 1
),

final as (
    select * from frozen_indices
    union all
    select
        b.dataset,
        b.symbol,
        b.source,
        b.basis,
        b.seq,
        f.rows,
        f.repeated_closes,
        f.repeated_bars
    from earlier_bars as b
    inner join frozen_fund_sessions as f on b.source = f.source and b.basis = f.basis and b.seq = f.seq
    where b.dataset = 'sector_bars'
    union all
    select
        'equity_bars' as dataset,
        null as symbol,
        m.source,
        m.basis,
        m.seq,
        m.followed as rows,
        greatest(m.repeated_closes, m.repeated_earlier_bars) as repeated_closes,
        greatest(m.repeated_bars, m.repeated_earlier_bars) as repeated_bars
    from intermediate.session_moves as m
    inner join staging.sessions as s on m.seq = s.seq
    where
        m.followed >= $frozen_rows
        and (
            greatest(m.repeated_bars, m.repeated_earlier_bars) >= $frozen_share * m.followed
            -- prices in sixteenths stood still more often: the last market to quote in cents was Nasdaq, on that day
            or m.repeated_closes
            >= if(s.session_date < date '2001-04-09', $frozen_close_share_before_decimals, $frozen_close_share) * m.followed
        )
)

select *
from final
order by dataset, symbol, source, basis, seq
