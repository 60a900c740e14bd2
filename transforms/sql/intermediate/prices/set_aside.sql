/*
description: >
  Bars of mixed sessions: where more than 5 % of a session's rows state a previous close that is neither the last close nor
  explained by a split, those rows hold another session's values and are no part of any metric. Fewer than five such rows
  prove nothing: in a small panel dividends alone could be as many.
grain: instrument_no x seq
materialized: table
publish: false
columns:
  - {name: instrument_no, type: INTEGER, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
*/
with strange as (
    select
        instrument_no,
        seq
    from intermediate.bar_steps
    where is_adjacent and abs(disagreement) > 0.002
),

sizes as (
    select
        seq,
        count(*) as bars
    from intermediate.panel_bars
    group by seq
),

strange_counts as (
    select
        seq,
        count(*) as bars
    from strange
    group by seq
),

doubtful as (
    select
        s.instrument_no,
        s.seq
    from strange as s
    inner join strange_counts as n on s.seq = n.seq
    inner join sizes as z on s.seq = z.seq
    where n.bars > 0.05 * z.bars and n.bars >= 5
),

-- a good bar after a wrong one looks strange too: in a run of strange bars the first is wrong, the second right, and
-- so on
islands as (
    select
        instrument_no,
        seq,
        seq - row_number() over (partition by instrument_no order by seq) as island
    from doubtful
),

runs as (
    select
        instrument_no,
        seq,
        row_number() over (partition by instrument_no, island order by seq) as place
    from islands
),

wrong as (
    select
        instrument_no,
        seq
    from runs
    where place % 2 = 1
),

wrong_counts as (
    select
        seq,
        count(*) as bars
    from wrong
    group by seq
),

final as (
    select
        w.instrument_no,
        w.seq
    from wrong as w
    inner join wrong_counts as n on w.seq = n.seq
    inner join sizes as z on w.seq = z.seq
    where n.bars > 0.05 * z.bars and n.bars >= 5
)

select *
from final
order by instrument_no, seq
