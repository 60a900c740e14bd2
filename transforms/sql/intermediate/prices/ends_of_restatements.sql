/*
description: >
  Steps between two bars of an adjusted price series of a stock of which a later payload multiplied the one and not the other: the ends of the runs of
  bars that it multiplied. Within a run its steps are the payload's own.
grain: series_no x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session of the later bar."}
  - {name: last_seq, type: INTEGER, unit: sessions, description: "That of the earlier one."}
*/
with multiplied_series as (
    select distinct series_no
    from intermediate.restated_closes
    where is_multiplied
),

bars_of_series as (
    select distinct
        e.series_no,
        e.instrument_no,
        b.seq
    from intermediate.bar_sessions as b
    inner join intermediate.restated_series as e
        on
            b.symbol = e.symbol
            and b.source = e.source
            and b.basis = e.basis
            and b.session_date >= e.valid_from
            and b.session_date < e.valid_to
    semi join multiplied_series as m on e.series_no = m.series_no
),

neighbours as (
    select
        series_no,
        instrument_no,
        seq,
        lag(seq) over line as last_seq,
        lead(seq) over line as next_seq
    from bars_of_series
    window line as (partition by series_no order by seq)
),

changes_of_payloads as (
    select
        series_no,
        seq,
        is_multiplied,
        lag(seq) over payload as changed_before,
        lead(seq) over payload as changed_after
    from intermediate.restated_closes
    window payload as (partition by series_no, known_at, payload_sha256 order by seq)
),

ends_of_runs as (
    select
        c.series_no,
        c.seq
    from changes_of_payloads as c
    inner join neighbours as n on c.series_no = n.series_no and c.seq = n.seq
    where c.is_multiplied and c.changed_before is distinct from n.last_seq
    union
    select
        c.series_no,
        n.next_seq
    from changes_of_payloads as c
    inner join neighbours as n on c.series_no = n.series_no and c.seq = n.seq
    where c.is_multiplied and c.changed_after is distinct from n.next_seq
),

final as (
    select
        n.series_no,
        n.instrument_no,
        n.seq,
        n.last_seq
    from neighbours as n
    semi join ends_of_runs as c on n.series_no = c.series_no and n.seq = c.seq
    where n.last_seq is not null
)

select *
from final
order by series_no, seq
