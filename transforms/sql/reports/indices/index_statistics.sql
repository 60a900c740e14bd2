/*
description: The index sheet of the daily report, one line of text for each subject, one row set per session.
grain: session_date x index_id x subject
materialized: table
blocks: {by: session_date, back: 0}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: BIGINT, unit: "", description: "Place of the line in the section: index by index."}
  - {name: index_id, type: VARCHAR, unit: "", description: "Id of the index."}
  - {name: subject, type: VARCHAR, unit: "", description: "Key of what the line is about: day, run_of_sessions, week, run_of_weeks, record_close, range_52w, year, to_date or since."}
  - {name: label_en, type: VARCHAR, unit: "", description: "What the line is about, in English."}
  - {name: label_zh, type: VARCHAR, unit: "", description: "What the line is about, in Chinese."}
  - {name: text_en, type: VARCHAR, unit: "", description: "The line in English, ready to print; null where nothing of it is known."}
  - {name: text_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
  - {name: note_en, type: VARCHAR, unit: "", description: "Why something of it is not known, in English."}
  - {name: note_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
invariants:
  - description: A line stands in both languages, or says in both why it does not.
    sql: >
      select * from reports.index_statistics where (text_en is null) <> (text_zh is null) or (note_en is null) <> (note_zh is null)
      or (text_en is null and note_en is null)
evidence:
  rows:
    - dataset: index_bars
      sql: >
        with days as (
        select s.since_date, string_agg(s.statistic, ', ' order by s.statistic) as statistics from marts.index_statistics as s
        where s.session_date = $session_date and s.index_id = $index_id and s.since_date < $session_date and s.statistic like case $subject
        when 'day' then 'change_1d%' when 'run_of_sessions' then 'run_%' when 'week' then 'change_wtd%' when 'run_of_weeks' then 'run_weeks%'
        when 'record_close' then '%record_close%' when 'range_52w' then '%52w%' when 'year' then '%year%' when 'to_date' then 'change_%td_%'
        else 'since%' end and not ($subject = 'run_of_sessions' and s.statistic like 'run_weeks%')
        group by s.since_date
        )
        select if(b.session_date = $session_date, 'close', d.statistics) as role, b.*
        from lake.index_bars as b
        inner join marts.index_returns as r on b.symbol = r.index_id and r.session_date = $session_date and b.source = r.source
        left join days as d on b.session_date = d.since_date
        where b.symbol = $index_id and b.is_final and (b.session_date = $session_date or d.since_date is not null)
        order by b.session_date desc
*/
with statistics_by_line as (
    select *
    from (
        values
        (1, 'day', ['close', 'change_1d_points', 'change_1d_pct']),
        (2, 'run_of_sessions', ['run_sessions', 'run_points', 'run_pct', 'run_pct_largest_since']),
        (3, 'week', ['change_wtd_points', 'change_wtd_pct']),
        (4, 'run_of_weeks', ['run_weeks', 'run_weeks_points', 'run_weeks_pct', 'run_weeks_pct_largest_since']),
        (5, 'record_close', ['from_record_close_pct']),
        (6, 'range_52w', ['from_high_52w_pct', 'from_low_52w_pct', 'change_52w_pct']),
        (7, 'year', ['from_high_year_pct', 'from_low_year_pct', 'nth_highest_of_year', 'nth_lowest_of_year']),
        (8, 'to_date', ['change_mtd_points', 'change_mtd_pct', 'change_ytd_points', 'change_ytd_pct']),
        (9, 'since', [])
    ) as listed (line, subject, statistics)
),

-- of each day that a change is counted from, the text but for its percents
anchor_texts as (
    select
        anchor_date,
        'since_' || anchor_date || '_pct' as statistic,
        filled($en['index_statistics.since_anchor'], 'name', name_en, 'day', day_en(anchor_date)) as text_en,
        filled($zh['index_statistics.since_anchor'], 'name', name_zh, 'day', day_zh(anchor_date)) as text_zh
    from intermediate.anchor_dates
),

