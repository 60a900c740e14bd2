/*
description: >
  What there is of each session, from the first session of each dataset of bars to the last one of any: what a dataset had and another has
  gone on from is missing. A session of indices or funds is partial where a symbol that has bars before and after has none.
grain: dataset x session_date
materialized: table
publish: false
sessions: session_date
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars, sector_bars or equity_bars."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: status, type: VARCHAR, unit: "", description: "present, provisional, implied, partial or missing."}
  - {name: rows, type: BIGINT, unit: rows, description: "Rows that the lake holds, of stocks bars of the panel and symbols with provisional ones alone."}
  - {name: note, type: VARCHAR, unit: "", description: "What is amiss; null where nothing is."}
*/
with delivered_bars as (
    select
        'index_bars' as dataset,
        index_id as symbol,
        source,
        basis,
        session_date,
        is_final
    from staging.index_bars
    union all
    select
        'sector_bars',
        symbol,
        source,
        basis,
        session_date,
        is_final
    from staging.sector_bars
),

-- a session on which the feed stood still counts as missing
frozen_source_sessions as (
    select
        f.dataset,
        f.symbol,
        f.source,
        f.basis,
        s.session_date
    from intermediate.frozen_sessions as f
    inner join staging.sessions as s on f.seq = s.seq
),

frozen_days as (
    select distinct
        dataset,
        session_date
    from frozen_source_sessions
),

symbol_sessions as (
    select
        b.dataset,
        b.symbol,
        b.session_date,
        count(*) as bars,
        -- figures are of final bars: one of another source that never became final makes the session no less so
        bool_or(b.is_final) as is_final
    from delivered_bars as b
    anti join frozen_source_sessions as f
        on
            b.dataset = f.dataset
            and b.symbol = f.symbol
            and b.source = f.source
            and b.basis = f.basis
            and b.session_date = f.session_date
    group by b.dataset, b.symbol, b.session_date
),

symbol_lifetimes as (
    select
        dataset,
        symbol,
        min(session_date) as first_date,
        max(session_date) as last_date
    from delivered_bars
    group by dataset, symbol
),

expected_bars as (
    select
        l.dataset,
        l.symbol,
        s.session_date
    from symbol_lifetimes as l
    inner join staging.sessions as s on s.session_date between l.first_date and l.last_date
),

small_datasets as (
    select
        e.dataset,
        e.session_date,
        coalesce(sum(d.bars), 0) as bars,
        bool_and(d.is_final) as is_final,
        count(*) filter (where d.symbol is null) as absent,
        list(e.symbol order by e.symbol) filter (where d.symbol is null) as absent_symbols,
        bool_or(f.session_date is not null) as is_frozen
    from expected_bars as e
    left join symbol_sessions as d on e.dataset = d.dataset and e.symbol = d.symbol and e.session_date = d.session_date
    left join frozen_days as f on e.dataset = f.dataset and e.session_date = f.session_date
    group by e.dataset, e.session_date
),

-- beside the sessions with a mark those that have nothing but provisional bars yet
stock_sessions as (
    select
        m.session_date,
        m.seq,
        m.bars,
        m.frozen,
        m.set_aside,
        m.steps,
        m.mark,
        coalesce(p.stocks, 0) as provisional
    from intermediate.session_marks as m
    left join intermediate.provisional_bars as p on m.seq = p.seq
    union all
    select
        p.session_date,
        p.seq,
        0,
        0,
        0,
        0,
        'missing',
        p.stocks
    from intermediate.provisional_bars as p
    where p.seq > coalesce((select max(m.seq) from intermediate.session_marks as m), -1)
),

-- one dataset goes on, another does not: since when
last_sessions as (
    select
        dataset,
        max(session_date) as last_date
    from small_datasets
    group by dataset
    union all
    select
        'equity_bars',
        max(session_date)
    from stock_sessions
    having count(*) > 0
),

sessions_after as (
    select
        l.dataset,
        s.session_date
    from last_sessions as l
    inner join staging.sessions as s
        on l.last_date < s.session_date and s.session_date <= (select max(e.last_date) from last_sessions as e)
),

implied_counts as (
    select
        seq,
        count(*) as closes
    from intermediate.implied_closes
    group by seq
),

final as (
    select
        dataset,
        session_date,
        case
            when bars = 0 then 'missing'
            when absent > 0 then 'partial'
            when not is_final then 'provisional'
            else 'present'
        end as status,
        cast(bars as bigint) as rows,
        case
            when bars = 0 and is_frozen then 'the source repeats an earlier session'
            when bars = 0 then 'no bar of this session'
            when absent > 0
                then 'absent: ' || array_to_string(absent_symbols[1:5], ', ') || if(absent > 5, ' and ' || absent - 5 || ' more', '')
            when not is_final then 'fetched before the session had closed'
        end as note
    from small_datasets
    union all
    select
        'equity_bars',
        m.session_date,
        case
            when m.mark = 'missing' and i.closes is not null then 'implied'
            when m.mark = 'partial' then 'partial'
            when m.provisional > m.bars then 'provisional'
            when m.mark = 'missing' then 'missing'
            when m.provisional > 0 then 'partial'
            else m.mark
        end,
        m.bars + m.provisional,
        case
            when m.mark = 'missing' and i.closes is not null
                then 'lost; ' || i.closes || ' closes are what the next session states'
            when m.mark <> 'partial' and m.provisional > if(m.mark = 'missing', m.bars, 0)
                then m.provisional || ' of ' || m.bars + m.provisional || ' stocks fetched before the session had closed'
            when m.mark = 'missing' and m.frozen > 0 then 'the source repeats an earlier session'
            when m.mark = 'missing' then 'lost; the next session states no closes of it'
            when m.mark = 'partial' and m.set_aside > 0 then m.set_aside || ' rows hold the values of another session'
            when m.mark = 'partial' then m.steps || ' stocks made steps that nothing explains'
        end
    from stock_sessions as m
    left join implied_counts as i on m.seq = i.seq
    union all
    select
        dataset,
        session_date,
        'missing',
        0,
        'no bar of this session'
    from sessions_after
)

select *
from final
order by dataset, session_date
