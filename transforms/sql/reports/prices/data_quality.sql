/*
description: What is amiss with the data of each session, one row set per session; a session without rows has nothing amiss.
grain: session_date x item x subject
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: item, type: VARCHAR, unit: "", description: "session, suspect_rows, seam, split, breadth, fill, disagreement."}
  - {name: subject, type: VARCHAR, unit: "", description: "The dataset, rule, symbol or universe that it is about, with the series where it is about these."}
  - {name: status, type: VARCHAR, unit: "", description: "Status of the session, rule, kind of the split, or undefined."}
  - {name: rows, type: BIGINT, unit: rows, description: "How many rows it concerns."}
  - {name: note, type: VARCHAR, unit: "", description: "In words."}
invariants:
  - description: One row for each session, item and subject.
    sql: select session_date, item, subject from reports.data_quality group by session_date, item, subject having count(*) > 1
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
        when 'fill' then s.seq between t.seq - 1 and t.seq + 1 and b.symbol = split_part($subject, ' ', 2)
        when 'disagreement' then s.seq = t.seq and list_contains(string_split($subject, ' ')[3:], b.source)
        else false end
        order by b.symbol, b.session_date, b.source
    - dataset: sector_bars
      sql: >
        select if(b.session_date = $session_date, 'of the session', 'beside it') as role, b.*
        from lake.sector_bars as b
        inner join lake.sessions as s on b.session_date = s.session_date
        inner join lake.sessions as t on t.session_date = $session_date
        where (split_part($subject, ' ', 1) = 'sector_bars' or $item = 'seam') and case $item
        when 'session' then s.seq = t.seq
        when 'fill' then s.seq between t.seq - 1 and t.seq + 1 and b.symbol = split_part($subject, ' ', 2)
        when 'disagreement' then s.seq = t.seq and list_contains(string_split($subject, ' ')[3:], b.source)
        when 'seam' then s.seq between t.seq - 1 and t.seq and b.symbol = split_part($subject, ' ', 1)
        else false end
        order by b.symbol, b.session_date, b.source
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
        select p.symbol from marts.splits as p where p.session_date = $session_date and p.instrument_id = $subject)
        when $item = 'breadth' then s.seq between t.seq - 1 and t.seq and case
        when $subject in ('sp500', 'sp500_list', 'russell2000')
        then b.symbol in (select m.symbol from lake.memberships as m where m.universe = replace($subject, '_list', ''))
        when $subject like 'sector:%' then b.symbol in (select m.symbol from lake.memberships as m where m.sector = substr($subject, 8))
        when $subject like 'nasdaq_sector:%'
        then b.symbol in (select m.symbol from lake.securities as m where coalesce(m.sector, 'unknown') = substr($subject, 15))
        else true end
        when split_part($subject, ' ', 1) <> 'equity_bars' then false
        when $item = 'session' then s.seq = t.seq
        when $item = 'fill' then s.seq = t.seq and b.source = split_part($subject, ' ', 5) and b.symbol not in (
        select o.symbol from lake.equity_bars as o
        where o.session_date = $session_date and o.source = split_part($subject, ' ', 3) and o.is_final)
        when $item = 'disagreement' then s.seq = t.seq and list_contains(string_split($subject, ' ')[3:], b.source)
        else false end
        order by b.symbol, b.session_date, b.source
    - dataset: splits
      sql: >
        select 'given' as role, g.* from lake.splits as g
        where $item = 'split' and g.ex_date = $session_date and g.symbol in (
        select p.symbol from marts.splits as p where p.session_date = $session_date and p.instrument_id = $subject)
*/
with final as (
    select
        session_date,
        'session' as item,
        dataset as subject,
        status,
        rows,
        note
    from intermediate.session_ledger
    where status <> 'present'
    union all
    select
        session_date,
        'suspect_rows',
        rule,
        if(bool_and(is_set_aside), 'set aside', 'for review'),
        count(*),
        case rule
            when 'mixed_session' then 'rows hold the values of another session'
            when 'previous_close_disagrees' then 'stated previous close is over 2 % from the last close; return is null'
            else 'after a gap the stated previous close is over 25 % from the last close; no mean crosses it'
        end
    from marts.suspect_rows
    group by session_date, rule
    union all
    select
        session_date,
        'seam',
        symbol || ' of ' || source || ' ' || basis,
        evidence,
        1,
        case evidence
            when 'restated' then 'the bars on both sides were adjusted at different times'
            when 'below_price_return' then 'the total return lies below the price return of ' || other_source
            when 'series_differ' then 'the return is not that of ' || other_source
            else 'most sector funds of the source have a seam here'
        end || '; the return is null, or from another series'
    from marts.series_seams
    union all
    select
        session_date,
        'split',
        instrument_id,
        split_kind,
        1,
        numerator || ':' || denominator
    from marts.splits
    union all
    select
        session_date,
        'breadth',
        universe,
        'undefined',
        members - eligible,
        reason
    from marts.breadth_daily
    where reason is not null
    union all
    select
        session_date,
        'fill',
        dataset || ' ' || symbol || ' of ' || source || ' ' || basis,
        'filled',
        1,
        'close from ' || filled_from || ', which agrees with ' || source || ' on both sides of the hole'
    from intermediate.bar_fills
    union all
    select
        session_date,
        'fill',
        'equity_bars of ' || source || ' from ' || filled_from,
        'filled',
        count(*),
        'closes from ' || filled_from || ', which agree with ' || source || ' on both sides of the hole'
    from intermediate.equity_fills
    group by session_date, filled_from, source
    union all
    select
        session_date,
        'disagreement',
        dataset || ' of ' || source || ' and ' || other_source,
        'not averaged',
        count(*),
        source || ' and ' || other_source || ' differ: ' || array_to_string(
            list(symbol || ' ' || close || ' and ' || other_close order by abs(difference_pct) desc, symbol)[1:3], ', '
        ) || if(count(*) > 3, ' and ' || count(*) - 3 || ' more', '')
    from intermediate.source_disagreements
    group by session_date, dataset, source, other_source
)

select *
from final
order by session_date, item, subject
