/*
description: What is amiss with the data of each session, one row set per session; a session without rows has nothing amiss.
grain: session_date x item x subject
materialized: table
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: item, type: VARCHAR, unit: "", description: "session, suspect_rows, seam, split, breadth, fill, disagreement."}
  - {name: subject, type: VARCHAR, unit: "", description: "The dataset, rule, symbol or universe that it is about."}
  - {name: status, type: VARCHAR, unit: "", description: "Status of the session, rule, kind of the split, or undefined."}
  - {name: rows, type: BIGINT, unit: rows, description: "How many rows it concerns."}
  - {name: note, type: VARCHAR, unit: "", description: "In words."}
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
        dataset || ' ' || symbol,
        'filled',
        1,
        'close from ' || filled_from || ', which agrees with ' || source || ' on both sides of the hole'
    from intermediate.bar_fills
    union all
    select
        session_date,
        'fill',
        'equity_bars',
        'filled',
        count(*),
        'closes from ' || filled_from || ', which agree with ' || source || ' on both sides of the hole'
    from intermediate.equity_fills
    group by session_date, filled_from, source
    union all
    select
        session_date,
        'disagreement',
        dataset,
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
