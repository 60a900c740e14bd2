/*
description: >
  For each series of an index and each session: the highest and lowest close so far, of the last 52 weeks (a calendar year back)
  and of the year, each with its session, and where the close ranks in the year. A span of which over 4 % of the sessions are
  absent has no extremes.
grain: series_no x seq
materialized: table
publish: false
columns:
  - {name: series_no, type: INTEGER, unit: "", description: "Number of the series in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: first_date, type: DATE, unit: "", description: "First session of the series."}
  - {name: absent, type: BIGINT, unit: sessions, description: "Absent sessions since then."}
  - {name: absent_52w, type: BIGINT, unit: sessions, description: "Absent sessions of the last 52 weeks, those before the series counted."}
  - {name: absent_year, type: BIGINT, unit: sessions, description: "Absent sessions of the year so far, those before the series counted."}
  - {name: record_e6, type: BIGINT, unit: 1e-6 points, description: "Highest close so far; null where too many are absent."}
  - {name: record_seq, type: INTEGER, unit: sessions, description: "Its session; of equal closes the first."}
  - {name: high_52w_e6, type: BIGINT, unit: 1e-6 points, description: "Highest close of the last 52 weeks."}
  - {name: high_52w_seq, type: INTEGER, unit: sessions, description: "Its session."}
  - {name: low_52w_e6, type: BIGINT, unit: 1e-6 points, description: "Lowest close of the last 52 weeks."}
  - {name: low_52w_seq, type: INTEGER, unit: sessions, description: "Its session."}
  - {name: high_year_e6, type: BIGINT, unit: 1e-6 points, description: "Highest close of the year so far."}
  - {name: high_year_seq, type: INTEGER, unit: sessions, description: "Its session."}
  - {name: low_year_e6, type: BIGINT, unit: 1e-6 points, description: "Lowest close of the year so far."}
  - {name: low_year_seq, type: INTEGER, unit: sessions, description: "Its session."}
  - {name: highest_place, type: BIGINT, unit: "", description: "1 + closes of the year so far that are higher."}
  - {name: lowest_place, type: BIGINT, unit: "", description: "1 + closes of the year so far that are lower."}
invariants:
  - description: A close is not above its record nor outside its year.
    sql: >
      select r.seq from intermediate.index_levels as r inner join intermediate.index_runs as c
      on r.series_no = c.series_no and r.seq = c.seq where c.close_e6 > r.record_e6 or c.close_e6 > r.high_52w_e6
      or c.close_e6 < r.low_52w_e6 or c.close_e6 > r.high_year_e6 or c.close_e6 < r.low_year_e6
*/
with year_starts as (
    select
        seq,
        session_date,
        year(session_date) as year_no,
        min(seq) over (partition by year(session_date)) as year_seq
    from staging.sessions
),

-- the session that a calendar year back reaches: on that day or after it
sessions_52w_ago as (
    select
        y.seq,
        y.year_no,
        y.year_seq,
        b.seq as back_seq
    from year_starts as y
    asof left join staging.sessions as b on y.session_date - interval 1 year <= b.session_date
),

-- close and session in one number, the close in front: the extreme of it is the extreme close and its first session
-- (2^16 sessions are 260 years)
close_keys as (
    select
        r.series_no,
        r.seq,
        r.session_date,
        r.place,
        r.close_e6,
        k.year_no,
        k.year_seq,
        k.back_seq,
        r.close_e6 * 65536 + (65535 - r.seq) as high_key,
        r.close_e6 * 65536 + r.seq as low_key,
        first_value(r.session_date) over (partition by r.series_no order by r.seq) as first_date,
        first_value(r.seq) over (partition by r.series_no order by r.seq) as first_seq
    from intermediate.index_runs as r
    inner join sessions_52w_ago as k on r.seq = k.seq
),

highs_and_lows as (
    select
        *,
        max(high_key) over (partition by series_no order by seq) as record_key,
        max(high_key) over back as high_52w_key,
        min(low_key) over back as low_52w_key,
        max(high_key) over this_year as high_year_key,
        min(low_key) over this_year as low_year_key,
        count(*) over back as closes_52w,
        count(*) over this_year as closes_year
    from close_keys
    window
        back as (partition by series_no order by session_date range between interval 1 year preceding and current row),
        this_year as (partition by series_no, year_no order by seq)
),

year_ranks as (
    select
        t.series_no,
        t.seq,
        1 + count(*) filter (where o.close_e6 > t.close_e6) as highest_place,
        1 + count(*) filter (where o.close_e6 < t.close_e6) as lowest_place
    from close_keys as t
    inner join close_keys as o on t.series_no = o.series_no and t.year_no = o.year_no and t.seq >= o.seq
    group by t.series_no, t.seq
),

-- at most 4 % may be absent, one always
absent_sessions as (
    select
        *,
        seq - first_seq + 1 - place as absent,
        seq - back_seq + 1 - closes_52w as absent_52w,
        seq - year_seq + 1 - closes_year as absent_year,
        absent <= greatest(1, 0.04 * (seq - first_seq + 1)) as is_record_known,
        absent_52w <= greatest(1, 0.04 * (seq - back_seq + 1)) as is_52w_known,
        absent_year <= greatest(1, 0.04 * (seq - year_seq + 1)) as is_year_known
    from highs_and_lows
),

final as (
    select
        j.series_no,
        j.seq,
        j.first_date,
        j.absent,
        j.absent_52w,
        j.absent_year,
        case when j.is_record_known then j.record_key >> 16 end as record_e6,
        case when j.is_record_known then cast(65535 - (j.record_key & 65535) as integer) end as record_seq,
        case when j.is_52w_known then j.high_52w_key >> 16 end as high_52w_e6,
        case when j.is_52w_known then cast(65535 - (j.high_52w_key & 65535) as integer) end as high_52w_seq,
        case when j.is_52w_known then j.low_52w_key >> 16 end as low_52w_e6,
        case when j.is_52w_known then cast(j.low_52w_key & 65535 as integer) end as low_52w_seq,
        case when j.is_year_known then j.high_year_key >> 16 end as high_year_e6,
        case when j.is_year_known then cast(65535 - (j.high_year_key & 65535) as integer) end as high_year_seq,
        case when j.is_year_known then j.low_year_key >> 16 end as low_year_e6,
        case when j.is_year_known then cast(j.low_year_key & 65535 as integer) end as low_year_seq,
        case when j.is_year_known then r.highest_place end as highest_place,
        case when j.is_year_known then r.lowest_place end as lowest_place
    from absent_sessions as j
    inner join year_ranks as r on j.series_no = r.series_no and j.seq = r.seq
)

select *
from final
order by series_no, seq
