/*
description: >
  Bars of stocks that are no part of their own session, in all series, with the rule that says so. What a later bar proved true stands in the
  means and ranges of later sessions; the close of a bar that repeats the one before, or of a stock that was not traded, stands in them as the last close.
grain: series_no x seq
materialized: table
publish: false
blocks: {by: seq, back: 8}
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: rule, type: VARCHAR, unit: "", description: "frozen_session, mixed_session, repeated_bar, not_traded or unexplained_step."}
  - {name: is_out, type: BOOLEAN, unit: "", description: "No bar of its session, whatever the verdict on a step: another series may stand in."}
  - {name: is_absent, type: BOOLEAN, unit: "", description: "The close stands in no mean, range or return of any session."}
  - {name: is_broken, type: BOOLEAN, unit: "", description: "No return and no mean may cross into this session: a new level that stayed."}
invariants:
  - description: One rule for each bar.
    sql: select series_no, seq from intermediate.excluded_bars group by series_no, seq having count(*) > 1
*/
with frozen_rows as (
    select
        b.series_no,
        b.seq,
        1 as place,
        'frozen_session' as rule,
        true as is_absent,
        false as is_broken
    from intermediate.series_bars as b
    inner join intermediate.equity_series as e on b.series_no = e.series_no
    inner join intermediate.frozen_sessions as f
        on f.dataset = 'equity_bars' and e.source = f.source and e.basis = f.basis and b.seq = f.seq
),

mixed_rows as (
    select
        series_no,
        seq,
        2 as place,
        'mixed_session' as rule,
        true as is_absent,
        false as is_broken
    from intermediate.mixed_bars
),

unexplained_steps as (
    select
        e.series_no,
        s.seq,
        3 as place,
        'unexplained_step' as rule,
        s.verdict in ('bad_tick', 'pending') as is_absent,
        s.verdict = 'break' as is_broken
    from intermediate.price_steps as s
    inner join intermediate.equity_series as e on s.symbol = e.instrument_id and s.source = e.source and s.basis = e.basis
    where s.dataset = 'equity_bars'
),

followed_bars as (
    select
        series_no,
        seq,
        close_e6,
        volume,
        is_raw,
        lag(series_no) over () as last_no,
        lag(seq) over () as last_seq,
        lag(close_e6) over () as last_close_e6,
        lag(volume) over () as last_volume
    from intermediate.series_bars
),

repeated_bars as (
    select
        series_no,
        seq,
        4 as place,
        'repeated_bar' as rule,
        false as is_absent,
        false as is_broken
    from followed_bars
    where
        last_no = series_no
        and last_seq >= seq - 5
        and close_e6 = last_close_e6
        and volume = last_volume
        and volume >= $repeated_row_volume
),

untraded_bars as (
    select
        l.series_no,
        l.seq,
        5 as place,
        'not_traded' as rule,
        false as is_absent,
        false as is_broken
    from followed_bars as l
    inner join intermediate.first_trades as t on l.series_no = t.series_no and l.seq > t.seq
    where l.volume = 0 and l.is_raw
),

final as (
    select
        series_no,
        seq,
        arg_min(rule, place) as rule,
        min(place) <= 3 as is_out,
        arg_min(is_absent, place) as is_absent,
        arg_min(is_broken, place) as is_broken
    from (
        select * from frozen_rows
        union all
        select * from mixed_rows
        union all
        select * from unexplained_steps
        union all
        select * from repeated_bars
        union all
        select * from untraded_bars
    ) as rules
    group by series_no, seq
)

select *
from final
order by series_no, seq
