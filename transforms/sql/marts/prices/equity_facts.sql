/*
description: >
  What is known of each stock on each session: the close as given, or implied by the next session, and its one-day return,
  splits allowed for. A close implied by the next session is known only since then.
grain: session_date x instrument_id
materialized: table
# two years by stock: a query for one session reads one such part, one for a stock a block of each. The panel is sorted by
# stock, so that a pass for each part needs no sort
blocks: {by: session_date, back: 8}
shards: {of: intermediate.panel, by: seq, each: 504}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the instrument."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol on that day."}
  - {name: close, type: DOUBLE, unit: USD, description: "Close of the session as its series gives it: as traded where raw, else as the vendor adjusted it."}
  - {name: volume, type: BIGINT, unit: shares, description: "Shares traded; null where the close is implied."}
  - {name: market_cap, type: DOUBLE, unit: USD, description: "Market capitalisation as the vendor states it."}
  - {name: return_1d_pct, type: DOUBLE, unit: percent, description: "Price return since the session before; null without that close."}
  - {name: fill, type: VARCHAR, unit: "", description: "none; implied by the next session's previous close; repeated (the bar of the session before) or not_traded."}
  - {name: source, type: VARCHAR, unit: "", description: "Series in force: who gave the close; null where it is implied."}
  - {name: basis, type: VARCHAR, unit: "", description: "How the close is adjusted: raw, split, or total_return; null where it is implied."}
  - {name: split_ratio, type: DOUBLE, unit: "", description: "New shares per old share on the day of a split; else null."}
method:
  id: equity_return
  version: 1
  formula: 100 (C_t / C_t-1 - 1), closes carried forward through splits
  parameters: null where the stated previous close disagrees by over 2 % and no split explains it
  citation: ""
  oracle: NFLX 10:1 on 2025-11-17 and NOW 5:1 on 2025-12-18 leave no jump
  deviations: dividends are not added back
evidence:
  rows:
    - dataset: equity_bars
      sql: >
        select if(b.session_date = $session_date, 'close', 'base') || ' of series ' || row_number() over (
        partition by b.session_date order by k.rank nulls last, b.source, b.basis) as role, b.*
        from lake.equity_bars as b cross join asked.base as w
        left join lake.series_rank as k on k.dataset = 'equity_bars' and b.source = k.source and b.basis = k.basis
        where b.symbol = $symbol and b.session_date in ($session_date, w.base_date)
        order by b.session_date desc, k.rank nulls last
    - dataset: splits
      sql: >
        select 'split' as role, s.* from lake.splits as s where s.symbol = $symbol and s.ex_date <= $session_date order by s.ex_date desc
    - dataset: securities
      sql: >
        select 'description' as role, s.* from lake.securities as s where s.symbol = $symbol and s.first_seen <= $session_date
        order by s.first_seen desc
  applied: >
    with closes as (
        select t.close, b.close as base, if(t.basis = 'raw', (
        select coalesce(product(p.numerator / p.denominator), 1) from marts.splits as p cross join asked.base as w
        where p.symbol = $symbol and p.session_date > w.base_date and p.session_date <= $session_date), 1) as ratio
        from evidence.equity_bars as t, evidence.equity_bars as b
        where t.role = 'close of series 1' and b.role = 'base of series 1' and $column like 'return%'
    )
    select format('100 ({}{} / {} - 1) = {} %', close, if(ratio = 1, '', ' x ' || ratio), base, 100 * (close * ratio / base - 1))
    || if(ratio = 1, '', ', ' || ratio || ' being the new shares of an old one') from closes
*/
with panel_with_returns as (
    select
        *,
        case
            when fill in ('repeated', 'not_traded') then null
            when base_close is not null then 100 * (forward_close / base_close - 1)
            when age > 1 and not is_return_broken
                then 100 * (forward_close / lag(if(fill = 'repeated', null, forward_close)) over () - 1)
        end as return_1d_pct
    from intermediate.panel
    -- with the session before, for the return
    where seq between $shard_first - 1 and $shard_last
),

symbols_by_session as (
    select
        e.instrument_no,
        e.instrument_id,
        i.symbol,
        f.seq as from_seq,
        coalesce(t.seq, 2147483647) as to_seq
    from intermediate.equity_series as e
    inner join intermediate.instruments as i on e.instrument_id = i.instrument_id
    asof inner join staging.sessions as f on i.valid_from <= f.session_date
    asof left join staging.sessions as t on i.valid_to <= t.session_date
    where e.is_best
),

final as (
    select
        s.session_date,
        n.instrument_id,
        n.symbol,
        r.close_e6 / 1000000 as close,
        r.volume,
        r.market_cap,
        r.return_1d_pct,
        cast(r.fill as varchar) as fill,
        e.source,
        e.basis,
        r.split_ratio
    from panel_with_returns as r
    inner join staging.sessions as s on r.seq = s.seq
    inner join symbols_by_session as n on r.instrument_no = n.instrument_no and r.seq >= n.from_seq and r.seq < n.to_seq
    left join intermediate.equity_series as e on r.series_no = e.series_no
    where r.seq >= $shard_first and r.close_e6 is not null and r.fill <> 'held_back'
)

select *
from final
