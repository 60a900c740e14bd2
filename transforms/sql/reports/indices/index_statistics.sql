/*
description: The index sheet of the daily report, one line of text for each subject, one row set per session.
grain: session_date x index_id x subject
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: index_id, type: VARCHAR, unit: "", description: "Id of the index."}
  - {name: position, type: INTEGER, unit: "", description: "Place of the line in the sheet of the index."}
  - {name: subject, type: VARCHAR, unit: "", description: "What the line is about."}
  - {name: text, type: VARCHAR, unit: "", description: "The line, ready to print; null where nothing of it is known."}
  - {name: note, type: VARCHAR, unit: "", description: "Why something of it is not known."}
evidence:
  of: marts.index_statistics
*/
with subjects as (
    select *
    from (
        values
        (1, 'day', 1, 'close'),
        (1, 'day', 2, 'change_1d_points'),
        (1, 'day', 3, 'change_1d_pct'),
        (2, 'run of sessions', 1, 'run_sessions'),
        (2, 'run of sessions', 2, 'run_points'),
        (2, 'run of sessions', 3, 'run_pct'),
        (2, 'run of sessions', 4, 'run_pct_largest_since'),
        (3, 'week', 1, 'change_wtd_points'),
        (3, 'week', 2, 'change_wtd_pct'),
        (4, 'run of weeks', 1, 'run_weeks'),
        (4, 'run of weeks', 2, 'run_weeks_points'),
        (4, 'run of weeks', 3, 'run_weeks_pct'),
        (4, 'run of weeks', 4, 'run_weeks_pct_largest_since'),
        (5, 'record close', 1, 'from_record_close_pct'),
        (6, '52 weeks', 1, 'from_high_52w_pct'),
        (6, '52 weeks', 2, 'from_low_52w_pct'),
        (6, '52 weeks', 3, 'change_52w_pct'),
        (7, 'year', 1, 'from_high_year_pct'),
        (7, 'year', 2, 'from_low_year_pct'),
        (7, 'year', 3, 'nth_highest_of_year'),
        (7, 'year', 4, 'nth_lowest_of_year'),
        (8, 'to date', 1, 'change_mtd_points'),
        (8, 'to date', 2, 'change_mtd_pct'),
        (8, 'to date', 3, 'change_ytd_points'),
        (8, 'to date', 4, 'change_ytd_pct')
    ) as listed (position, subject, place, statistic)
),

statistics_by_subject as (
    select
        s.session_date,
        s.index_id,
        coalesce(p.position, 9) as position,
        coalesce(p.subject, 'since a day') as subject,
        coalesce(p.place, 0) as place,
        s.statistic,
        s.text,
        s.reason
    from marts.index_statistics as s
    left join subjects as p on s.statistic = p.statistic
    where p.statistic is not null or (starts_with(s.statistic, 'since_') and ends_with(s.statistic, '_pct'))
),

final as (
    select
        session_date,
        index_id,
        position,
        subject,
        string_agg(text, ', ' order by place, statistic) as text,
        array_to_string(list_sort(list(distinct reason) filter (where reason is not null)), '; ') as note
    from statistics_by_subject
    group by session_date, index_id, position, subject
)

select *
from final
order by session_date, index_id, position