index_sheets as (
    select
        s.session_date,
        s.index_id,
        max(s.value) filter (where s.statistic = 'close') as close,
        max(s.value) filter (where s.statistic = 'change_1d_points') as points_1d,
        max(s.value) filter (where s.statistic = 'change_1d_pct') as pct_1d,
        max(s.value) filter (where s.statistic = 'run_sessions') as run_sessions,
        max(s.value) filter (where s.statistic = 'run_points') as run_points,
        max(s.value) filter (where s.statistic = 'run_pct') as run_pct,
        max(s.value) filter (where s.statistic = 'run_pct_largest_since') as run_largest,
        max(s.value) filter (where s.statistic = 'change_wtd_points') as points_wtd,
        max(s.value) filter (where s.statistic = 'change_wtd_pct') as pct_wtd,
        max(s.value) filter (where s.statistic = 'run_weeks') as run_weeks,
        max(s.value) filter (where s.statistic = 'run_weeks_points') as run_weeks_points,
        max(s.value) filter (where s.statistic = 'run_weeks_pct') as run_weeks_pct,
        max(s.value) filter (where s.statistic = 'run_weeks_pct_largest_since') as run_weeks_largest,
        max(s.value) filter (where s.statistic = 'record_close') as record_close,
        max(s.value) filter (where s.statistic = 'from_record_close_pct') as from_record,
        max(s.value) filter (where s.statistic = 'high_52w') as high_52w,
        max(s.value) filter (where s.statistic = 'from_high_52w_pct') as from_high_52w,
        max(s.value) filter (where s.statistic = 'low_52w') as low_52w,
        max(s.value) filter (where s.statistic = 'from_low_52w_pct') as from_low_52w,
        max(s.value) filter (where s.statistic = 'change_52w_pct') as pct_52w,
        max(s.value) filter (where s.statistic = 'high_year') as high_year,
        max(s.value) filter (where s.statistic = 'from_high_year_pct') as from_high_year,
        max(s.value) filter (where s.statistic = 'low_year') as low_year,
        max(s.value) filter (where s.statistic = 'from_low_year_pct') as from_low_year,
        max(s.value) filter (where s.statistic = 'nth_highest_of_year') as highest,
        max(s.value) filter (where s.statistic = 'nth_lowest_of_year') as lowest,
        max(s.value) filter (where s.statistic = 'change_mtd_points') as points_mtd,
        max(s.value) filter (where s.statistic = 'change_mtd_pct') as pct_mtd,
        max(s.value) filter (where s.statistic = 'change_ytd_points') as points_ytd,
        max(s.value) filter (where s.statistic = 'change_ytd_pct') as pct_ytd,
        max(s.since_date) filter (where s.statistic = 'run_pct_largest_since') as run_largest_date,
        max(s.since_date) filter (where s.statistic = 'run_weeks_pct_largest_since') as run_weeks_largest_date,
        max(s.since_date) filter (where s.statistic = 'record_close') as record_date,
        max(s.since_date) filter (where s.statistic = 'high_52w') as high_52w_date,
        max(s.since_date) filter (where s.statistic = 'low_52w') as low_52w_date,
        max(s.since_date) filter (where s.statistic = 'high_year') as high_year_date,
        max(s.since_date) filter (where s.statistic = 'low_year') as low_year_date,
        max(s.since_date) filter (where s.statistic = 'change_mtd_pct') as mtd_date,
        max(s.since_date) filter (where s.statistic = 'change_ytd_pct') as ytd_date,
        string_agg(
            replace(a.text_en, '{pct}', signed(s.value, 2)), $en['index_statistics.comma'] order by a.anchor_date
        ) filter (where a.anchor_date is not null) as anchors_en,
        string_agg(
            replace(a.text_zh, '{pct}', signed(s.value, 2)), $zh['index_statistics.comma'] order by a.anchor_date
        ) filter (where a.anchor_date is not null) as anchors_zh,
        -- a series younger than a year has no records that a desk would print
        if(max(s.value) filter (where s.statistic in ('high_52w', 'low_52w')) is null, null, 'ever') as ever
    from marts.index_statistics as s
    left join anchor_texts as a on s.statistic = a.statistic
    group by s.session_date, s.index_id
),

