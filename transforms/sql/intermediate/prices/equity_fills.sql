/*
description: >
  Closes of stocks that the chosen series lost and another series of the same basis has: taken where both agree on the last
  session before the hole and on the first one after it. The best ranked series that can is taken; nothing is averaged.
grain: instrument_no x seq
materialized: table
publish: false
columns:
  - {name: instrument_no, type: INTEGER, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the lost session in the calendar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: close_e6, type: BIGINT, unit: "1e-6 USD", description: "Close as the other series has it."}
  - {name: volume, type: BIGINT, unit: shares, description: "Volume as the other series has it."}
  - {name: high_e6, type: BIGINT, unit: "1e-6 USD", description: "Highest price as the other series has it."}
  - {name: low_e6, type: BIGINT, unit: "1e-6 USD", description: "Lowest price as the other series has it."}
  - {name: is_raw, type: BOOLEAN, unit: "", description: "Prices are unadjusted, so that splits have to be allowed for."}
  - {name: filled_from, type: VARCHAR, unit: "", description: "Source of the other series."}
  - {name: source, type: VARCHAR, unit: "", description: "Series that lost the session."}
*/
with chosen as (
    select
        instrument_id,
        instrument_no,
        source,
        basis
    from intermediate.equity_series
    where is_chosen
),

-- only where there is another series of the same basis: of a market with one source nothing is read
series as (
    select
        o.instrument_id,
        o.instrument_no,
        o.source,
        o.basis,
        o.rank,
        o.source = c.source as is_chosen
    from intermediate.equity_series as o
    inner join chosen as c on o.instrument_id = c.instrument_id and o.basis = c.basis
    qualify count(*) over (partition by o.instrument_id) > 1
),

spans as (
    select
        i.symbol,
        s.instrument_no,
        s.source,
        s.basis,
        s.rank,
        s.is_chosen,
        min(i.valid_from) as valid_from,
        max(coalesce(i.valid_to, date '9999-12-31')) as valid_to
    from series as s
    inner join intermediate.instruments as i on s.instrument_id = i.instrument_id
    group by i.symbol, s.instrument_no, s.source, s.basis, s.rank, s.is_chosen
),

bars as (
    select
        p.instrument_no,
        p.source,
        p.rank,
        p.is_chosen,
        p.basis = 'raw' as is_raw,
        s.seq,
        s.session_date,
        b.symbol,
        b.close_e6,
        b.volume,
        b.high_e6,
        b.low_e6,
        b.is_final
    from staging.equity_bars as b
    inner join spans as p
        on
            b.symbol = p.symbol
            and b.source = p.source
            and b.basis = p.basis
            and b.session_date >= p.valid_from
            and b.session_date < p.valid_to
    inner join staging.sessions as s on b.session_date = s.session_date
    -- a provisional bar of the chosen series is no hole
    where b.is_final or p.is_chosen
),

-- from the last session before a hole to the first one after it
holes as (
    select
        instrument_no,
        source,
        seq as before_seq,
        close_e6 as before_e6,
        lead(seq) over line as after_seq,
        lead(close_e6) over line as after_e6
    from bars
    where is_chosen
    window line as (partition by instrument_no order by seq)
    qualify after_seq > before_seq + 1 and is_final and lead(is_final) over line
),

proven as (
    select
        h.instrument_no,
        h.source,
        h.before_seq,
        h.after_seq,
        b.source as filled_from
    from holes as h
    inner join bars as b on h.instrument_no = b.instrument_no and h.before_seq = b.seq
    inner join bars as a on b.instrument_no = a.instrument_no and b.source = a.source and h.after_seq = a.seq
    where
        not b.is_chosen
        and abs(b.close_e6 - h.before_e6) <= h.before_e6 * $fill_tolerance_pct / 100
        and abs(a.close_e6 - h.after_e6) <= h.after_e6 * $fill_tolerance_pct / 100
),

final as (
    select
        p.instrument_no,
        f.seq,
        f.session_date,
        f.symbol,
        f.close_e6,
        f.volume,
        f.high_e6,
        f.low_e6,
        f.is_raw,
        p.filled_from,
        p.source
    from proven as p
    inner join bars as f
        on
            p.instrument_no = f.instrument_no
            and p.filled_from = f.source
            and p.before_seq < f.seq
            and p.after_seq > f.seq
    qualify row_number() over (partition by p.instrument_no, f.seq order by f.rank, f.source) = 1
)

select *
from final
order by instrument_no, seq
