/*
description: >
  Sessions of whose bars a few are wanted, whatever their age: those before analysts' ratings, and both ends of steps that payloads made false.
grain: symbol x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session."}
*/
with ends_of_steps as (
    select
        series_no,
        seq
    from intermediate.ends_of_restatements
    union
    select
        series_no,
        last_seq
    from intermediate.ends_of_restatements
),

final as (
    select
        i.symbol,
        s.seq
    from intermediate.placed_ratings as r
    inner join staging.sessions as s on r.seq - 1 = s.seq
    inner join intermediate.instruments as i
        on
            r.instrument_id = i.instrument_id
            and s.session_date >= i.valid_from
            and (i.valid_to is null or s.session_date < i.valid_to)
    union
    select
        e.symbol,
        s.seq
    from ends_of_steps as t
    inner join staging.sessions as s on t.seq = s.seq
    inner join intermediate.restated_series as e
        on t.series_no = e.series_no and s.session_date >= e.valid_from and s.session_date < e.valid_to
)

select *
from final
order by symbol, seq
