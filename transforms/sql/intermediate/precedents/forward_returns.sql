/*
description: Returns of indices from each session on, with the session on which they were known; both closes from one series.
grain: index_id x seq x horizon_sessions
materialized: table
publish: false
columns:
  - {name: index_id, type: VARCHAR, unit: "", description: "Id of the index."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Session from whose close the return counts."}
  - {name: horizon_sessions, type: INTEGER, unit: sessions, description: "21, 63, 126 or 252."}
  - {name: known_seq, type: INTEGER, unit: sessions, description: "Session that ends it."}
  - {name: return_pct, type: DOUBLE, unit: percent, description: "Price return."}
  - {name: return_e9, type: BIGINT, unit: 1e-9 percent, description: "The same as a whole number, for sums that do not depend on order."}
*/
with forward_horizons as (
    select *
    from (values ('21d', 21), ('63d', 63), ('126d', 126), ('252d', 252)) as listed (window_name, horizon_sessions)
),

final as (
    select
        w.symbol as index_id,
        cast(w.seq - h.horizon_sessions as integer) as seq,
        cast(h.horizon_sessions as integer) as horizon_sessions,
        w.seq as known_seq,
        w.return_pct,
        cast(round(w.return_pct * 1e9) as bigint) as return_e9
    from intermediate.window_returns as w
    inner join forward_horizons as h on w.window_name = h.window_name
    -- a volatility index and a future are no investment that a return would follow
    where w.dataset = 'index_bars' and w.symbol not in ('VIX', 'RTY')
)

select *
from final
order by index_id, seq, horizon_sessions
