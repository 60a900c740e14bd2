/*
description: >
  Bars of the series of which a close was changed, each with the instant since which it is known as final, whatever became of it. Of stocks
  one row stands for the bars of a stretch of 8 sessions within which none was changed.
grain: dataset x symbol x source x basis x session_date
materialized: table
publish: false
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars, sector_bars or equity_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the bar."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the bar, or the first one of the stretch with a bar."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "Since when it, or the first known of the stretch, is known as final."}
*/
with restated_series as (
    select
        dataset,
        symbol,
        source,
        basis
    from intermediate.restated_bars
    group by all
),

-- of these known_stretches has the bars that were not changed, if there are any
changed_stretches as (
    select distinct
        r.symbol,
        r.source,
        r.basis,
        s.seq // 8 as stretch
    from intermediate.restated_stock_facts as r
    inner join staging.sessions as s on r.session_date = s.session_date
),

dated_bars as (
    select
        'index_bars' as dataset,
        index_id as symbol,
        source,
        basis,
        session_date,
        known_at
    from staging.index_bars
    where is_final
    union all
    select
        'index_bars' as dataset,
        index_id as symbol,
        source,
        basis,
        session_date,
        known_at
    from staging.index_bars_history
    where is_final and not is_withdrawn
    union all
    select
        'sector_bars' as dataset,
        symbol,
        source,
        basis,
        session_date,
        known_at
    from staging.sector_bars
    where is_final
    union all
    select
        'sector_bars' as dataset,
        symbol,
        source,
        basis,
        session_date,
        known_at
    from staging.sector_bars_history
    where is_final and not is_withdrawn
    union all
    select
        'equity_bars' as dataset,
        symbol,
        source,
        basis,
        session_date,
        known_at
    from intermediate.restated_stock_facts
    where is_final and not is_withdrawn
    union all
    -- other bars of stocks, those of a stretch of sessions as one: within it none was changed
    select
        'equity_bars' as dataset,
        symbol,
        source,
        basis,
        first_session as session_date,
        final_at as known_at
    from intermediate.known_stretches
    where final_at is not null
    union all
    select
        'equity_bars' as dataset,
        b.symbol,
        b.source,
        b.basis,
        b.first_session as session_date,
        b.final_at as known_at
    from intermediate.bar_spans as b
    anti join intermediate.known_stretches as k
        on b.symbol = k.symbol and b.source = k.source and b.basis = k.basis and b.stretch = k.stretch
    anti join changed_stretches as c
        on b.symbol = c.symbol and b.source = c.source and b.basis = c.basis and b.stretch = c.stretch
    where b.final_at is not null
),

final as (
    select
        b.dataset,
        b.symbol,
        b.source,
        b.basis,
        b.session_date,
        min(b.known_at) as known_at
    from dated_bars as b
    semi join restated_series as c
        on b.dataset = c.dataset and b.symbol = c.symbol and b.source = c.source and b.basis = c.basis
    group by b.dataset, b.symbol, b.source, b.basis, b.session_date
)

select *
from final
