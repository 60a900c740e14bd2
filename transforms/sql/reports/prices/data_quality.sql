/*
description: >
  What is amiss with the data of each session, one row set per session. The first row is the whole in one line. Good: nothing is missing,
  broken or filled, and at most 1 % of the rows of stocks are set aside or for review. Poor: a dataset lacks the session, stocks are
  partial, or the breadth of the whole market or the S&P 500 is not defined. Fair: all else. A dataset without a row so far is named.
grain: session_date x item x subject
materialized: table
blocks: {by: session_date, back: 8}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: BIGINT, unit: "", description: "Place of the row in the section."}
  - {name: item, type: VARCHAR, unit: "", description: "Key of what the row is about: summary, session, index_close (an index with a close in the five sessions before has none, or it is set aside), suspect_rows, seam, breadth, fill, break (stocks, indices or ETFs go on in another series), disagreement, split."}
  - {name: label_en, type: VARCHAR, unit: "", description: "What the row is about, in English."}
  - {name: label_zh, type: VARCHAR, unit: "", description: "What the row is about, in Chinese."}
  - {name: subject, type: VARCHAR, unit: "", description: "The dataset, rule, symbol or universe that it is about, with the series where it is about these; all in the summary. Of a split of a stock its stable id."}
  - {name: subject_label_en, type: VARCHAR, unit: "", description: "The subject in English; as it is where it is a series, of a stock the symbol of that day."}
  - {name: subject_label_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
  - {name: status, type: VARCHAR, unit: "", description: "good, fair or poor; status of the session, rule, kind or fault of the split, or undefined."}
  - {name: rows, type: BIGINT, unit: rows, description: "How many rows it concerns."}
  - {name: universes, type: VARCHAR, unit: "", description: "How many of them are members of sp500 and russell2000 on the day; null where it is not about stocks or no list of members is there; of the summary: of its suspect rows."}
  - {name: note_en, type: VARCHAR, unit: "", description: "In words, in English."}
  - {name: note_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
invariants:
  - description: One row for each session, item and subject.
    sql: select session_date, item, subject from reports.data_quality group by session_date, item, subject having count(*) > 1
  - description: Every session has one summary, in both languages.
    sql: >
      select session_date from reports.data_quality group by session_date
      having count(*) filter (where item = 'summary' and note_en is not null and note_zh is not null) <> 1
evidence:
  rows:
    - dataset: index_bars
      sql: >
        select if(b.session_date = $session_date, 'of the session', 'beside it') as role, b.*
        from lake.index_bars as b
        inner join lake.sessions as s on b.session_date = s.session_date
        inner join lake.sessions as t on t.session_date = $session_date
        where split_part($subject, ' ', 1) = 'index_bars' and case $item
        when 'session' then s.seq = t.seq
        when 'fill' then s.seq between t.seq - 1 and t.seq and list_contains(string_split($subject, ' ')[3:], b.source) and b.symbol not in (
        select o.symbol from lake.index_bars as o where o.session_date = $session_date and o.source = split_part($subject, ' ', 3)
        and o.basis = split_part($subject, ' ', 4) and o.is_final)
        when 'break' then s.seq between t.seq - 5 and t.seq and list_contains(string_split($subject, ' ')[3:], b.source)
        when 'disagreement' then s.seq = t.seq and list_contains(string_split($subject, ' ')[3:], b.source)
        when 'index_close' then s.seq between t.seq - 5 and t.seq and b.symbol = split_part($subject, ' ', 2)
        else false end order by b.symbol, b.session_date, b.source
    - dataset: sector_bars
      sql: >
        select if(b.session_date = $session_date, 'of the session', 'beside it') as role, b.*
        from lake.sector_bars as b
        inner join lake.sessions as s on b.session_date = s.session_date
        inner join lake.sessions as t on t.session_date = $session_date
        where (split_part($subject, ' ', 1) = 'sector_bars' or $item = 'seam') and case $item
        when 'split' then s.seq between t.seq - 1 and t.seq and b.symbol = split_part($subject, ' ', 2)
        when 'session' then s.seq = t.seq
        when 'fill' then s.seq between t.seq - 1 and t.seq and list_contains(string_split($subject, ' ')[3:], b.source) and b.symbol not in (
        select o.symbol from lake.sector_bars as o where o.session_date = $session_date and o.source = split_part($subject, ' ', 3)
        and o.basis = split_part($subject, ' ', 4) and o.is_final)
        when 'break' then s.seq between t.seq - 5 and t.seq and list_contains(string_split($subject, ' ')[3:], b.source)
        when 'disagreement' then s.seq = t.seq and list_contains(string_split($subject, ' ')[3:], b.source)
        when 'seam' then s.seq between t.seq - 1 and t.seq and b.symbol = split_part($subject, ' ', 1)
        else false end order by b.symbol, b.session_date, b.source
    - dataset: equity_bars
      sql: >
        select if(b.session_date = $session_date, 'of the session', 'beside it') as role, b.*
        from lake.equity_bars as b
        inner join lake.sessions as s on b.session_date = s.session_date
        inner join lake.sessions as t on t.session_date = $session_date
        where case
        when $item = 'suspect_rows' then s.seq between t.seq - 1 and t.seq and b.symbol in (
        select r.symbol from marts.suspect_rows as r where r.session_date = $session_date and r.rule = $subject)
        when $item = 'split' then s.seq between t.seq - 1 and t.seq and b.symbol in (
        select p.symbol from marts.splits as p where p.session_date = $session_date and p.instrument_id = split_part($subject, ' ', 1)
        union select split_part(split_part($subject, ' ', 1), '@', 1))
        when $item = 'breadth' then s.seq between t.seq - 1 and t.seq and case
        when $subject in ('sp500', 'sp500_list', 'russell2000')
        then b.symbol in (select m.symbol from lake.memberships as m where m.universe = replace($subject, '_list', ''))
        when $subject like 'sector:%' then b.symbol in (select m.symbol from lake.memberships as m where m.sector = substr($subject, 8))
        when $subject like 'nasdaq_sector:%'
        then b.symbol in (select m.symbol from lake.securities as m where coalesce(m.sector, 'unknown') = substr($subject, 15))
        else true end
        when split_part($subject, ' ', 1) <> 'equity_bars' then false
        when $item = 'session' then s.seq = t.seq
        when $item = 'fill' then s.seq = t.seq and b.source = split_part($subject, ' ', 6) and b.basis = split_part($subject, ' ', 7)
        and b.symbol not in (
        select o.symbol from lake.equity_bars as o
        where o.session_date = $session_date and o.source = split_part($subject, ' ', 3) and o.basis = split_part($subject, ' ', 4) and o.is_final)
        when $item = 'disagreement' then s.seq = t.seq and list_contains(string_split($subject, ' ')[3:], b.source)
        else false end order by b.symbol, b.session_date, b.source
    - dataset: splits
      sql: >
        select 'given' as role, g.* from lake.splits as g
        where $item = 'split' and case when $subject = 'no_bearer' then g.ex_date = $session_date
        else abs(g.ex_date - $session_date) <= 10 and g.symbol in (
        select p.symbol from marts.splits as p where p.session_date = $session_date and p.instrument_id = $subject
        union select replace($subject, 'sector_bars ', '') union select split_part(split_part(replace($subject, 'sector_bars ', ''), ' ', 1), '@', 1)) end
*/
with suspect_counts as (
    select
        session_date,
        rule,
        bool_and(is_set_aside) as is_set_aside,
        count(distinct instrument_id) as rows
    from marts.suspect_rows
    group by session_date, rule
),

