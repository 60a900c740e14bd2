/*
description: Sessions with a bar of each symbol, by source and basis, of intermediate.bar_spans.
grain: symbol x source x basis x seq
materialized: view
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the bar."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted: raw, split, or total_return."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session of the bar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the bar."}
*/
select
    b.symbol,
    b.source,
    b.basis,
    s.seq,
    s.session_date
from intermediate.bar_spans as b
cross join range(8) as p (place)
inner join staging.sessions as s on 8 * b.stretch + p.place = s.seq
where b.session_bits >> p.place & 1 = 1
