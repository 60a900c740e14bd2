/*
description: >
  What reports.data_quality says of series: where another one stands in for a session (fill), where one goes on from another without a proof
  (break), and where two sources have different closes (disagreement).
grain: session_date x item x subject
materialized: table
publish: false
sessions: session_date
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: item, type: VARCHAR, unit: "", description: "fill, break or disagreement."}
  - {name: subject, type: VARCHAR, unit: "", description: "The dataset with both series."}
  - {name: status, type: VARCHAR, unit: "", description: "filled, unproven or not averaged."}
  - {name: rows, type: BIGINT, unit: rows, description: "Number of stocks, indices or ETFs."}
  - {name: text, type: VARCHAR, unit: "", description: "Key of the note in the texts of data_quality."}
  - {name: given, type: "VARCHAR[]", unit: "", description: "Values of the note, as name=value."}
*/
with fills as (
    select
        s.session_date,
        'fill' as item,
        e.dataset || ' of ' || l.source || ' ' || l.basis || ' from ' || e.source || ' ' || e.basis as subject,
        'filled' as status,
        count(*) as rows,
        if(e.dataset = 'equity_bars', 'stand_in', 'stand_in_of') as text,
        ['from=' || e.source, 'source=' || l.source, 'names=' || string_agg(e.symbol, ', ' order by e.symbol)] as given
    from intermediate.series_choice as c
    inner join intermediate.bar_series as e on c.series_no = e.series_no
    inner join intermediate.bar_series as l on c.lost_series_no = l.series_no
    inner join staging.sessions as s on c.seq = s.seq
    group by s.session_date, e.dataset, e.source, e.basis, l.source, l.basis
),

breaks as (
    select
        s.session_date,
        'break' as item,
        e.dataset || ' from ' || l.source || ' ' || l.basis || ' to ' || e.source || ' ' || e.basis as subject,
        'unproven' as status,
        count(*) as rows,
        'break' || if(count(*) > 3, '_more', '') as text,
        [
            'stocks=' || array_to_string(list(coalesce(i.symbol, e.symbol) order by e.symbol)[1:3], ', '),
            'more=' || count(*) - 3
        ] as given
    from intermediate.series_joints as j
    inner join intermediate.bar_series as e on j.series_no = e.series_no
    inner join intermediate.bar_series as l on j.last_series_no = l.series_no
    inner join staging.sessions as s on j.seq = s.seq
    left join intermediate.instruments as i
        on
            e.dataset = 'equity_bars'
            and e.symbol = i.instrument_id
            and s.session_date >= i.valid_from
            and (i.valid_to is null or s.session_date < i.valid_to)
    where not j.is_proven
    group by s.session_date, e.dataset, l.source, l.basis, e.source, e.basis
),

disagreements as (
    select
        session_date,
        'disagreement' as item,
        dataset || ' of ' || source || ' and ' || other_source as subject,
        'not averaged' as status,
        count(*) as rows,
        'disagreement' || if(count(*) > 3, '_more', '') as text,
        [
            'source=' || source,
            'other=' || other_source,
            'closes=' || array_to_string(
                list(symbol || ' ' || plain(close, 2) || ' / ' || plain(other_close, 2) order by abs(difference_pct) desc, symbol)[1:3], ', '
            ),
            'more=' || count(*) - 3
        ] as given
    from intermediate.source_disagreements
    group by session_date, dataset, source, other_source
),

final as (
    select *
    from fills
    union all by name
    select *
    from breaks
    union all by name
    select *
    from disagreements
)

select *
from final
order by session_date, item, subject