-- on sessions that other indices have closes of; one that nothing explains also where it is the only one
missing_closes as (
    select
        session_date,
        index_id,
        reason
    from marts.index_returns
    qualify
        close is null
        and (bool_or(close is not null) over (partition by session_date) or reason like 'nothing explains%')
        and bool_or(close is not null) over (partition by index_id order by session_date rows between 5 preceding and 1 preceding)
),

-- what a note says of a row: a text of data_quality with its values, or the reason of a mart
quality_lines as (
    select
        session_date,
        'session' as item,
        dataset as subject,
        status,
        rows,
        null as text,
        cast([] as varchar[]) as given,
        note as reason
    from intermediate.session_ledger
    where status <> 'present'
    union all by name
    select
        session_date,
        'index_close' as item,
        'index_bars ' || index_id as subject,
        index_id as shown,
        if(reason = 'no close of this session', 'missing', 'set aside') as status,
        1 as rows,
        reason
    from missing_closes
    union all by name
    select
        session_date,
        'suspect_rows' as item,
        rule as subject,
        if(rule = 'step_verdict', 'verdict', if(is_set_aside, 'set aside', 'for review')) as status,
        rows,
        'rule.' || rule as text,
        rule as reason
    from suspect_counts
    union all by name
    select
        session_date,
        'seam' as item,
        symbol || ' of ' || source || ' ' || basis as subject,
        evidence as status,
        1 as rows,
        'seam.' || evidence as text,
        ['other=' || coalesce(other_source, '')] as given
    from marts.series_seams
    union all by name
    select
        session_date,
        'split' as item,
        subject,
        coalesce(shown, 'no_bearer') as shown,
        status,
        rows,
        text,
        given
    from intermediate.split_notes
    union all by name
    select
        session_date,
        'breadth' as item,
        universe as subject,
        'undefined' as status,
        members - eligible as rows,
        reason
    from intermediate.breadth_sums
    where reason is not null
    union all by name
    select
        b.session_date,
        'listing' as item,
        b.universe as subject,
        'without bars' as status,
        b.listed_without_bars as rows,
        'listing' || if(b.listed_without_bars > 10, '_more', '') as text,
        ['names=' || n.shown, 'more=' || b.listed_without_bars - 10] as given
    from intermediate.breadth_sums as b
    asof inner join intermediate.listings_without_bars as n on b.universe = n.universe and b.session_date >= n.valid_from
    where b.listed_without_bars > 0
    union all by name
    select
        session_date,
        item,
        subject,
        status,
        rows,
        text,
        given
    from intermediate.series_notes
),

