/*
description: >
  From when to when there are bars of each index and sector fund, shown or set aside: from its own first to the last one of any. A session
  between the two without a close is a hole.
grain: dataset x symbol
materialized: table
publish: false
sessions: [first_seq, after_seq]
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars or sector_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Id of the index, or symbol of the fund."}
  - {name: first_seq, type: INTEGER, unit: sessions, description: "Number of the first session with a bar."}
  - {name: first_close_seq, type: INTEGER, unit: sessions, description: "Number of the first session with a close that is shown; null where all bars are set aside."}
  - {name: after_seq, type: INTEGER, unit: sessions, description: "Number of the first session after the last bar of any of the dataset."}
*/
with bar_sessions as (
    select
        'index_bars' as dataset,
        index_id as symbol,
        seq,
        true as is_shown
    from intermediate.index_series
    where is_in_force and is_held_back is not true
    union all
    select
        'sector_bars' as dataset,
        symbol,
        seq,
        true as is_shown
    from intermediate.sector_segments
    where is_in_force and is_held_back is not true
    union all
    select
        dataset,
        symbol,
        seq,
        false as is_shown
    from intermediate.reference_exclusions
),

listed_sessions as (
    select *
    from bar_sessions
    where dataset = 'index_bars' or symbol in (select m.symbol from intermediate.sector_map as m)
),

last_sessions as (
    select
        dataset,
        max(seq) as last_seq
    from listed_sessions
    group by dataset
),

final as (
    select
        b.dataset,
        b.symbol,
        min(b.seq) as first_seq,
        min(b.seq) filter (where b.is_shown) as first_close_seq,
        any_value(l.last_seq) + 1 as after_seq
    from listed_sessions as b
    inner join last_sessions as l on b.dataset = l.dataset
    group by b.dataset, b.symbol
)

select *
from final
order by dataset, symbol
