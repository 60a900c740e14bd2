/*
description: >
  Share splits as the panel uses them, with the product of an instrument's splits so far. No split is taken from a bar that is
  set aside, nor inferred from the bar after one.
grain: instrument_no x seq
materialized: table
publish: false
columns:
  - {name: instrument_no, type: INTEGER, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "First session at the new share count."}
  - {name: next_seq, type: INTEGER, unit: sessions, description: "Session of the instrument's next split; null for the last."}
  - {name: numerator, type: BIGINT, unit: shares, description: "New shares."}
  - {name: denominator, type: BIGINT, unit: shares, description: "Old shares."}
  - {name: split_kind, type: VARCHAR, unit: "", description: "given or inferred."}
  - {name: factor, type: DOUBLE, unit: "", description: "Shares that one share of the first session has become."}
*/
with inferred as (
    select b.*
    from intermediate.bar_steps as b
    anti join intermediate.set_aside as a on b.instrument_no = a.instrument_no and b.seq = a.seq
    anti join intermediate.set_aside as p on b.instrument_no = p.instrument_no and b.seq = p.seq + 1
    where b.numerator is not null
),

kept as (
    select
        instrument_no,
        seq,
        numerator,
        denominator,
        'given' as split_kind
    from intermediate.given_splits
    union all
    select
        instrument_no,
        seq,
        numerator,
        denominator,
        'inferred' as split_kind
    from inferred
),

final as (
    select
        instrument_no,
        seq,
        lead(seq) over (partition by instrument_no order by seq) as next_seq,
        numerator,
        denominator,
        split_kind,
        -- in the order of sessions, so that a later split changes nothing earlier
        list_product(
            list(cast(numerator as double) / denominator) over (
                partition by instrument_no
                order by seq
                rows between unbounded preceding and current row
            )
        ) as factor
    from kept
)

select *
from final
order by instrument_no, seq
