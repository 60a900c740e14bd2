/*
description: >
  Sessions on which a feed stood still: the source repeats the bars of the session before, so that the session counts as missing in that
  series. Of indices all of two or more repeat their close; those of volatility are asked only where there are not two others, and
  one of them that moved stays. Of ETFs half of two or more repeat close and volume, or half of five or more the close; of stocks the shares
  that are settings.
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
  - {name: repeated_closes, type: BIGINT, unit: rows, description: "Rows of these that repeat the close."}
  - {name: repeated_bars, type: BIGINT, unit: rows, description: "Rows of these that repeat close and volume."}
*/
with reference_bars_with_last_bar as (
    select
        dataset,
        symbol,
        source,
        basis,
        seq,
        seq - lag(seq) over line <= 5 and close = lag(close) over line as is_close_repeated,
        seq - lag(seq) over line <= 5 and close = lag(close) over line and volume > 0 and volume = lag(volume) over line as is_repeated,
        seq - lag(seq) over line <= 5 as is_followed,
        dataset = 'index_bars' and is_volatility_index(symbol) as is_volatility
    from intermediate.reference_bars
    window line as (partition by dataset, symbol, source, basis order by seq)
),

-- an index comes alone in many a file, so that all of them are taken together
index_sessions as (
    select
        seq,
        count(*) as rows,
        count(*) filter (where is_close_repeated) as repeated_closes,
        count(*) filter (where is_repeated) as repeated_bars
    from reference_bars_with_last_bar
    where dataset = 'index_bars' and is_followed
    group by seq
    having
        (count(distinct symbol) >= 2 and bool_and(is_close_repeated))
        -- options are quoted by another desk than shares: volatility may move on while the prices stand still
        or (
            count(distinct symbol) filter (where not is_volatility) >= 2
            and bool_and(is_close_repeated) filter (where not is_volatility)
        )
),

fund_sessions as (
    select
        dataset,
        source,
        basis,
        seq,
        count(*) as rows,
        count(*) filter (where is_close_repeated) as repeated_closes,
        count(*) filter (where is_repeated) as repeated_bars
    from reference_bars_with_last_bar
    where dataset = 'sector_bars' and is_followed
    group by dataset, source, basis, seq
    having
        (count(*) >= 2 and count(*) filter (where is_repeated) * 2 >= count(*))
        or (count(*) >= 5 and count(*) filter (where is_close_repeated) * 2 >= count(*))
),

final as (
    select
        r.dataset,
        r.symbol,
        r.source,
        r.basis,
        r.seq,
        i.rows,
        i.repeated_closes,
        i.repeated_bars
    from reference_bars_with_last_bar as r
    inner join index_sessions as i on r.seq = i.seq
    where r.dataset = 'index_bars' and (not r.is_volatility or coalesce(r.is_close_repeated, true))
    union all
    select
        r.dataset,
        r.symbol,
        r.source,
        r.basis,
        r.seq,
        f.rows,
        f.repeated_closes,
        f.repeated_bars
    from reference_bars_with_last_bar as r
    inner join fund_sessions as f on r.dataset = f.dataset and r.source = f.source and r.basis = f.basis and r.seq = f.seq
    union all
    select
        'equity_bars' as dataset,
        null as symbol,
        m.source,
        m.basis,
        m.seq,
        m.followed as rows,
        m.repeated_closes,
        m.repeated_bars
    from intermediate.session_moves as m
    inner join staging.sessions as s on m.seq = s.seq
    where
        m.followed >= $frozen_rows
        and (
            m.repeated_bars >= $frozen_share * m.followed
            -- prices in sixteenths stood still more often: the last market to quote in cents was Nasdaq, on that day
            or m.repeated_closes
            >= if(s.session_date < date '2001-04-09', $frozen_close_share_before_decimals, $frozen_close_share) * m.followed
        )
)

select *
from final
order by dataset, symbol, source, basis, seq
