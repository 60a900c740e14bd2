/*
description: >
  Closes of lost or mixed sessions, and of single bars that are out, that the next session states as its previous close. Of two lost sessions in a row only the
  last can be had so; a value over 25 % from the last close is not taken, nor one within 2 % of a step that was set aside.
grain: instrument_no x seq
materialized: table
publish: false
blocks: {by: seq, back: 8, ahead: 1}
columns:
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the lost session."}
  - {name: close_e6, type: BIGINT, unit: "1e-6 USD", description: "Close that the next session implies."}
*/
with lost_sessions as (
    select seq
    from intermediate.session_marks
    where mark <> 'present'
),

-- a single bar that is out: what the next session states then differs from it
lost_bars as (
    select
        b.instrument_no,
        b.seq,
        b.close_e6
    from intermediate.panel_bars as b
    semi join intermediate.excluded_bars as x
        on b.series_no = x.series_no and b.seq = x.seq and x.is_absent and x.rule = 'unexplained_step'
),

-- the week before, the session itself, and the session after it
nearby_sessions as (
    select
        instrument_no,
        cast(unnest(range(seq - 5, seq + 2)) as integer) as seq
    from lost_bars
),

good_bars as (
    select
        b.instrument_no,
        b.seq,
        b.close_e6,
        b.previous_close_e6
    from intermediate.panel_bars as b
    anti join intermediate.excluded_bars as x
        on b.series_no = x.series_no and b.seq = x.seq and x.is_absent
    where
        exists (
            select 1 from lost_sessions as l
            where b.seq between l.seq - 5 and l.seq + 1
        )
        or (b.instrument_no, b.seq) in (from nearby_sessions)
),

missing_closes as (
    select
        n.instrument_no,
        l.seq,
        null as close_e6
    from lost_sessions as l
    inner join good_bars as n on n.seq = l.seq + 1
    union
    select
        instrument_no,
        seq,
        close_e6
    from lost_bars
),

stated_closes as (
    select
        l.instrument_no,
        l.seq,
        any_value(l.close_e6) as bad_close_e6,
        -- what is stated after a given split counts in new shares
        any_value(round(n.previous_close_e6 * coalesce(p.numerator / p.denominator, 1))) as close_e6
    from missing_closes as l
    inner join good_bars as n on l.instrument_no = n.instrument_no and n.seq = l.seq + 1
    left join intermediate.given_splits as p on n.instrument_no = p.instrument_no and n.seq = p.seq
    anti join good_bars as g on l.instrument_no = g.instrument_no and l.seq = g.seq
    where n.previous_close_e6 is not null
    group by l.instrument_no, l.seq
),

final as (
    select
        s.instrument_no,
        s.seq,
        try_cast(any_value(s.close_e6) as bigint) as close_e6
    from stated_closes as s
    inner join good_bars as g on s.instrument_no = g.instrument_no and g.seq between s.seq - 5 and s.seq - 1
    -- what merely repeats the bar that is out proves nothing
    where s.bad_close_e6 is null or abs(s.close_e6 / s.bad_close_e6 - 1) > 0.02
    group by s.instrument_no, s.seq
    having abs(any_value(s.close_e6) / arg_max(g.close_e6, g.seq) - 1) <= 0.25
)

select *
from final
order by instrument_no, seq
