/*
description: >
  Runs of stretches with bars of each symbol, by source and basis, cut at the edges of blocks: between two runs, or none, lies a whole
  stretch of 8 sessions without a bar. They tell when a stock began and ended and which long gaps it has, in few rows.
grain: symbol x source x basis x first_seq
materialized: table
publish: false
blocks: {by: first_seq, back: 0}
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the bars."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted: raw, split, or total_return."}
  - {name: first_seq, type: INTEGER, unit: sessions, description: "Number of the first session with a bar in the run."}
  - {name: last_seq, type: INTEGER, unit: sessions, description: "Number of the last."}
  - {name: first_session, type: DATE, unit: "", description: "First session with a bar in the run."}
  - {name: last_session, type: DATE, unit: "", description: "Last session with a bar in the run."}
*/
with numbered_stretches as (
    select
        *,
        first_seq // $block_sessions as block,
        -- the same for all stretches of a run
        stretch - row_number() over (partition by symbol, source, basis, first_seq // $block_sessions order by stretch) as run_no
    from intermediate.bar_spans
),

final as (
    select
        symbol,
        source,
        basis,
        min(first_seq) as first_seq,
        max(last_seq) as last_seq,
        min(first_session) as first_session,
        max(last_session) as last_session
    from numbered_stretches
    group by symbol, source, basis, block, run_no
)

select *
from final
order by symbol, source, basis, first_seq
