/*
description: >
  Closes of indices and ETFs that figures may use: without frozen sessions and bad ticks. A step that was believed on the next bar counts since
  then, and is held back on its own session. In an adjusted series one that a split stated for the day fits is a new level: the
  bars before are on the old share count. Where a split was stated after a step of unadjusted prices that broke nothing, nothing crosses the stated day.
grain: dataset x symbol x source x basis x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars or sector_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Index or ETF."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: close, type: DOUBLE, unit: points or USD, description: "Close as given."}
  - {name: forward_close, type: DOUBLE, unit: points or USD, description: "The close times the shares that one share of the first session has become."}
  - {name: is_held_back, type: BOOLEAN, unit: "", description: "No part of what is shown for its own session."}
  - {name: is_broken, type: BOOLEAN, unit: "", description: "No return and no mean may cross into this session."}
*/
with days_of_early_splits as (
    select distinct
        p.symbol,
        p.day_seq as seq
    from intermediate.stated_splits as p
    anti join intermediate.price_steps as s
        on s.dataset = 'sector_bars' and s.basis = 'raw' and s.verdict = 'break' and p.symbol = s.symbol and p.step_seq = s.seq
    where p.dataset = 'sector_bars' and p.status = 'early'
),

steps_by_splits as (
    select distinct
        s.symbol,
        s.source,
        s.basis,
        s.seq
    from intermediate.price_steps as s
    inner join intermediate.stated_splits as p
        on s.dataset = p.dataset and s.symbol = p.symbol and s.good_seq < p.seq and s.seq >= p.seq
    where
        s.dataset = 'sector_bars'
        and s.basis <> 'raw'
        and abs(ln(p.numerator / p.denominator)) >= ln(1.2)
        and abs(ln(s.close / s.good_close * p.numerator / p.denominator)) < abs(ln(p.numerator / p.denominator)) / 5
),

usable_closes as not materialized (
    select
        b.dataset,
        b.symbol,
        b.source,
        b.basis,
        b.seq,
        b.session_date,
        b.close,
        b.forward_close,
        s.seq is not null as is_held_back,
        coalesce(s.verdict = 'break', false) or e.seq is not null or p.seq is not null as is_broken,
        b.split_piece
    from intermediate.reference_bars as b
    left join intermediate.price_steps as s
        on b.dataset = s.dataset and b.symbol = s.symbol and b.source = s.source and b.basis = s.basis and b.seq = s.seq
    left join days_of_early_splits as e on b.dataset = 'sector_bars' and b.basis = 'raw' and b.symbol = e.symbol and b.seq = e.seq
    left join steps_by_splits as p
        on b.dataset = 'sector_bars' and b.symbol = p.symbol and b.source = p.source and b.basis = p.basis and b.seq = p.seq
    anti join intermediate.frozen_sessions as f
        on b.dataset = f.dataset and b.symbol = f.symbol and b.source = f.source and b.basis = f.basis and b.seq = f.seq
    where s.verdict is null or s.verdict in ('true_move', 'break')
),

funds_in_pieces as (
    select distinct symbol
    from intermediate.reference_bars
    where split_piece <> 0
),

-- hardly a fund has several pieces: the others need not be sorted
starts_of_pieces as (
    select
        b.symbol,
        b.source,
        b.basis,
        b.seq
    from usable_closes as b
    inner join funds_in_pieces as f on b.symbol = f.symbol
    where b.dataset = 'sector_bars'
    qualify b.split_piece <> lag(b.split_piece) over (partition by b.symbol, b.source, b.basis order by b.seq)
),

final as (
    select
        b.* exclude (is_broken, split_piece),
        b.is_broken or c.seq is not null as is_broken
    from usable_closes as b
    left join starts_of_pieces as c
        on b.dataset = 'sector_bars' and b.symbol = c.symbol and b.source = c.source and b.basis = c.basis and b.seq = c.seq
)

select *
from final
order by dataset, symbol, source, basis, seq
