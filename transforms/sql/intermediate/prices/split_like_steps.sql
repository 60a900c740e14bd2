/*
description: >
  Steps of stocks by 2:1 or 3:1 sharp, either way, that no split, no stated previous close and no unusual volume explains, and that are
  below the limit of their kind: listed only, as most of them are true. The same from the eleventh session of a series on and from 1 USD on.
grain: series_no x seq
materialized: table
publish: false
blocks: {by: seq, back: 32}
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: last_close, type: DOUBLE, unit: USD, description: "Close of the bar before, at most five sessions ago."}
  - {name: step, type: DOUBLE, unit: "", description: "Close / last close."}
*/
with followed_bars as (
    select
        series_no,
        instrument_no,
        seq,
        close_e6,
        previous_close_e6,
        volume,
        lag(series_no) over () as last_no,
        lag(seq) over () as last_seq,
        lag(close_e6) over () as last_close_e6
    from intermediate.series_bars
),

-- within 2 %
sharp_steps as (
    select
        *,
        close_e6 / last_close_e6 as step
    from followed_bars
    where
        last_no = series_no
        and last_seq >= seq - 5
        and last_close_e6 >= 1000000
        and (
            close_e6 / last_close_e6 between 1.96 and 2.04
            or close_e6 / last_close_e6 between 0.49 and 0.51
            or close_e6 / last_close_e6 between 2.94 and 3.06
            or close_e6 / last_close_e6 between 0.98 / 3 and 1.02 / 3
        )
        and not coalesce(abs(previous_close_e6 / last_close_e6 - 1) > 0.002, false)
),

unexplained_steps as (
    select s.*
    from sharp_steps as s
    inner join intermediate.equity_series as e on s.series_no = e.series_no and not e.is_option
    inner join staging.sessions as f on e.first_session = f.session_date and s.seq - f.seq >= $stock_first_sessions
    anti join intermediate.given_splits as g on s.instrument_no = g.instrument_no and s.last_seq < g.seq and s.seq >= g.seq
    -- out, or marked by another rule
    anti join intermediate.excluded_bars as x on s.series_no = x.series_no and x.seq in (s.last_seq, s.seq)
    anti join intermediate.suspects as u on s.series_no = u.series_no and s.seq = u.seq
),

usual_volumes as (
    select
        s.series_no,
        s.seq,
        median(b.volume) as usual
    from unexplained_steps as s
    inner join intermediate.series_bars as b on s.series_no = b.series_no and b.seq between s.seq - 21 and s.seq - 1
    group by s.series_no, s.seq
),

final as (
    select
        s.series_no,
        s.seq,
        s.last_close_e6 / 1e6 as last_close,
        s.step
    from unexplained_steps as s
    inner join usual_volumes as u on s.series_no = u.series_no and s.seq = u.seq
    where not coalesce(s.volume / nullif(u.usual, 0) * least(1, s.step) >= $step_volume_gate, false)
)

select *
from final
order by series_no, seq
