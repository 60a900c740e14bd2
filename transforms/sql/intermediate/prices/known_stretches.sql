/*
description: >
  Since when the bars of a stretch of 8 sessions are known as final, whatever later facts say of them, where the lake has several facts of one
  of them: a row for all of them, and one for each bar where the price of one was changed. Bars whose price was changed are left out, which
  intermediate.restated_stock_facts has; of all other stretches intermediate.bar_spans says it.
grain: symbol x source x basis x first_seq
materialized: table
publish: false
blocks: {by: first_seq, back: 0}
# as those of bar_spans
shards: {of: intermediate.bar_spans, by: first_seq, each: 1008}
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the bars."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted: raw, split, or total_return."}
  - {name: stretch, type: INTEGER, unit: "", description: "Number of the stretch."}
  - {name: first_seq, type: INTEGER, unit: sessions, description: "Number of the first session with such a bar, or of the one of the row."}
  - {name: first_session, type: DATE, unit: "", description: "That session."}
  - {name: final_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "Since when the first known of them is known as final; null where none was."}
*/
with past_facts as (
    select
        h.symbol,
        h.source,
        h.basis,
        s.seq,
        s.session_date,
        if(h.is_final and not h.is_withdrawn, h.known_at, null) as final_at
    from staging.equity_bars_history as h
    inner join staging.sessions as s on h.session_date = s.session_date
    where s.seq between $shard_first and $shard_last
),

past_stretches as (
    select distinct
        symbol,
        source,
        basis,
        seq // 8 as stretch
    from past_facts
),

-- a bar that was withdrawn is among the facts alone, one that has a single fact among the bars
known_bars as (
    from past_facts
    union all
    select
        b.symbol,
        b.source,
        b.basis,
        s.seq,
        s.session_date,
        if(b.is_final, b.known_at, null) as final_at
    from staging.equity_bars_of_block as b
    inner join staging.sessions as s on b.session_date = s.session_date
    inner join past_stretches as p
        on b.symbol = p.symbol and b.source = p.source and b.basis = p.basis and s.seq // 8 = p.stretch
    where s.seq between $shard_first and $shard_last
),

changed_bars as (
    select distinct
        r.symbol,
        r.source,
        r.basis,
        s.seq
    from intermediate.restated_stock_facts as r
    inner join staging.sessions as s on r.session_date = s.session_date
    where s.seq between $shard_first and $shard_last
),

changed_stretches as (
    select distinct
        symbol,
        source,
        basis,
        seq // 8 as stretch
    from changed_bars
),

final as (
    select
        k.symbol,
        k.source,
        k.basis,
        k.seq // 8 as stretch,
        min(k.seq) as first_seq,
        min(k.session_date) as first_session,
        min(k.final_at) as final_at
    from known_bars as k
    left join changed_stretches as c
        on k.symbol = c.symbol and k.source = c.source and k.basis = c.basis and k.seq // 8 = c.stretch
    anti join changed_bars as b
        on k.symbol = b.symbol and k.source = b.source and k.basis = b.basis and k.seq = b.seq
    group by k.symbol, k.source, k.basis, k.seq // 8, if(c.stretch is null, null, k.seq)
)

select *
from final
order by symbol, source, basis, first_seq
