/*
description: What indices did after the matches of each definition; an outcome stands under the session on which it was known.
grain: session_date x definition_id x match_date x index_id x horizon_sessions
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session that ends the horizon: the outcome is known from its close on."}
  - {name: definition_id, type: VARCHAR, unit: "", description: "Definition that was matched."}
  - {name: match_date, type: DATE, unit: "", description: "Session that matched it; the return counts from its close."}
  - {name: index_id, type: VARCHAR, unit: "", description: "Index that the outcome is of."}
  - {name: horizon_sessions, type: INTEGER, unit: sessions, description: "21, 63, 126 or 252 sessions on."}
  - {name: forward_return_pct, type: DOUBLE, unit: percent, description: "Price return of the index over the horizon; no row where a close is absent."}
  - {name: base_return_pct, type: DOUBLE, unit: percent, description: "That of the definition's base; null where a close is absent."}
  - {name: is_up, type: BOOLEAN, unit: "", description: "The index rose."}
  - {name: is_ahead_of_base, type: BOOLEAN, unit: "", description: "The index beat the base; null for the base itself."}
method:
  - id: precedent_outcomes
    version: 1
    formula: 100 (C_m+h / C_m - 1) from the close of the matching session m
    parameters: h = 21, 63, 126, 252 sessions (a month, a quarter, half a year, a year)
    citation: ""
    oracle: means over both studies computed apart from this project
    deviations: price returns, without dividends
evidence:
  rows:
    - dataset: index_bars
      sql: >
        select if(b.session_date = $match_date, 'close at the match', 'close later') as role, b.*
        from lake.index_bars as b
        inner join lake.sessions as s on s.session_date = $match_date
        inner join lake.sessions as t on s.seq + $horizon_sessions = t.seq
        inner join marts.index_returns as r on b.symbol = r.index_id and r.session_date = $match_date and b.source = r.source
        where b.symbol = $index_id and b.is_final and b.session_date in ($match_date, t.session_date) order by b.session_date
  applied: >
    select '100 (' || t.close || ' / ' || b.close || ' - 1) = ' || 100 * (t.close / b.close - 1) || ' %'
    from evidence.index_bars as t, evidence.index_bars as b where t.role = 'close later' and b.role = 'close at the match'
    and $column = 'forward_return_pct'
*/
with final as (
    select
        k.session_date,
        m.definition_id,
        m.session_date as match_date,
        f.index_id,
        f.horizon_sessions,
        f.return_pct as forward_return_pct,
        b.return_pct as base_return_pct,
        f.return_e9 > 0 as is_up,
        case when f.index_id <> m.base_id then f.return_e9 > b.return_e9 end as is_ahead_of_base
    from marts.precedents as m
    inner join staging.sessions as s on m.session_date = s.session_date
    inner join intermediate.forward_returns as f on s.seq = f.seq
    inner join staging.sessions as k on f.known_seq = k.seq
    left join intermediate.forward_returns as b
        on m.base_id = b.index_id and f.seq = b.seq and f.horizon_sessions = b.horizon_sessions
)

select *
from final
order by session_date, definition_id, match_date, index_id, horizon_sessions
