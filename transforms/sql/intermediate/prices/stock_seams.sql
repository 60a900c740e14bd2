/*
description: >
  Steps between two bars of a stock's adjusted series that later payloads made false: they multiplied the one bar by a factor and left the
  other as it was. A dividend or split does the same at its ex-date, and heals the step there: a dividend can only raise it, and a factor of 1.2 or
  more heals where it leaves less of the step. Factors within 0.2 % of 1 are left alone. Hangs on the two bars alone, never on later ones.
grain: series_no x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session into which the step is false."}
  - {name: change, type: DOUBLE, unit: "", description: "What the later bar was multiplied by / what the earlier one was."}
*/
-- of two symbols' bars of one session the later name's stands
with bars_of_series as (
    select
        e.series_no,
        s.seq,
        first(b.close_e6 order by e.valid_from desc, b.symbol) filter (where b.close_e6 is not null) as close_e6,
        min(b.final_at) as final_at
    from intermediate.requested_bars as b
    inner join intermediate.restated_series as e
        on
            b.symbol = e.symbol
            and b.source = e.source
            and b.basis = e.basis
            and b.session_date >= e.valid_from
            and b.session_date < e.valid_to
    inner join staging.sessions as s on b.session_date = s.session_date
    group by e.series_no, s.seq
),

changes_by_payload as (
    select
        t.series_no,
        t.instrument_no,
        t.seq,
        any_value(b.close_e6 / nullif(a.close_e6, 0)) as step,
        c.known_at,
        c.payload_sha256,
        -- of two bars that one payload gave anew the step is its own
        case
            when count(*) > 1 or not bool_and(c.is_multiplied) then 1
            when any_value(c.seq) = t.seq then any_value(c.factor)
            else 1 / any_value(c.factor)
        end as change
    from intermediate.ends_of_restatements as t
    inner join bars_of_series as a on t.series_no = a.series_no and t.last_seq = a.seq
    inner join bars_of_series as b on t.series_no = b.series_no and t.seq = b.seq
    inner join intermediate.restated_closes as c
        on
            t.series_no = c.series_no
            and c.seq in (t.seq, t.last_seq)
            -- a bar that was not final by then was no part of the series
            and a.final_at < c.known_at
            and b.final_at < c.known_at
    group by t.series_no, t.instrument_no, t.seq, t.last_seq, c.known_at, c.payload_sha256
),

whole_changes as (
    select
        series_no,
        instrument_no,
        seq,
        any_value(step) as step,
        list_product(list(change order by known_at, payload_sha256)) as change
    from changes_by_payload
    group by series_no, instrument_no, seq
),

final as (
    select
        series_no,
        instrument_no,
        seq,
        change
    from whole_changes
    where change <> 1 and if(abs(ln(change)) < ln(1.2), change < 1, abs(ln(step)) > abs(ln(step / change)))
)

select *
from final
order by series_no, seq
