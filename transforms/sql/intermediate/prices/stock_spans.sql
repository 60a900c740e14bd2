/*
description: >
  Spans of sessions in which a stock belongs to the same universes and its splits have the same product: from the first session of a set of
  universes, or of a split, to the next such session.
grain: instrument_no x from_seq
materialized: table
publish: false
sessions: [from_seq, to_seq]
columns:
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: from_seq, type: INTEGER, unit: sessions, description: "Number of the first session."}
  - {name: to_seq, type: INTEGER, unit: sessions, description: "Number of the first session after; 2147483647 for the last span."}
  - {name: universe_set_id, type: BIGINT, unit: "", description: "Set of universes."}
  - {name: factor, type: DOUBLE, unit: "", description: "Shares that one share of the first session of the piece has become; 1 before the first split."}
*/
with span_starts as (
    select
        instrument_no,
        from_seq
    from intermediate.universe_sets
    union
    select
        instrument_no,
        seq
    from intermediate.splits
),

final as (
    select
        b.instrument_no,
        b.from_seq,
        coalesce(lead(b.from_seq) over (partition by b.instrument_no order by b.from_seq), 2147483647) as to_seq,
        u.universe_set_id,
        coalesce(x.factor, 1) as factor
    from span_starts as b
    asof inner join intermediate.universe_sets as u on b.instrument_no = u.instrument_no and b.from_seq >= u.from_seq
    asof left join intermediate.splits as x on b.instrument_no = x.instrument_no and b.from_seq >= x.seq
)

select *
from final
order by instrument_no, from_seq