line_texts as (
    select
        session_date,
        index_id,
        [
            joined_by($en['index_statistics.comma'], plain(close, 2), change_text('en', points_1d, pct_1d)),
            run_text(
                'en', 'sessions', run_sessions, run_points, run_pct,
                if(run_largest is null or session_date - run_largest_date < 14, null, coalesce(day_en(run_largest_date), ever))
            ),
            change_text('en', points_wtd, pct_wtd),
            run_text(
                'en', 'weeks', run_weeks, run_weeks_points, run_weeks_pct,
                if(
                    run_weeks_largest is null or session_date - run_weeks_largest_date < 28,
                    null,
                    coalesce(day_en(run_weeks_largest_date), ever)
                )
            ),
            filled(
                text_of('en', 'index_statistics.record.' || distance_code(if(ever is null, null, from_record))),
                'pct', plain(abs(from_record), 2), 'level', plain(record_close, 2), 'day', day_en(record_date)
            ),
            joined_by(
                $en['index_statistics.comma'],
                filled(
                    text_of('en', 'index_statistics.high_52w.' || distance_code(from_high_52w)),
                    'pct', plain(abs(from_high_52w), 2), 'level', plain(high_52w, 2), 'day', day_en(high_52w_date)
                ),
                filled(
                    text_of('en', 'index_statistics.low_52w.' || distance_code(from_low_52w)),
                    'pct', plain(abs(from_low_52w), 2), 'level', plain(low_52w, 2), 'day', day_en(low_52w_date)
                ),
                filled($en['index_statistics.from_52w'], 'pct', signed(pct_52w, 2))
            ),
            joined_by(
                $en['index_statistics.comma'],
                filled(
                    text_of('en', 'index_statistics.high_year.' || distance_code(if(high_year = low_year, null, from_high_year))),
                    'pct', plain(abs(from_high_year), 2), 'level', plain(high_year, 2), 'day', day_en(high_year_date)
                ),
                filled(
                    text_of('en', 'index_statistics.low_year.' || distance_code(if(high_year = low_year, null, from_low_year))),
                    'pct', plain(abs(from_low_year), 2), 'level', plain(low_year, 2), 'day', day_en(low_year_date)
                ),
                -- a place among fewer than five closes, or behind the tenth, is no news; the nearer end is named
                text_of('en', 'index_statistics.nth_' || case
                    when lowest + highest < 6 then null
                    when lowest < highest and lowest <= 10 then 'lowest.' || cast(lowest as integer)
                    when highest <= lowest and highest <= 10 then 'highest.' || cast(highest as integer)
                end)
            ),
            joined_by(
                $en['index_statistics.comma'],
                if(mtd_date = ytd_date, null, filled($en['index_statistics.mtd'], 'change', change_text('en', points_mtd, pct_mtd))),
                filled(
                    text_of('en', 'index_statistics.' || if(mtd_date = ytd_date, 'mtd_and_ytd', 'ytd')),
                    'change', change_text('en', points_ytd, pct_ytd)
                )
            ),
            anchors_en
        ] as texts_en,
        [
            joined_by($zh['index_statistics.comma'], plain(close, 2), change_text('zh', points_1d, pct_1d)),
            run_text(
                'zh', 'sessions', run_sessions, run_points, run_pct,
                if(run_largest is null or session_date - run_largest_date < 14, null, coalesce(day_zh(run_largest_date), ever))
            ),
            change_text('zh', points_wtd, pct_wtd),
            run_text(
                'zh', 'weeks', run_weeks, run_weeks_points, run_weeks_pct,
                if(
                    run_weeks_largest is null or session_date - run_weeks_largest_date < 28,
                    null,
                    coalesce(day_zh(run_weeks_largest_date), ever)
                )
            ),
            filled(
                text_of('zh', 'index_statistics.record.' || distance_code(if(ever is null, null, from_record))),
                'pct', plain(abs(from_record), 2), 'level', plain(record_close, 2), 'day', day_zh(record_date)
            ),
            joined_by(
                $zh['index_statistics.comma'],
                filled(
                    text_of('zh', 'index_statistics.high_52w.' || distance_code(from_high_52w)),
                    'pct', plain(abs(from_high_52w), 2), 'level', plain(high_52w, 2), 'day', day_zh(high_52w_date)
                ),
                filled(
                    text_of('zh', 'index_statistics.low_52w.' || distance_code(from_low_52w)),
                    'pct', plain(abs(from_low_52w), 2), 'level', plain(low_52w, 2), 'day', day_zh(low_52w_date)
                ),
                filled($zh['index_statistics.from_52w'], 'pct', signed(pct_52w, 2))
            ),
            joined_by(
                $zh['index_statistics.comma'],
                filled(
                    text_of('zh', 'index_statistics.high_year.' || distance_code(if(high_year = low_year, null, from_high_year))),
                    'pct', plain(abs(from_high_year), 2), 'level', plain(high_year, 2), 'day', day_zh(high_year_date)
                ),
                filled(
                    text_of('zh', 'index_statistics.low_year.' || distance_code(if(high_year = low_year, null, from_low_year))),
                    'pct', plain(abs(from_low_year), 2), 'level', plain(low_year, 2), 'day', day_zh(low_year_date)
                ),
                -- a place among fewer than five closes, or behind the tenth, is no news; the nearer end is named
                text_of('zh', 'index_statistics.nth_' || case
                    when lowest + highest < 6 then null
                    when lowest < highest and lowest <= 10 then 'lowest.' || cast(lowest as integer)
                    when highest <= lowest and highest <= 10 then 'highest.' || cast(highest as integer)
                end)
            ),
            joined_by(
                $zh['index_statistics.comma'],
                if(mtd_date = ytd_date, null, filled($zh['index_statistics.mtd'], 'change', change_text('zh', points_mtd, pct_mtd))),
                filled(
                    text_of('zh', 'index_statistics.' || if(mtd_date = ytd_date, 'mtd_and_ytd', 'ytd')),
                    'change', change_text('zh', points_ytd, pct_ytd)
                )
            ),
            anchors_zh
        ] as texts_zh
    from index_sheets
),

