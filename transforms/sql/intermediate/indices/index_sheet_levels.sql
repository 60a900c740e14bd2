/*
description: The lines of the index sheet on extremes of closes and ranks in the year, by series.
grain: series_no x seq
materialized: table
publish: false
columns:
  - {name: series_no, type: INTEGER, unit: "", description: "Number of the series in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - name: lines
    type: 'STRUCT(statistic VARCHAR, "value" DOUBLE, unit VARCHAR, since_date DATE, "text" VARCHAR, reason VARCHAR)[]'
    unit: ""
    description: "Lines of the sheet: name, value, unit, the session it is compared with, text as printed, why there is no value."
*/
with levels as (
    select
        l.*,
        r.close_e6,
        a.session_date as record_date,
        b.session_date as high_52w_date,
        c.session_date as low_52w_date,
        d.session_date as high_year_date,
        e.session_date as low_year_date,
        ['', 'second ', 'third ', 'fourth ', 'fifth ', 'sixth ', 'seventh ', 'eighth ', 'ninth ', 'tenth '] as words,
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

level_texts as (
    select
        *,
        'record close ' || printf('%.2f', record_e6 / 1e6) || ' of ' || record_date as record_text,
        '52-week high ' || printf('%.2f', high_52w_e6 / 1e6) || ' of ' || high_52w_date as high_52w_text,
        '52-week low ' || printf('%.2f', low_52w_e6 / 1e6) || ' of ' || low_52w_date as low_52w_text,
        'year''s high ' || printf('%.2f', high_year_e6 / 1e6) || ' of ' || high_year_date as high_year_text,
        'year''s low ' || printf('%.2f', low_year_e6 / 1e6) || ' of ' || low_year_date as low_year_text,
        100 * (close_e6 / record_e6 - 1) as from_record,
        100 * (close_e6 / high_52w_e6 - 1) as from_high_52w,
        100 * (close_e6 / low_52w_e6 - 1) as from_low_52w,
        100 * (close_e6 / high_year_e6 - 1) as from_high_year,
        100 * (close_e6 / low_year_e6 - 1) as from_low_year,
        coalesce(
            words[highest_place],
            highest_place || if(highest_place % 100 between 11 and 13, 'th ', coalesce(['st ', 'nd ', 'rd '][highest_place % 10], 'th '))
        ) as highest_word,
        coalesce(
            words[lowest_place],
            lowest_place || if(lowest_place % 100 between 11 and 13, 'th ', coalesce(['st ', 'nd ', 'rd '][lowest_place % 10], 'th '))
        ) as lowest_word
    from levels
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
                'text': record_text,
                'reason': record_reason
            },
            row(
                'from_record_close_pct', from_record, 'percent', record_date,
                if(from_record = 0, 'at the ', printf('%.2f %% below the ', -from_record)) || record_text, record_reason
            ),
            row('high_52w', high_52w_e6 / 1e6, 'points', high_52w_date, high_52w_text, reason_52w),
            row(
                'from_high_52w_pct', from_high_52w, 'percent', high_52w_date,
                if(from_high_52w = 0, 'at the ', printf('%.2f %% below the ', -from_high_52w)) || high_52w_text, reason_52w
            ),
            row('low_52w', low_52w_e6 / 1e6, 'points', low_52w_date, low_52w_text, reason_52w),
            row(
                'from_low_52w_pct', from_low_52w, 'percent', low_52w_date,
                if(from_low_52w = 0, 'at the ', printf('up %.2f %% from the ', from_low_52w)) || low_52w_text, reason_52w
            ),
            row('high_year', high_year_e6 / 1e6, 'points', high_year_date, high_year_text, year_reason),
            row(
                'from_high_year_pct', from_high_year, 'percent', high_year_date,
                if(from_high_year = 0, 'at the ', printf('%.2f %% below the ', -from_high_year)) || high_year_text, year_reason
            ),
            row('low_year', low_year_e6 / 1e6, 'points', low_year_date, low_year_text, year_reason),
            row(
                'from_low_year_pct', from_low_year, 'percent', low_year_date,
                if(from_low_year = 0, 'at the ', printf('up %.2f %% from the ', from_low_year)) || low_year_text, year_reason
            ),
            row('nth_highest_of_year', highest_place, 'place', null, highest_word || 'highest close of the year', year_reason),
            row('nth_lowest_of_year', lowest_place, 'place', null, lowest_word || 'lowest close of the year', year_reason)
        ] as lines
    from level_texts
)

select *
from final
order by series_no, seq
