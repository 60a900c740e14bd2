/*
description: The lines of the index sheet on extremes of closes and ranks in the year, by series.
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
with levels_with_dates as (
    select
        l.*,
        r.close_e6,
        a.session_date as record_date,
        b.session_date as high_52w_date,
        c.session_date as low_52w_date,
        d.session_date as high_year_date,
        e.session_date as low_year_date,
        case when l.record_e6 is null then l.absent || ' sessions since ' || l.first_date || ' are absent' end as record_reason,
        case when l.high_52w_e6 is null then l.absent_52w || ' sessions of the last 52 weeks are absent' end as reason_52w,
        case when l.high_year_e6 is null then l.absent_year || ' sessions of the year so far are absent' end as year_reason
    from intermediate.index_levels as l
    inner join intermediate.index_runs as r on l.series_no = r.series_no and l.seq = r.seq
    left join staging.sessions as a on l.record_seq = a.seq
    left join staging.sessions as b on l.high_52w_seq = b.seq
    left join staging.sessions as c on l.low_52w_seq = c.seq
    left join staging.sessions as d on l.high_year_seq = d.seq
    left join staging.sessions as e on l.low_year_seq = e.seq
    where r.is_printed
),

final as (
    select
        series_no,
        seq,
        [
            {
                'statistic': 'record_close',
                'value': record_e6 / 1e6,
                'unit': 'points',
                'since_date': record_date,
                'reason': record_reason
            },
            row('from_record_close_pct', 100 * (close_e6 / record_e6 - 1), 'percent', record_date, record_reason),
            row('high_52w', high_52w_e6 / 1e6, 'points', high_52w_date, reason_52w),
            row('from_high_52w_pct', 100 * (close_e6 / high_52w_e6 - 1), 'percent', high_52w_date, reason_52w),
            row('low_52w', low_52w_e6 / 1e6, 'points', low_52w_date, reason_52w),
            row('from_low_52w_pct', 100 * (close_e6 / low_52w_e6 - 1), 'percent', low_52w_date, reason_52w),
            row('high_year', high_year_e6 / 1e6, 'points', high_year_date, year_reason),
            row('from_high_year_pct', 100 * (close_e6 / high_year_e6 - 1), 'percent', high_year_date, year_reason),
            row('low_year', low_year_e6 / 1e6, 'points', low_year_date, year_reason),
            row('from_low_year_pct', 100 * (close_e6 / low_year_e6 - 1), 'percent', low_year_date, year_reason),
            row('nth_highest_of_year', highest_place, 'place', null, year_reason),
            row('nth_lowest_of_year', lowest_place, 'place', null, year_reason)
        ] as lines
    from levels_with_dates
)

select *
from final
order by series_no, seq
