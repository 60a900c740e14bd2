/*
description: >
  The sheet that a news desk prints at the close: for each index and session its changes, runs, distances and ranks. Price indices, without dividends; every figure from one series, the best ranked that has it.
  From 2015 on.
grain: session_date x index_id x statistic
materialized: table
blocks: {by: session_date, back: 0}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: index_id, type: VARCHAR, unit: "", description: "Id of the index."}
  - {name: statistic, type: VARCHAR, unit: "", description: "Name of the statistic; those of a day in anchor_dates are since_DATE_points and since_DATE_pct."}
  - {name: value, type: DOUBLE, unit: see the column unit, description: "The statistic; distances and changes are signed, a run downwards is negative."}
  - {name: unit, type: VARCHAR, unit: "", description: "points, percent, sessions, weeks or place."}
  - {name: since_date, type: DATE, unit: "", description: "The session that the statistic is counted from or compared with."}
  - {name: reason, type: VARCHAR, unit: "", description: "Why the value is null; null where it is not."}
invariants:
  - description: No value has a reason.
    sql: select * from marts.index_statistics where (value is null) <> (reason is not null)
  - description: Nothing is counted from a later session.
    sql: select * from marts.index_statistics where since_date > session_date
method:
  - id: index_statistics
    version: 2
    formula: >
      changes C_t - C_base and 100 (C_t / C_base - 1); runs of sessions (weeks) with changes of one sign; the last earlier session
      (ended week) whose change over as many sessions (weeks) was at least as large; extremes of closes and ranks among them
    parameters: 52 weeks ago is 364 days back, the 52-week range is a calendar year; at most 4 % of a range absent, one always allowed
    citation: the daily sheet of Dow Jones Market Data, as newspapers print it
    oracle: the sheet of the S&P 500 published for 2026-01-23
    deviations: >
      records count from the first close of the series; before 1970 the calendar takes most holidays as sessions, so they end runs
      there, and it holds no Saturdays, which were sessions until May 1952; the week so far stands for a week until it ends
evidence:
  rows:
    - dataset: index_bars
      sql: >
        select case b.session_date when $session_date then 'close' when $since_date then 'since' else 'session before' end as role, b.*
        from lake.index_bars as b cross join asked.base as w
        inner join marts.index_returns as r on b.symbol = r.index_id and r.session_date = $session_date and b.source = r.source
        where b.symbol = $index_id and b.is_final and b.session_date in ($session_date, $since_date, w.base_date)
        order by b.session_date desc
*/
with index_changes as (
    select
        b.series_no,
        b.seq,
        b.base_name,
        b.base_date,
        if(starts_with(b.base_name, 'since_'), '', 'change_') || b.base_name as name,
        (r.close_e6 - b.base_e6) / 1e6 as points,
        100 * (r.close_e6 / b.base_e6 - 1) as pct,
        case when b.base_e6 is null then 'no close of ' || b.base_date end as reason
    from intermediate.index_bases as b
    inner join intermediate.index_runs as r on b.series_no = r.series_no and b.seq = r.seq
),

statistic_lines as (
    select
        series_no,
        seq,
        unnest(lines, recursive := true)
    from intermediate.index_sheet_runs
    union all
    select
        series_no,
        seq,
        unnest(lines, recursive := true)
    from intermediate.index_sheet_levels
    union all
    select
        series_no,
        seq,
        name || '_points' as statistic,
        points as value,
        'points' as unit,
        base_date as since_date,
        reason
    from index_changes
    union all
    select
        series_no,
        seq,
        name || '_pct' as statistic,
        pct as value,
        'percent' as unit,
        base_date as since_date,
        reason
    from index_changes
),

index_series as (
    select
        series_no,
        index_id,
        series_rank,
        is_joined,
        seq,
        session_date,
        count(*) over (partition by index_id, seq) > 1 as is_contested
    from intermediate.index_runs
),

lines_by_session as (
    select
        s.index_id,
        s.session_date,
        s.series_rank,
        s.is_joined,
        s.is_contested,
        l.* exclude (series_no)
    from statistic_lines as l
    inner join index_series as s on l.series_no = s.series_no and l.seq = s.seq
),

-- where several series have the session, each change is taken from the best ranked that has it, as in marts.index_returns; runs, records
-- and extremes are those of what is in force, which goes on where a series begins anew
preferred_lines as (
    select *
    from lines_by_session
    where not is_contested
    union all
    select *
    from lines_by_session
    where is_contested
    qualify
        row_number() over (
            partition by index_id, seq, statistic order by value is null, is_joined = regexp_matches(statistic, '^(change|since)_'), series_rank
        ) = 1
),

final as (
    select
        session_date,
        index_id,
        statistic,
        value,
        unit,
        if(value is null, null, since_date) as since_date,
        if(value is null, reason, null) as reason
    from preferred_lines
    union all
    select
        session_date,
        index_id,
        'close' as statistic,
        null as value,
        'points' as unit,
        null as since_date,
        reason
    from marts.index_returns
    -- as long as sheets are printed
    where close is null and session_date >= date '2015-01-01'
)

select *
from final
order by session_date, index_id, statistic
