/*
description: >
  Share splits, given by a source or inferred from a stated previous close between adjacent sessions. Nothing is inferred
  across a lost session.
grain: session_date x instrument_id
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "First session at the new share count."}
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the instrument."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol on that day."}
  - {name: numerator, type: BIGINT, unit: shares, description: "New shares."}
  - {name: denominator, type: BIGINT, unit: shares, description: "Old shares."}
  - {name: split_kind, type: VARCHAR, unit: "", description: "given or inferred."}
  - {name: last_close, type: DOUBLE, unit: USD, description: "Close of the session before, as it was then."}
  - {name: previous_close, type: DOUBLE, unit: USD, description: "The same close as stated on the day of the split."}
  - {name: close, type: DOUBLE, unit: USD, description: "Close on the day of the split, as given."}
  - {name: factor, type: DOUBLE, unit: "", description: "Shares that one share of the instrument's first session has become."}
invariants:
  - description: An inferred split has a bar on the session before.
    sql: >
      select s.* from marts.splits as s inner join intermediate.session_marks as m on s.session_date = m.session_date
      inner join intermediate.session_marks as p on p.seq = m.seq - 1
      where s.split_kind = 'inferred' and p.mark = 'missing'
method:
  id: splits
  version: 1
  formula: last close / stated previous close is n:1, 1:n, 3:2 or 5:2 either way, and the close lies nearer to the stated previous close
  parameters: n <= 1000, tolerance 0.1 %
  citation: ""
  oracle: NFLX 10:1 on 2025-11-17, NOW 5:1 on 2025-12-18
  deviations: ""
evidence:
  rows:
    - dataset: equity_bars
      sql: >
        select if(b.session_date = $session_date, 'at the split', 'before the split') as role, b.*
        from lake.equity_bars as b cross join asked.base as w
        where b.symbol = $symbol and b.session_date in ($session_date, w.base_date) and b.basis = 'raw' order by b.session_date desc
    - dataset: splits
      sql: >
        select 'given' as role, s.* from lake.splits as s where s.symbol = $symbol and s.ex_date = $session_date
  applied: >
    select format('close before / stated previous close = {} / {} = {}, a split of {}:{}', b.close, t.previous_close,
    b.close / t.previous_close, $numerator, $denominator)
    from evidence.equity_bars as t, evidence.equity_bars as b
    where t.role = 'at the split' and b.role = 'before the split' and t.previous_close is not null
    and $column in ('numerator', 'denominator')
*/
with final as (
    select
        s.session_date,
        e.instrument_id,
        i.symbol,
        p.numerator,
        p.denominator,
        p.split_kind,
        b.last_close_e6 / 1000000 as last_close,
        b.previous_close_e6 / 1000000 as previous_close,
        b.close_e6 / 1000000 as close,
        p.factor
    from intermediate.splits as p
    inner join staging.sessions as s on p.seq = s.seq
    inner join intermediate.equity_series as e on p.instrument_no = e.instrument_no and e.is_best
    left join intermediate.split_bars as x on p.instrument_no = x.instrument_no and p.seq = x.seq
    left join intermediate.close_mismatches as b on x.series_no = b.series_no and x.seq = b.seq
    left join intermediate.instruments as i
        on
            e.instrument_id = i.instrument_id
            and s.session_date >= i.valid_from
            and (i.valid_to is null or s.session_date < i.valid_to)
)

select *
from final
order by session_date, instrument_id