lines_with_counts as (
    select
        l.*,
        u.sp500,
        u.russell2000
    from quality_lines as l
    left join intermediate.touched_universes as u on l.session_date = u.session_date and l.item = u.item and l.subject = u.subject
),

counts_by_session as (
    select
        session_date,
        count(*) filter (
            where item = 'session' and (status = 'missing' or status = 'partial' and subject = 'equity_bars')
            or item = 'breadth' and subject in ('all', 'sp500')
        ) as grave,
        count(*) filter (where item not in ('split', 'listing', 'suspect_rows') or status in ('contradicted', 'early', 'rival')) as broken,
        sum(rows) filter (where item = 'suspect_rows' and status = 'set aside') as set_aside,
        sum(rows) filter (where status = 'for review') as for_review,
        sum(rows) filter (where status = 'verdict') as verdicts,
        coalesce(sum(rows) filter (where item = 'suspect_rows'), 0) as suspect_rows,
        sum(sp500) filter (where item = 'suspect_rows') as sp500,
        sum(russell2000) filter (where item = 'suspect_rows') as russell2000,
        count(*) filter (where item = 'breadth') as undefined,
        count(*) filter (where item = 'seam') as seams,
        sum(rows) filter (where item = 'fill') as filled,
        sum(rows) filter (where item = 'break') as breaks,
        sum(rows) filter (where item = 'disagreement') as disagreements,
        sum(rows) filter (where item = 'split' and status in ('given', 'inferred', 'new piece')) as splits,
        sum(rows) filter (where item = 'split' and status not in ('given', 'inferred', 'new piece')) as idle_splits,
        list(subject || '.' || status order by subject) filter (where item = 'session') as sessions,
        list(shown order by subject) filter (where item = 'index_close') as index_ids
    from lines_with_counts
    group by session_date
),

