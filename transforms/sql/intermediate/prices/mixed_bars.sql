/*
description: >
  Bars of mixed sessions: where more than 5 % of a session's rows state a previous close that is neither the last close nor
  explained by a split, those rows hold another session's values and are no part of any metric. Fewer than five such rows
  prove nothing: in a small panel dividends alone could be as many.
grain: series_no x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
*/
with strange_bars as (
    select
        m.series_no,
        e.source,
        e.basis,
        m.seq
    from intermediate.close_mismatches as m
    inner join intermediate.equity_series as e on m.series_no = e.series_no
    where m.is_adjacent and abs(m.disagreement) > 0.002
),

strange_bar_counts as (
    select
        source,
        basis,
        seq,
        count(*) as bars
    from strange_bars
    group by source, basis, seq
),

doubtful_bars as (
    select s.*
    from strange_bars as s
    inner join strange_bar_counts as n on s.source = n.source and s.basis = n.basis and s.seq = n.seq
    inner join intermediate.session_moves as z on s.source = z.source and s.basis = z.basis and s.seq = z.seq
    where n.bars > 0.05 * z.bars and n.bars >= 5
),

-- a good bar after a wrong one looks strange too: in a run of strange bars the first is wrong, the second right, and
-- so on
runs_of_doubtful_bars as (
    select
        *,
        seq - row_number() over (partition by series_no order by seq) as island
    from doubtful_bars
),

numbered_doubtful_bars as (
    select
        *,
        row_number() over (partition by series_no, island order by seq) as place
    from runs_of_doubtful_bars
),

wrong_bars as (
    select *
    from numbered_doubtful_bars
    where place % 2 = 1
),

wrong_bar_counts as (
    select
        source,
        basis,
        seq,
        count(*) as bars
    from wrong_bars
    group by source, basis, seq
),

final as (
    select
        w.series_no,
        w.seq
    from wrong_bars as w
    inner join wrong_bar_counts as n on w.source = n.source and w.basis = n.basis and w.seq = n.seq
    inner join intermediate.session_moves as z on w.source = z.source and w.basis = z.basis and w.seq = z.seq
    where n.bars > 0.05 * z.bars and n.bars >= 5
)

select *
from final
order by series_no, seq
