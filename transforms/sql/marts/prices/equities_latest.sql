/*
description: >
  The screener: every stock or other security with a close on the newest session, what it is, and its price returns so far,
  splits allowed for.
grain: instrument_id
materialized: table
blocks: newest
columns:
  - {name: session_date, type: DATE, unit: "", description: "The newest session of the panel."}
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the instrument."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol on that day."}
  - {name: name, type: VARCHAR, unit: "", description: "Name of the security."}
  - {name: exchange, type: VARCHAR, unit: "", description: "Listing exchange."}
  - {name: country, type: VARCHAR, unit: "", description: "Country of the issuer."}
  - {name: nasdaq_sector, type: VARCHAR, unit: "", description: "Sector in Nasdaq's taxonomy."}
  - {name: industry, type: VARCHAR, unit: "", description: "Industry in the source's taxonomy."}
  - {name: sector, type: VARCHAR, unit: "", description: "GICS sector, known for members of the lists."}
  - {name: is_stock, type: BOOLEAN, unit: "", description: "Member of the universe all."}
  - {name: close, type: DOUBLE, unit: USD, description: "Close of the session as its series gives it; the newest one is hardly ever adjusted."}
  - {name: volume, type: BIGINT, unit: shares, description: "Shares traded."}
  - {name: market_cap, type: DOUBLE, unit: USD, description: "Market capitalisation as the vendor states it."}
  - {name: return_1d_pct, type: DOUBLE, unit: percent, description: "Price return over 1 session."}
  - {name: return_5d_pct, type: DOUBLE, unit: percent, description: "Price return over 5 sessions (a week)."}
  - {name: return_21d_pct, type: DOUBLE, unit: percent, description: "Price return over 21 sessions (a month)."}
  - {name: return_63d_pct, type: DOUBLE, unit: percent, description: "Price return over 63 sessions (a quarter)."}
  - {name: return_126d_pct, type: DOUBLE, unit: percent, description: "Price return over 126 sessions (half a year)."}
  - {name: return_252d_pct, type: DOUBLE, unit: percent, description: "Price return over 252 sessions (a year)."}
  - {name: return_ytd_pct, type: DOUBLE, unit: percent, description: "Price return since the last session of the year before."}
method:
  id: equities_latest
  version: 2
  formula: 100 (C_t / C_t-n - 1), closes carried forward through splits
  parameters: null where either close is absent or an unexplained step of over 2 % lies between
  citation: ""
  oracle: ""
  deviations: dividends are not added back
evidence:
  of: marts.equity_facts
*/
with newest_session as (
    select
        session_date,
        seq
    from intermediate.session_marks
    qualify seq = max(seq) over ()
),

last_session_of_year as (
    select max(s.seq) as seq
    from staging.sessions as s
    inner join newest_session as n on s.session_date < date_trunc('year', n.session_date)
),

recent_bars as (
    select
        p.*,
        n.seq - p.seq as ago,
        n.seq - y.seq as year_length,
        min(if(p.is_return_broken or p.is_window_broken, n.seq - p.seq, null)) over (partition by p.instrument_no) as broken_ago
    from intermediate.panel as p
    cross join newest_session as n
    cross join last_session_of_year as y
    -- the year has at times begun 253 sessions ago
    where p.seq >= least(n.seq - 252, y.seq)
),

closes_by_lag as (
    select
        instrument_no,
        max(close_e6) filter (where ago = 0) as close_e6,
        max(volume) filter (where ago = 0) as volume,
        max(market_cap) filter (where ago = 0) as market_cap,
        max(forward_close) filter (where ago = 0) as c,
        coalesce(
            max(base_close) filter (where ago = 0),
            if(bool_or(is_return_broken) filter (where ago = 0), null, max(forward_close) filter (where ago = 1))
        ) as c1,
        max(forward_close) filter (where ago = 5 and (broken_ago is null or broken_ago >= 5)) as c5,
        max(forward_close) filter (where ago = 21 and (broken_ago is null or broken_ago >= 21)) as c21,
        max(forward_close) filter (where ago = 63 and (broken_ago is null or broken_ago >= 63)) as c63,
        max(forward_close) filter (where ago = 126 and (broken_ago is null or broken_ago >= 126)) as c126,
        max(forward_close) filter (where ago = 252 and (broken_ago is null or broken_ago >= 252)) as c252,
        max(forward_close) filter (where ago = year_length and (broken_ago is null or broken_ago >= year_length)) as cy
    from recent_bars
    group by instrument_no
    having max(close_e6) filter (where ago = 0) is not null
),

gics_sectors as (
    select
        instrument_id,
        replace(universe, 'sector:', '') as sector
    from intermediate.universe_members
    where starts_with(universe, 'sector:')
),

final as (
    select
        n.session_date,
        e.instrument_id,
        i.symbol,
        i.name,
        i.exchange,
        i.country,
        i.nasdaq_sector,
        i.industry,
        g.sector,
        i.is_stock,
        c.close_e6 / 1000000 as close,
        c.volume,
        c.market_cap,
        100 * (c.c / c.c1 - 1) as return_1d_pct,
        100 * (c.c / c.c5 - 1) as return_5d_pct,
        100 * (c.c / c.c21 - 1) as return_21d_pct,
        100 * (c.c / c.c63 - 1) as return_63d_pct,
        100 * (c.c / c.c126 - 1) as return_126d_pct,
        100 * (c.c / c.c252 - 1) as return_252d_pct,
        100 * (c.c / c.cy - 1) as return_ytd_pct
    from closes_by_lag as c
    cross join newest_session as n
    inner join intermediate.equity_series as e on c.instrument_no = e.instrument_no and e.is_best
    inner join intermediate.instruments as i
        on
            e.instrument_id = i.instrument_id
            and n.session_date >= i.valid_from
            and (i.valid_to is null or n.session_date < i.valid_to)
    left join gics_sectors as g on e.instrument_id = g.instrument_id
)

select *
from final
order by instrument_id
