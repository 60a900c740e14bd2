/*
description: >
  For each series of an index (and each piece of the joined line between two cuts) and each session: the change on the day and in the week so far, and the run of sessions and of
  weeks in one direction that it belongs to. An absent close ends a run; the week that has not ended counts as it stands.
grain: series_no x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: index_id, type: VARCHAR, unit: "", description: "Id of the index."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How values are adjusted."}
  - {name: series_no, type: INTEGER, unit: "", description: "Number of the series in this build."}
  - {name: series_rank, type: BIGINT, unit: "", description: "Preference among the series, 1 being the best; 1000 for the joined line."}
  - {name: is_joined, type: BOOLEAN, unit: "", description: "Of the line that is joined of several series."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: place, type: BIGINT, unit: closes, description: "Closes of the series so far."}
  - {name: week_no, type: BIGINT, unit: weeks, description: "Week, counted from the first one of 1927."}
  - {name: is_week_end, type: BOOLEAN, unit: "", description: "The last session of its week in the calendar."}
  - {name: close_e6, type: BIGINT, unit: 1e-6 points, description: "Close of the session."}
  - {name: day_base_e6, type: BIGINT, unit: 1e-6 points, description: "Close of the session before; null where absent."}
  - {name: run_sessions, type: BIGINT, unit: sessions, description: "Sessions in a row that closed up (negative: down; 0: unchanged)."}
  - {name: run_base_e6, type: BIGINT, unit: 1e-6 points, description: "Close before the run of sessions."}
  - {name: week_base_e6, type: BIGINT, unit: 1e-6 points, description: "Last close of the week before; null where absent."}
  - {name: run_weeks, type: BIGINT, unit: weeks, description: "Weeks in a row that closed up (negative: down), the week so far included."}
  - {name: run_weeks_base_e6, type: BIGINT, unit: 1e-6 points, description: "Close before the run of weeks."}
  - {name: is_printed, type: BOOLEAN, unit: "", description: "Sheets are printed for sessions from 2015 on; runs and extremes look at all history."}
*/
with sessions_with_weeks as (
    select
        seq,
        date_diff('week', date '1927-01-03', session_date) as week_no,
        seq = max(seq) over (partition by date_trunc('week', session_date)) as is_week_end
    from staging.sessions
),

index_closes as (
    select
        b.index_id,
        b.source,
        b.basis,
        b.series_rank,
        b.is_joined,
        cast(dense_rank() over (order by b.index_id, b.series_rank, b.segment) as integer) as series_no,
        b.seq,
        b.session_date,
        b.is_held_back,
        c.week_no,
        c.is_week_end,
        row_number() over line as place,
        cast(round(b.close * 1000000) as bigint) as close_e6,
        case
            when lag(b.seq) over line = b.seq - 1 then cast(round(lag(b.close) over line * 1000000) as bigint)
        end as day_base_e6
    from intermediate.index_series as b
    inner join sessions_with_weeks as c on b.seq = c.seq
    window line as (partition by b.index_id, b.series_rank, b.segment order by b.seq)
),

day_moves as (
    select
        *,
        sign(close_e6 - day_base_e6) as side
    from index_closes
),

day_turns as (
    select
        *,
        (side is distinct from lag(side) over (partition by series_no order by seq)) as is_turn
    from day_moves
),

day_run_numbers as (
    select
        *,
        count(if(is_turn, 1, null)) over (partition by series_no order by seq) as run_no
    from day_turns
),

day_runs as (
    select
        *,
        side * row_number() over run as run_sessions,
        case when side is not null then first_value(day_base_e6) over run end as run_base_e6
    from day_run_numbers
    window run as (partition by series_no, run_no order by seq)
),

week_closes as (
    select
        series_no,
        week_no,
        close_e6,
        case when lag(week_no) over line = week_no - 1 then lag(close_e6) over line end as week_base_e6
    from index_closes
    where is_week_end
    window line as (partition by series_no order by week_no)
),

week_moves as (
    select
        *,
        sign(close_e6 - week_base_e6) as side
    from week_closes
),

week_turns as (
    select
        *,
        (side is distinct from lag(side) over (partition by series_no order by week_no)) as is_turn
    from week_moves
),

week_run_numbers as (
    select
        *,
        count(if(is_turn, 1, null)) over (partition by series_no order by week_no) as run_no
    from week_turns
),

week_runs as (
    select
        *,
        side * row_number() over run as run_weeks,
        first_value(week_base_e6) over run as run_weeks_base_e6
    from week_run_numbers
    window run as (partition by series_no, run_no order by week_no)
),

final as (
    select
        d.index_id,
        d.source,
        d.basis,
        d.series_no,
        d.series_rank,
        d.is_joined,
        d.seq,
        d.session_date,
        d.place,
        d.week_no,
        d.is_week_end,
        d.close_e6,
        d.day_base_e6,
        cast(d.run_sessions as bigint) as run_sessions,
        d.run_base_e6,
        w.close_e6 as week_base_e6,
        case
            when sign(d.close_e6 - w.close_e6) = w.side then cast(w.run_weeks + w.side as bigint)
            else cast(sign(d.close_e6 - w.close_e6) as bigint)
        end as run_weeks,
        if(sign(d.close_e6 - w.close_e6) = w.side, w.run_weeks_base_e6, w.close_e6) as run_weeks_base_e6,
        -- a sheet for each session since 1928 would be 2.6 million lines; the last market cycle is what readers ask for
        d.session_date >= date '2015-01-01' and d.is_held_back is not true as is_printed
    from day_runs as d
    left join week_runs as w
        on d.series_no = w.series_no and d.week_no - 1 = w.week_no
)

select *
from final
order by index_id, series_rank, seq
