/*
description: >
  Closes of indices and ETFs that a series lost and another series of the same basis has: taken where both agree on the last
  session before the hole and on the first one after it. The best ranked series that can is taken; nothing is averaged.
grain: dataset x symbol x source x basis x seq
materialized: table
publish: false
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars or sector_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Index or ETF."}
  - {name: source, type: VARCHAR, unit: "", description: "Series that lost the session."}
  - {name: basis, type: VARCHAR, unit: "", description: "How both series are adjusted."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the lost session in the calendar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: close, type: DOUBLE, unit: points or USD, description: "Close as the other series has it."}
  - {name: forward_close, type: DOUBLE, unit: points or USD, description: "The same, splits carried forward."}
  - {name: filled_from, type: VARCHAR, unit: "", description: "Source of the other series."}
invariants:
  - description: A fill lies where its series has no close that may be used.
    sql: >
      select f.* from intermediate.bar_fills as f inner join intermediate.reference_closes as b on f.dataset = b.dataset
      and f.symbol = b.symbol and f.source = b.source and f.basis = b.basis and f.seq = b.seq
*/
with ranked_bars as materialized (
    select
        b.dataset,
        b.symbol,
        b.source,
        b.basis,
        r.rank,
        b.seq,
        b.session_date,
        b.close,
        b.forward_close
    from intermediate.reference_closes as b
    inner join staging.series_rank as r on b.dataset = r.dataset and b.source = r.source and b.basis = r.basis
),

-- from the last session before a hole to the first one after it
holes as (
    select
        dataset,
        symbol,
        source,
        basis,
        rank,
        seq as before_seq,
        close as before_close,
        lead(seq) over series as after_seq,
        lead(close) over series as after_close
    from ranked_bars
    window series as (partition by dataset, symbol, source, basis order by seq)
    qualify after_seq > before_seq + 1
),

proven_fills as (
    select
        h.dataset,
        h.symbol,
        h.source,
        h.basis,
        h.before_seq,
        h.after_seq,
        b.source as filled_from,
        b.rank as filled_rank
    from holes as h
    inner join ranked_bars as b
        on h.dataset = b.dataset and h.symbol = b.symbol and h.basis = b.basis and h.before_seq = b.seq
    inner join ranked_bars as a
        on
            b.dataset = a.dataset
            and b.symbol = a.symbol
            and b.basis = a.basis
            and b.source = a.source
            and h.after_seq = a.seq
    where
        b.rank > h.rank
        and abs(b.close - h.before_close) <= h.before_close * $fill_tolerance_pct / 100
        and abs(a.close - h.after_close) <= h.after_close * $fill_tolerance_pct / 100
),

final as (
    select
        p.dataset,
        p.symbol,
        p.source,
        p.basis,
        f.seq,
        f.session_date,
        f.close,
        f.forward_close,
        p.filled_from
    from proven_fills as p
    inner join ranked_bars as f
        on
            p.dataset = f.dataset
            and p.symbol = f.symbol
            and p.basis = f.basis
            and p.filled_from = f.source
            and p.before_seq < f.seq
            and p.after_seq > f.seq
    qualify
        row_number() over (partition by p.dataset, p.symbol, p.source, p.basis, f.seq order by p.filled_rank, p.filled_from) = 1
)

select *
from final
order by dataset, symbol, source, basis, seq