session_grades as (
    select
        l.session_date,
        case
            when d.grave > 0 then 'poor'
            when d.broken > 0 or 100 * d.suspect_rows > l.stock_rows then 'fair'
            else 'good'
        end as status,
        cast(coalesce(d.suspect_rows, 0) as bigint) as rows,
        coalesce(d.broken, 0) as broken,
        l.absent,
        d.* exclude (session_date, broken, suspect_rows)
    from (
        select
            m.session_date,
            coalesce(max(m.rows) filter (where m.dataset = 'equity_bars'), 0) as stock_rows,
            list_filter(['index_bars', 'sector_bars', 'equity_bars'], lambda one: not list_contains(list(m.dataset), one)) as absent
        from intermediate.session_ledger as m
        group by m.session_date
    ) as l
    left join counts_by_session as d on l.session_date = d.session_date
),

summary_lines as (
    select
        s.session_date,
        s.status,
        s.rows,
        nullif(concat_ws(', ', 'sp500 ' || s.sp500, 'russell2000 ' || s.russell2000), '') as universes,
        text_of('en', 'data_quality.summary.' || s.status || if(s.absent = [], '', '_of_what_is_there')) || nullif(concat_ws(
            $en['notes.next'],
            nullif(array_to_string(list_transform(s.absent, lambda one: text_of('en', 'data_quality.lacks.' || one)), $en['notes.next']), ''),
            array_to_string(list_transform(s.sessions, lambda x: coalesce(text_of('en', 'data_quality.session.' || x), x)), $en['notes.next']),
            filled(
                $en['data_quality.summary.no_close'], 'indices',
                array_to_string(list_transform(s.index_ids, lambda one: coalesce(text_of('en', 'names.index.' || one), one)), $en['notes.and'])
            ),
            counted('en', 'data_quality.summary.set_aside', s.set_aside),
            counted('en', 'data_quality.summary.for_review', s.for_review),
            counted('en', 'data_quality.summary.verdicts', s.verdicts),
            filled(
                text_of('en', 'data_quality.summary.' || if(s.sp500 + s.russell2000 = 0, 'of_no_universe', 'of_universes')),
                'sp500', plain(s.sp500, 0), 'russell2000', plain(s.russell2000, 0)
            ),
            counted('en', 'data_quality.summary.undefined', s.undefined),
            counted('en', 'data_quality.summary.seams', s.seams),
            counted('en', 'data_quality.summary.filled', s.filled),
            counted('en', 'data_quality.summary.breaks', s.breaks),
            counted('en', 'data_quality.summary.disagreements', s.disagreements),
            counted('en', 'data_quality.summary.idle_splits', s.idle_splits),
            if(s.broken + s.rows + coalesce(s.idle_splits, 0) + len(s.absent) = 0, $en['data_quality.summary.nothing'], null),
            counted('en', 'data_quality.summary.splits', s.splits)
        ), '') as note_en,
        text_of('zh', 'data_quality.summary.' || s.status || if(s.absent = [], '', '_of_what_is_there')) || nullif(concat_ws(
            $zh['notes.next'],
            nullif(array_to_string(list_transform(s.absent, lambda one: text_of('zh', 'data_quality.lacks.' || one)), $zh['notes.next']), ''),
            array_to_string(list_transform(s.sessions, lambda x: coalesce(text_of('zh', 'data_quality.session.' || x), x)), $zh['notes.next']),
            filled(
                $zh['data_quality.summary.no_close'], 'indices',
                array_to_string(list_transform(s.index_ids, lambda one: coalesce(text_of('zh', 'names.index.' || one), one)), $zh['notes.and'])
            ),
            counted('zh', 'data_quality.summary.set_aside', s.set_aside),
            counted('zh', 'data_quality.summary.for_review', s.for_review),
            counted('zh', 'data_quality.summary.verdicts', s.verdicts),
            filled(
                text_of('zh', 'data_quality.summary.' || if(s.sp500 + s.russell2000 = 0, 'of_no_universe', 'of_universes')),
                'sp500', plain(s.sp500, 0), 'russell2000', plain(s.russell2000, 0)
            ),
            counted('zh', 'data_quality.summary.undefined', s.undefined),
            counted('zh', 'data_quality.summary.seams', s.seams),
            counted('zh', 'data_quality.summary.filled', s.filled),
            counted('zh', 'data_quality.summary.breaks', s.breaks),
            counted('zh', 'data_quality.summary.disagreements', s.disagreements),
            counted('zh', 'data_quality.summary.idle_splits', s.idle_splits),
            if(s.broken + s.rows + coalesce(s.idle_splits, 0) + len(s.absent) = 0, $zh['data_quality.summary.nothing'], null),
            counted('zh', 'data_quality.summary.splits', s.splits)
        ), '') as note_zh
    from session_grades as s
),