reasons_by_line as (
    select
        s.session_date,
        s.index_id,
        coalesce(p.line, 9) as line,
        array_to_string(list_sort(list(distinct s.reason)), '; ') as reason
    from marts.index_statistics as s
    left join statistics_by_line as p on list_contains(p.statistics, s.statistic)
    where
        s.reason is not null
        and s.reason <> 'unchanged'
        and (p.line is not null or (starts_with(s.statistic, 'since_') and ends_with(s.statistic, '_pct')))
    group by s.session_date, s.index_id, coalesce(p.line, 9)
),

reason_texts as (
    select
        reason,
        note('en', reason) as note_en,
        note('zh', reason) as note_zh
    from (select distinct r.reason from reasons_by_line as r) as distinct_reasons
),

-- a line has its own text alone from here on, for the sort carries all that it has
texts_by_line as (
    select
        t.session_date,
        t.index_id,
        p.line,
        t.texts_en[p.line] as text_en,
        t.texts_zh[p.line] as text_zh
    from line_texts as t
    cross join statistics_by_line as p
),

labels_by_line as (
    select
        line,
        subject,
        text_of('en', 'index_statistics.' || subject) as label_en,
        text_of('zh', 'index_statistics.' || subject) as label_zh
    from statistics_by_line
),

final as (
    select
        t.session_date,
        row_number() over (
            partition by t.session_date
            order by
                coalesce(
                    list_position(['SPX', 'COMP', 'DJI', 'RUT', 'NDX', 'MID', 'SML', 'RUI', 'RUA', 'VIX', 'RTY'], t.index_id), 99
                ),
                t.index_id,
                t.line
        ) as position,
        t.index_id,
        p.subject,
        p.label_en,
        p.label_zh,
        t.text_en,
        t.text_zh,
        n.note_en,
        n.note_zh
    from texts_by_line as t
    inner join labels_by_line as p on t.line = p.line
    left join reasons_by_line as r on t.session_date = r.session_date and t.index_id = r.index_id and t.line = r.line
    left join reason_texts as n on r.reason = n.reason
    -- a day without a close has one line, an anchor that lies ahead none
    where t.text_en is not null or n.note_en is not null
)

select *
from final
order by session_date, position
