/*
description: >
  Closes of lost or mixed sessions that the next session states as its previous close. Of two lost sessions in a row only the
  last can be had so; a value over 25 % from the last close is not taken.
grain: instrument_no x seq
materialized: table
publish: false
columns:
  - {name: instrument_no, type: INTEGER, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the lost session."}
  - {name: close_e6, type: BIGINT, unit: "1e-6 USD", description: "Close that the next session implies."}
*/
with lost as (
    select
        seq,
        mark
    from intermediate.session_marks
    where mark <> 'present'
),

good as (
    select
        b.instrument_no,
        b.seq,
        b.close_e6,
        b.previous_close_e6
    from intermediate.panel_bars as b
    -- the week before a lost session, itself, and the session after it
    where not b.is_excluded and exists (
        select 1 from lost as l
        where b.seq between l.seq - 5 and l.seq + 1
    )
),

stated as (
    select
        n.instrument_no,
        l.seq,
        -- what is stated after a given split counts in new shares
        cast(round(n.previous_close_e6 * coalesce(p.numerator / p.denominator, 1)) as bigint) as close_e6
    from lost as l
    inner join good as n on n.seq = l.seq + 1
    left join intermediate.given_splits as p on n.instrument_no = p.instrument_no and n.seq = p.seq
    anti join good as g on n.instrument_no = g.instrument_no and l.seq = g.seq
    where n.previous_close_e6 is not null
),

final as (
    select
        s.instrument_no,
        s.seq,
        any_value(s.close_e6) as close_e6
    from stated as s
    inner join good as g on s.instrument_no = g.instrument_no and g.seq between s.seq - 5 and s.seq - 1
    group by s.instrument_no, s.seq
    having abs(any_value(s.close_e6) / arg_max(g.close_e6, g.seq) - 1) <= 0.25
)

select *
from final
order by instrument_no, seq
