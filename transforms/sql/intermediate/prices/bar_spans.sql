/*
description: >
  First and last final bar of each symbol in each stretch of 8 sessions, by source and basis. What is asked of whole histories (when did a stock
  begin and end, which gaps has it, who gives it) is answered from these rows, an eighth of the bars.
grain: symbol x source x basis x stretch
materialized: table
publish: false
blocks: {by: first_seq, back: 0}
# four years a thread, in whole stretches: the groups of all sessions do not fit into memory beside the bars they are made of
shards: {of: staging.sessions_in_reach, by: seq, each: 1008}
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the bars."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted: raw, split, or total_return."}
  - {name: stretch, type: INTEGER, unit: "", description: "Number of the stretch: that of the session in the calendar // 8."}
  - {name: first_seq, type: INTEGER, unit: sessions, description: "Number of the first session with a bar in the stretch."}
  - {name: last_seq, type: INTEGER, unit: sessions, description: "Number of the last."}
  - {name: first_session, type: DATE, unit: "", description: "First session with a bar in the stretch."}
  - {name: last_session, type: DATE, unit: "", description: "Last session with a bar in the stretch."}
  - {name: session_bits, type: UTINYINT, unit: bit mask, description: "Which of its eight sessions have a bar: bit n for session 8 x stretch + n."}
  - {name: final_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "Since when the first known of its bars is known as it is."}
*/
with final as (
    select
        b.symbol,
        b.source,
        b.basis,
        s.seq // 8 as stretch,
        min(s.seq) as first_seq,
        max(s.seq) as last_seq,
        min(b.session_date) as first_session,
        max(b.session_date) as last_session,
        bit_or(cast(1 << s.seq % 8 as utinyint)) as session_bits,
        min(b.known_at) as final_at
    from staging.equity_bars as b
    inner join staging.sessions_in_reach as s on b.session_date = s.session_date
    where b.is_final and s.seq between $shard_first and $shard_last
    group by b.symbol, b.source, b.basis, s.seq // 8
)

select *
from final
order by symbol, source, basis, stretch
