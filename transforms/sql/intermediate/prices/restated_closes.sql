/*
description: >
  Changes of closes in adjusted price series of stocks, and whether the bar was multiplied, alone of its payload or with its neighbours.
grain: series_no x seq x known_at x payload_sha256
materialized: table
publish: false
sessions: seq
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session of the bar."}
  - {name: factor, type: DOUBLE, unit: "", description: "Close after / close before."}
  - {name: is_multiplied, type: BOOLEAN, unit: "", description: "By a factor that is not 1 within 0.2 %, and about that of a neighbour, unless all its prices were."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When it was learnt."}
  - {name: payload_sha256, type: VARCHAR, unit: "", description: "SHA-256 of the bytes that gave the value after."}
*/
with restated_facts as (
    select
        symbol,
        source,
        basis,
        session_date,
        kind,
        new_close / nullif(old_close, 0) as factor,
        known_at,
        payload_sha256
    from intermediate.restated_bars
    where dataset = 'equity_bars' and basis <> 'raw'
),

-- adjusted prices in whole cents are multiplied by about one factor: a neighbour of the same payload says so
touched_facts as (
    select
        symbol,
        source,
        basis,
        session_date,
        known_at,
        payload_sha256,
        factor,
        kind in ('scaled', 'corrected')
        and abs(factor - 1) > 0.002
        and least(
            abs(factor / lag(factor) over run - 1),
            abs(factor / lead(factor) over run - 1),
            if(kind = 'scaled', 0, 1)
        ) < 0.001 as is_multiplied
    from restated_facts
    window run as (partition by symbol, source, basis, known_at, payload_sha256 order by session_date)
),

final as (
    select
        e.series_no,
        s.seq,
        c.factor,
        c.is_multiplied,
        c.known_at,
        c.payload_sha256
    from touched_facts as c
    inner join intermediate.restated_series as e
        on
            c.symbol = e.symbol
            and c.source = e.source
            and c.basis = e.basis
            and c.session_date >= e.valid_from
            and c.session_date < e.valid_to
    inner join staging.sessions as s on c.session_date = s.session_date
)

select *
from final
order by series_no, seq, known_at, payload_sha256
