/*
description: >
  How many stocks of the S&P 500 and the Russell 2000 each row of reports.data_quality is about: rows set aside or for review, fills from another
  series, changes of series without proof, closes on which sources disagree, splits. Without a list of the members on the day nothing is counted, and
  of rows of indices and ETFs neither.
grain: session_date x item x subject
materialized: table
publish: false
sessions: session_date
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: item, type: VARCHAR, unit: "", description: "suspect_rows, fill, break, disagreement or split."}
  - {name: subject, type: VARCHAR, unit: "", description: "As in reports.data_quality."}
  - {name: sp500, type: BIGINT, unit: stocks, description: "Of these, members of the S&P 500 on the day; null where no list of them is there."}
  - {name: russell2000, type: BIGINT, unit: stocks, description: "Of these, members of the Russell 2000 on the day; null where no list of them is there."}
*/
with touched_stocks as (
    select
        session_date,
        'suspect_rows' as item,
        rule as subject,
        instrument_id
    from marts.suspect_rows
    where dataset = 'equity_bars'
    union
    select
        s.session_date,
        'fill' as item,
        'equity_bars of ' || l.source || ' ' || l.basis || ' from ' || e.source || ' ' || e.basis as subject,
        e.instrument_id
    from intermediate.series_choice as c
    inner join intermediate.equity_series as e on c.series_no = e.series_no
    inner join intermediate.equity_series as l on c.lost_series_no = l.series_no
    inner join staging.sessions as s on c.seq = s.seq
    union
    select
        s.session_date,
        'break' as item,
        'equity_bars from ' || l.source || ' ' || l.basis || ' to ' || e.source || ' ' || e.basis as subject,
        e.instrument_id
    from intermediate.series_joints as j
    inner join intermediate.equity_series as e on j.series_no = e.series_no
    inner join intermediate.equity_series as l on j.last_series_no = l.series_no
    inner join staging.sessions as s on j.seq = s.seq
    where not j.is_proven
    union
    select
        d.session_date,
        'disagreement' as item,
        d.dataset || ' of ' || d.source || ' and ' || d.other_source as subject,
        i.instrument_id
    from intermediate.source_disagreements as d
    inner join intermediate.instruments as i
        on
            d.symbol = i.symbol
            and d.session_date >= i.valid_from
            and (i.valid_to is null or d.session_date < i.valid_to)
    where d.dataset = 'equity_bars'
    union
    select
        session_date,
        'split' as item,
        subject,
        instrument_id
    from intermediate.split_notes
    where instrument_id is not null
),

index_members as (
    select
        universe,
        instrument_id,
        valid_from,
        valid_to
    from intermediate.universe_members
    where universe in ('sp500', 'russell2000')
),

known_days as (
    select
        min(valid_from) filter (where universe = 'sp500') as sp500_from,
        max(valid_to) filter (where universe = 'sp500') as sp500_to,
        min(valid_from) filter (where universe = 'russell2000') as russell2000_from,
        max(valid_to) filter (where universe = 'russell2000') as russell2000_to
    from index_members
),

final as (
    select
        t.session_date,
        t.item,
        t.subject,
        if(
            t.session_date >= any_value(k.sp500_from) and t.session_date < any_value(k.sp500_to),
            count(distinct if(m.universe = 'sp500', t.instrument_id, null)),
            null
        ) as sp500,
        if(
            t.session_date >= any_value(k.russell2000_from) and t.session_date < any_value(k.russell2000_to),
            count(distinct if(m.universe = 'russell2000', t.instrument_id, null)),
            null
        ) as russell2000
    from touched_stocks as t
    cross join known_days as k
    left join index_members as m
        on t.instrument_id = m.instrument_id and t.session_date >= m.valid_from and t.session_date < m.valid_to
    group by t.session_date, t.item, t.subject
)

select *
from final
order by session_date, item, subject