printed_items as (
    select
        session_date,
        item,
        subject,
        shown,
        status,
        rows,
        nullif(concat_ws(', ', 'sp500 ' || sp500, 'russell2000 ' || russell2000), '') as universes,
        coalesce(filled_from(text_of('en', 'data_quality.' || text), coalesce(given, [])), note('en', reason)) as note_en,
        coalesce(filled_from(text_of('zh', 'data_quality.' || text), coalesce(given, [])), note('zh', reason)) as note_zh
    from lines_with_counts
    union all
    select
        session_date,
        'summary' as item,
        'all' as subject,
        null as shown,
        status,
        rows,
        universes,
        note_en,
        note_zh
    from summary_lines
),

final as (
    select
        session_date,
        row_number() over (
            partition by session_date
            order by
                list_position(
                    [
                        'summary', 'session', 'index_close', 'suspect_rows', 'seam', 'breadth', 'listing', 'fill', 'break',
                        'disagreement', 'split'
                    ], item
                ),
                subject
        ) as position,
        item,
        coalesce(text_of('en', 'data_quality.item.' || item), item) as label_en,
        coalesce(text_of('zh', 'data_quality.item.' || item), item) as label_zh,
        subject,
        case item
            when 'breadth' then universe_label('en', subject)
            when 'listing' then universe_label('en', subject)
            when 'session' then coalesce(text_of('en', 'data_quality.dataset.' || subject), subject)
            when 'suspect_rows' then coalesce(text_of('en', 'data_quality.label.' || subject), subject)
            when 'split' then coalesce(text_of('en', 'data_quality.label.' || shown), shown)
            when 'index_close' then coalesce(text_of('en', 'names.index.' || shown), shown)
            when 'summary' then $en['names.band.all']
            else subject
        end as subject_label_en,
        case item
            when 'breadth' then universe_label('zh', subject)
            when 'listing' then universe_label('zh', subject)
            when 'session' then coalesce(text_of('zh', 'data_quality.dataset.' || subject), subject)
            when 'suspect_rows' then coalesce(text_of('zh', 'data_quality.label.' || subject), subject)
            when 'split' then coalesce(text_of('zh', 'data_quality.label.' || shown), shown)
            when 'index_close' then coalesce(text_of('zh', 'names.index.' || shown), shown)
            when 'summary' then $zh['names.band.all']
            else subject
        end as subject_label_zh,
        status,
        rows,
        universes,
        note_en,
        note_zh
    from printed_items
)

select *
from final
order by session_date, position
