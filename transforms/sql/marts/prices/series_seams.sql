/*
description: >
  Seams of the series of ETFs: the return into that session is false, as the bars on both sides were adjusted at different times.
  It is null in every table, unless another series has it; no window of return and no mean crosses the seam.
grain: session_date x symbol x source x basis
materialized: table
sessions: session_date
columns:
  - {name: session_date, type: DATE, unit: "", description: "First session after the seam."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: evidence, type: VARCHAR, unit: "", description: "restated, below_price_return, series_differ or shared."}
  - {name: step, type: DOUBLE, unit: "", description: "Factor of the false step, as the evidence gives it; null where shared."}
  - {name: return_1d_pct, type: DOUBLE, unit: percent, description: "The false return that the series' closes make."}
  - {name: other_source, type: VARCHAR, unit: "", description: "Series that it was held against."}
  - {name: other_basis, type: VARCHAR, unit: "", description: "Its basis."}
  - {name: other_return_1d_pct, type: DOUBLE, unit: percent, description: "Its return."}
method:
  id: series_seams
  version: 1
  formula: the return of a session differs from that of an equally adjusted series, lies below the price return, or one bar of two was restated by a factor
  parameters: 0.05 % between series, 0.01 % by restatement, sources caught within 63 sessions
  citation: ""
  oracle: seams named beside the real data (SPY on 2026-03-19, XLE and XLU on 2026-03-24)
  deviations: a false step up in an adjusted series that only an unadjusted one could betray is taken for a dividend
evidence:
  rows:
    - dataset: sector_bars
      sql: >
        select if(b.session_date = $session_date, 'after', 'before') || if(b.source = $source and b.basis = $basis,
        ' the seam', ', other series') as role, b.*
        from lake.sector_bars as b cross join asked.base as w
        where b.symbol = $symbol and b.session_date in ($session_date, w.base_date)
        order by b.source <> $source, b.source, b.session_date desc
*/
with final as (
    select
        s.session_date,
        m.symbol,
        m.source,
        m.basis,
        m.evidence,
        m.step,
        m.return_pct as return_1d_pct,
        m.other_source,
        m.other_basis,
        m.other_return_pct as other_return_1d_pct
    from intermediate.series_seams as m
    inner join staging.sessions as s on m.seq = s.seq
)

select *
from final
order by session_date, symbol, source, basis
