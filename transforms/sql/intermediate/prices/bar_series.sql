/*
description: >
  The series (source and basis) of each stock, index and ETF in the order in which they are preferred: the rank of the settings, then the
  name. Which one is in force is chosen session by session, by one rule for all, in intermediate.series_choice. Numbers of indices and
  ETFs are below 0, so that what is about stocks never meets them.
grain: series_no
materialized: table
publish: false
sessions: [first_session, last_session]
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the stock, index or ETF in this build."}
  - {name: dataset, type: VARCHAR, unit: "", description: "equity_bars, index_bars or sector_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Index or ETF; of a stock the stable id."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: first_session, type: DATE, unit: "", description: "First session with a bar."}
  - {name: last_session, type: DATE, unit: "", description: "Last session with a bar."}
  - {name: place, type: BIGINT, unit: "", description: "Place among the series of the same stock, index or ETF, 1 being the best."}
  - {name: is_contested, type: BOOLEAN, unit: "", description: "There are other series of it."}
*/
with reference_series as (
    select
        f.dataset,
        f.symbol,
        f.source,
        f.basis,
        min(s.session_date) as first_session,
        max(s.session_date) as last_session
    from intermediate.reference_closes as f
    inner join staging.sessions as s on f.seq = s.seq
    group by f.dataset, f.symbol, f.source, f.basis
),

numbered_series as (
    select
        series_no,
        instrument_no,
        'equity_bars' as dataset,
        instrument_id as symbol,
        source,
        basis,
        rank,
        first_session,
        last_session
    from intermediate.equity_series
    union all
    select
        -row_number() over (order by f.dataset, f.symbol, f.source, f.basis) as series_no,
        -dense_rank() over (order by f.dataset, f.symbol) as instrument_no,
        f.dataset,
        f.symbol,
        f.source,
        f.basis,
        r.rank,
        f.first_session,
        f.last_session
    from reference_series as f
    left join staging.series_rank as r on f.dataset = r.dataset and f.source = r.source and f.basis = r.basis
),

final as (
    select
        * exclude (rank),
        row_number() over (partition by instrument_no order by rank, source, basis) as place,
        count(*) over (partition by instrument_no) > 1 as is_contested
    from numbered_series
)

select *
from final
order by series_no
