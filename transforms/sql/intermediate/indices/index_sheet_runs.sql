/*
description: The lines of the index sheet on the day, the week, and the runs of sessions and weeks, by series.
grain: series_no x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: series_no, type: INTEGER, unit: "", description: "Number of the series in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - name: lines
    type: 'STRUCT(statistic VARCHAR, "value" DOUBLE, unit VARCHAR, since_date DATE, reason VARCHAR)[]'
    unit: ""
    description: "Lines of the sheet: name, value, unit, the session it is compared with, why there is no value."
*/
with record_dates as (
    select
        r.series_no,
        r.seq,
        max(s.session_date) filter (where r.period = 'day' and r.measure = 'points') as day_points_date,
        max(s.session_date) filter (where r.period = 'day' and r.measure = 'pct') as day_pct_date,
        max(s.session_date) filter (where r.period = 'week' and r.measure = 'points') as week_points_date,
        max(s.session_date) filter (where r.period = 'week' and r.measure = 'pct') as week_pct_date,
        bool_and(r.is_known) filter (where r.period = 'day' and r.measure = 'points') as is_day_points_known,
        bool_and(r.is_known) filter (where r.period = 'day' and r.measure = 'pct') as is_day_pct_known,
        bool_and(r.is_known) filter (where r.period = 'week' and r.measure = 'points') as is_week_points_known,
        bool_and(r.is_known) filter (where r.period = 'week' and r.measure = 'pct') as is_week_pct_known
    from intermediate.index_records as r
    left join staging.sessions as s on r.since_seq = s.seq
    group by r.series_no, r.seq
),

week_ends as (
    select
        date_diff('week', date '1927-01-03', session_date) as week_no,
        max(session_date) as session_date
    from staging.sessions
    group by week_no
),

series_starts as (
    select
        series_no,
        min(session_date) as first_date
    from intermediate.index_runs
    group by series_no
),

base_dates as (
    select
        r.series_no,
        r.seq,
        r.session_date,
        f.first_date,
        d.session_date as day_base_date,
        u.session_date as run_base_date,
        w.session_date as week_base_date,
        v.session_date as run_weeks_base_date,
        abs(r.run_sessions) as n,
        abs(r.run_weeks) as n_weeks,
        r.run_sessions,
        r.run_weeks,
        r.close_e6,
        r.day_base_e6,
        r.run_base_e6,
        r.week_base_e6,
        r.run_weeks_base_e6
    from intermediate.index_runs as r
    left join staging.sessions as d on r.seq - 1 = d.seq
    left join staging.sessions as u on r.seq - greatest(1, abs(r.run_sessions)) = u.seq
    inner join series_starts as f on r.series_no = f.series_no
    left join week_ends as w on r.week_no - 1 = w.week_no
    left join week_ends as v on r.week_no - greatest(1, abs(r.run_weeks)) = v.week_no
    where r.is_printed
),

run_texts as (
    select
        b.*,
        r.* exclude (series_no, seq),
        (b.close_e6 - b.day_base_e6) / 1e6 as day_points,
        100 * (b.close_e6 / b.day_base_e6 - 1) as day_pct,
        (b.close_e6 - b.run_base_e6) / 1e6 as run_points,
        100 * (b.close_e6 / b.run_base_e6 - 1) as run_pct,
        (b.close_e6 - b.week_base_e6) / 1e6 as week_points,
        100 * (b.close_e6 / b.week_base_e6 - 1) as week_pct,
        (b.close_e6 - b.run_weeks_base_e6) / 1e6 as run_weeks_points,
        100 * (b.close_e6 / b.run_weeks_base_e6 - 1) as run_weeks_pct,
        case when b.day_base_e6 is null then 'no close of the session before' end as day_reason,
        case when b.week_base_e6 is null then 'no close of the last session of the week before' end as week_reason,
        'too many closes since the last one as large are absent' as unknown_reason
    from base_dates as b
    left join record_dates as r on b.series_no = r.series_no and b.seq = r.seq
),

final as (
    select
        series_no,
        seq,
        [
            {
                'statistic': 'close',
                'value': close_e6 / 1e6,
                'unit': 'points',
                'since_date': cast(null as date),
                'reason': cast(null as varchar)
            },
            row('change_1d_points', day_points, 'points', day_base_date, day_reason),
            row('change_1d_pct', day_pct, 'percent', day_base_date, day_reason),
            row('run_sessions', run_sessions, 'sessions', run_base_date, day_reason),
            row('run_points', run_points, 'points', run_base_date, day_reason),
            row('run_pct', run_pct, 'percent', run_base_date, day_reason),
            row(
                'run_points_largest_since', if(is_day_points_known, run_points, null), 'points', day_points_date,
                coalesce(day_reason, if(run_sessions = 0, 'unchanged', null), if(is_day_points_known, null, unknown_reason))
            ),
            row(
                'run_pct_largest_since', if(is_day_pct_known, run_pct, null), 'percent', day_pct_date,
                coalesce(day_reason, if(run_sessions = 0, 'unchanged', null), if(is_day_pct_known, null, unknown_reason))
            ),
            row('change_wtd_points', week_points, 'points', week_base_date, week_reason),
            row('change_wtd_pct', week_pct, 'percent', week_base_date, week_reason),
            row('run_weeks', run_weeks, 'weeks', run_weeks_base_date, week_reason),
            row('run_weeks_points', run_weeks_points, 'points', run_weeks_base_date, week_reason),
            row('run_weeks_pct', run_weeks_pct, 'percent', run_weeks_base_date, week_reason),
            row(
                'run_weeks_points_largest_since', if(is_week_points_known, run_weeks_points, null), 'points', week_points_date,
                coalesce(week_reason, if(run_weeks = 0, 'unchanged', null), if(is_week_points_known, null, unknown_reason))
            ),
            row(
                'run_weeks_pct_largest_since', if(is_week_pct_known, run_weeks_pct, null), 'percent', week_pct_date,
                coalesce(week_reason, if(run_weeks = 0, 'unchanged', null), if(is_week_pct_known, null, unknown_reason))
            )
        ] as lines
    from run_texts
)

select *
from final
order by series_no, seq
