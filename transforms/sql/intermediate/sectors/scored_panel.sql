/*
description: >
  The panel of the stocks that are, or once were, members of sp500 or russell2000 with a known sector, sorted by stock and session, so
  that what follows can look back with streaming lags. From 2020 on, with the year before to look back on.
grain: instrument_no x seq
materialized: table
publish: false
blocks: {by: seq, back: 0, kept: false}
columns:
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: age, type: INTEGER, unit: sessions, description: "Sessions since the first bar, which has 1, or since the epoch of breadth."}
  - {name: universe_set_id, type: BIGINT, unit: "", description: "Set of universes on that day."}
  - {name: close_e6, type: BIGINT, unit: "1e-6 USD", description: "Close as given or implied."}
  - {name: forward_close, type: DOUBLE, unit: "1e-6 USD of the first session's shares", description: "Close times the splits so far."}
  - {name: volume, type: BIGINT, unit: shares, description: "Shares traded."}
  - {name: multiplier_e9, type: BIGINT, unit: 1e-9, description: "((C-L)-(H-C))/(H-L), 0 where H = L; null without high and low."}
  - {name: is_return_broken, type: BOOLEAN, unit: "", description: "No return over more than one session may cross into this session."}
  - {name: is_mean_broken, type: BOOLEAN, unit: "", description: "No mean may cross into this session."}
  - {name: is_scored, type: BOOLEAN, unit: "", description: "The session lies in 2020 or later: scores are made for it."}
*/
with scored_instruments as (
    select distinct instrument_no
    from intermediate.universe_sets
    where
        (list_contains(universes, 'sp500') or list_contains(universes, 'russell2000'))
        and len(list_filter(universes, lambda u: starts_with(u, 'sector:'))) > 0
),

-- ranks of each session cost more than all of breadth; the last market cycle is what readers ask for
scored_span as (
    select min(seq) as first_seq
    from staging.sessions
    where session_date >= date '2020-01-01'
),

-- what stands in for single stocks on a session that the market lost is no sector
lost_sessions as (
    select s.seq
    from intermediate.session_ledger as l
    inner join staging.sessions as s on l.session_date = s.session_date
    where l.dataset = 'equity_bars' and l.status = 'missing'
),

final as (
    select
        p.instrument_no,
        p.seq,
        p.market_age as age,
        p.universe_set_id,
        p.close_e6,
        p.forward_close,
        p.volume,
        p.multiplier_e9,
        p.is_return_broken or p.is_window_broken is true as is_return_broken,
        p.is_mean_broken,
        p.seq >= n.first_seq and p.market_age >= 1 and l.seq is null and p.fill <> 'held_back' as is_scored
    from intermediate.panel as p
    semi join scored_instruments as s on p.instrument_no = s.instrument_no
    -- 252 sessions is the longest look back
    inner join scored_span as n on p.seq >= n.first_seq - 260
    left join lost_sessions as l on p.seq = l.seq
)

select *
from final
order by instrument_no, seq
