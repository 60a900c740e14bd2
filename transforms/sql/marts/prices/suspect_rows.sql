/*
description: >
  Bars that a rule set aside or marks for review, with the numbers. mixed_session: the row holds another session's values and is
  out of every metric; previous_close_disagrees: the row stays, its return is null; gap_move: after a gap the stated previous
  close lies far from the last close, so no mean crosses it.
grain: session_date x instrument_id x rule
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the row."}
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the instrument."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol on that day."}
  - {name: rule, type: VARCHAR, unit: "", description: "mixed_session, previous_close_disagrees or gap_move."}
  - {name: is_set_aside, type: BOOLEAN, unit: "", description: "The row is out of every metric."}
  - {name: close, type: DOUBLE, unit: USD, description: "Close as given."}
  - {name: previous_close, type: DOUBLE, unit: USD, description: "Close of the session before as stated."}
  - {name: last_close, type: DOUBLE, unit: USD, description: "Close of the last bar."}
  - {name: disagreement_pct, type: DOUBLE, unit: percent, description: "Stated previous close against the last close, split allowed for."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
evidence:
  rows:
    - dataset: equity_bars
      sql: >
        select if(b.session_date = $session_date, 'suspect', 'last bar') as role, b.*
        from lake.equity_bars as b where b.symbol = $symbol and b.source = $source and b.basis = $basis
        and b.session_date <= $session_date order by b.session_date desc limit 2
  applied: >
    select 'stated previous close / last close - 1 = ' || s.previous_close || ' / ' || l.close || ' - 1 = '
    || 100 * (s.previous_close / l.close - 1) || ' %, before splits'
    from evidence.equity_bars as s, evidence.equity_bars as l where s.role = 'suspect' and l.role = 'last bar'
*/
with final as (
    select
        s.session_date,
        e.instrument_id,
        i.symbol,
        j.rule,
        j.rule = 'mixed_session' as is_set_aside,
        b.close_e6 / 1000000 as close,
        b.previous_close_e6 / 1000000 as previous_close,
        b.last_close_e6 / 1000000 as last_close,
        100 * b.disagreement as disagreement_pct,
        e.source,
        e.basis
    from intermediate.suspects as j
    inner join intermediate.bar_steps as b on j.instrument_no = b.instrument_no and j.seq = b.seq
    inner join staging.sessions as s on j.seq = s.seq
    inner join intermediate.equity_series as e on j.instrument_no = e.instrument_no and e.is_chosen
    left join intermediate.instruments as i
        on
            e.instrument_id = i.instrument_id
            and s.session_date >= i.valid_from
            and (i.valid_to is null or s.session_date < i.valid_to)
)

select *
from final
order by session_date, instrument_id, rule
