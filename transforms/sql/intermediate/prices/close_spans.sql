/*
description: >
  From when to when there are closes that are shown: of each index and fund the first, and the last one of any. A session between
  the two without a close is a hole.
grain: dataset x symbol
materialized: table
publish: false
sessions: [first_seq, after_seq]
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars or sector_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Id of the index, or symbol of the fund."}
  - {name: first_seq, type: INTEGER, unit: sessions, description: "Number of the first session with a close."}
  - {name: after_seq, type: INTEGER, unit: sessions, description: "Number of the first session after the last close of any of the dataset."}
*/
with shown_closes as (
    select
        'index_bars' as dataset,
        index_id as symbol,
        seq
    from intermediate.index_series
    where is_in_force and is_held_back is not true
    union all
    select
        'sector_bars' as dataset,
        b.symbol,
        b.seq
    from intermediate.sector_segments as b
    inner join intermediate.sector_map as m on b.symbol = m.symbol
    where b.is_in_force and b.is_held_back is not true
),

last_closes as (
    select
        dataset,
        max(seq) as last_seq
    from shown_closes
    group by dataset
),

final as (
    select
        c.dataset,
        c.symbol,
        min(c.seq) as first_seq,
        any_value(l.last_seq) + 1 as after_seq
    from shown_closes as c
    inner join last_closes as l on c.dataset = l.dataset
    group by c.dataset, c.symbol
)

select *
from final
order by dataset, symbol
