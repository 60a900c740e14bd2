/*
description: >
  The price series of each stock (source and basis) with its rank. Which one is in force is chosen session by session, in
  intermediate.series_choice.
grain: instrument_id x source x basis
materialized: table
publish: false
sessions: [first_session, last_session]
columns:
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the instrument."}
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument, in the order of the first five characters of its id, then of its hash; bars are sorted by it."}
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series: 1000 times that of the instrument, and its place among its series."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: rank, type: INTEGER, unit: "", description: "Preference of the series; lower is better."}
  - {name: first_session, type: DATE, unit: "", description: "First session with a bar."}
  - {name: last_session, type: DATE, unit: "", description: "Last session with a bar."}
  - {name: is_best, type: BOOLEAN, unit: "", description: "The best ranked of the instrument's series: one row for each instrument."}
  - {name: is_of_market, type: BOOLEAN, unit: "", description: "Its source gives the market, not a choice of stocks."}
  - {name: is_stock, type: BOOLEAN, unit: "", description: "Common stock or REIT, by what it was last known to be."}
  - {name: is_option, type: BOOLEAN, unit: "", description: "Warrant or right: its price may step by any factor."}
  - {name: is_contested, type: BOOLEAN, unit: "", description: "The instrument has more than one series."}
invariants:
  - description: Each instrument has a number of its own, and fewer than a thousand series.
    sql: >
      select instrument_no from intermediate.equity_series group by instrument_no
      having count(distinct instrument_id) > 1 or count(*) > 999
*/
with instrument_kinds as (
    select
        instrument_id,
        arg_max(is_stock, valid_from) as is_stock,
        coalesce(arg_max_null(exclusion, valid_from) in ('warrant', 'right'), false) as is_option
    from intermediate.instruments
    group by instrument_id
),

-- an instrument begins with a run of bars, unless its symbol was changed on some day: then bar by bar
bar_ends as (
    select
        b.symbol,
        b.source,
        b.basis,
        b.first_session,
        b.last_session
    from intermediate.bar_runs as b
    anti join intermediate.changed_symbol_bars as c on b.symbol = c.symbol
    union all
    select
        symbol,
        source,
        basis,
        session_date as first_session,
        session_date as last_session
    from intermediate.changed_symbol_bars
),

series_ends as (
    select
        i.instrument_id,
        b.source,
        b.basis,
        min(b.first_session) as first_session,
        max(b.last_session) as last_session
    from bar_ends as b
    inner join intermediate.symbol_spans as i
        on b.symbol = i.symbol and b.first_session >= i.valid_from and b.first_session < i.valid_to
    group by i.instrument_id, b.source, b.basis
),

-- the first five characters, each of 44 kinds from 0 to Z, and ten million hashes, with four places for each
instrument_keys as (
    select
        e.instrument_id,
        10000000 * sum(cast(44 ** (5 - p.place) as bigint) * greatest(0, least(ascii(substr(e.instrument_id, p.place, 1)), 90) - 47))
        + hash(e.instrument_id) % 10000000 as key
    from (select distinct s.instrument_id from series_ends as s) as e
    cross join range(1, 6) as p (place)
    group by e.instrument_id
),

-- of the stock alone, so that no other one that comes or begins earlier gives it another number and all its bars a new name; near
-- those of like symbols, so that a query for one symbol reads a small part of a table that is sorted by it
instrument_numbers as (
    select
        instrument_id,
        cast(4 * key + row_number() over (partition by key order by instrument_id) as bigint) as instrument_no
    from instrument_keys
),

final as (
    select
        c.instrument_id,
        n.instrument_no,
        1000 * n.instrument_no + row_number() over (partition by c.instrument_id order by c.source, c.basis) as series_no,
        c.source,
        c.basis,
        r.rank,
        c.first_session,
        c.last_session,
        row_number() over (partition by c.instrument_id order by r.rank, c.source, c.basis) = 1 as is_best,
        not list_contains($part_market_sources, c.source) as is_of_market,
        k.is_stock,
        k.is_option,
        count(*) over (partition by c.instrument_id) > 1 as is_contested
    from series_ends as c
    inner join instrument_numbers as n on c.instrument_id = n.instrument_id
    inner join instrument_kinds as k on c.instrument_id = k.instrument_id
    left join staging.series_rank as r
        on r.dataset = 'equity_bars' and c.source = r.source and c.basis = r.basis
)

select *
from final
order by instrument_id, source, basis
