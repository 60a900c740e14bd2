/*
description: >
  Share splits as the panel uses them, with the product of an instrument's splits so far. No split is taken from a bar that is
  set aside, nor inferred from the bar after one.
grain: instrument_no x seq
materialized: table
publish: false
sessions: [seq, next_seq]
columns:
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "First session at the new share count."}
  - {name: next_seq, type: INTEGER, unit: sessions, description: "Session of the instrument's next split; null for the last."}
  - {name: numerator, type: BIGINT, unit: shares, description: "New shares."}
  - {name: denominator, type: BIGINT, unit: shares, description: "Old shares."}
  - {name: split_kind, type: VARCHAR, unit: "", description: "given or inferred."}
  - {name: factor, type: DOUBLE, unit: "", description: "Shares that one share of the first session of the piece has become."}
  - {name: is_new_piece, type: BOOLEAN, unit: "", description: "The product has left 1e-9 .. 1e9, or a further power of 1e9: no return and no mean crosses it."}
*/
with absent_bars as (
    select
        series_no,
        seq
    from intermediate.excluded_bars
    where is_absent
),

inferred_splits as (
    select b.*
    from intermediate.close_mismatches as b
    anti join absent_bars as a on b.series_no = a.series_no and b.seq = a.seq
    anti join absent_bars as p on b.series_no = p.series_no and b.last_seq = p.seq
    where b.numerator is not null
),

-- the first bar in force at the new share count
first_bars_after_split as (
    select
        g.instrument_no,
        g.seq,
        b.is_raw,
        b.seq as bar_seq
    from intermediate.given_splits as g
    inner join intermediate.split_bars as b
        on g.instrument_no = b.instrument_no and g.seq <= b.seq and g.seq > coalesce(b.last_seq, -1)
),

-- an adjusted series that has this bar too is adjusted before it
splits_in_prices as (
    select
        n.instrument_no,
        n.seq
    from first_bars_after_split as n
    inner join intermediate.series_joints as j on n.instrument_no = j.instrument_no and n.bar_seq = j.seq
    inner join intermediate.equity_series as e on j.last_series_no = e.series_no and e.basis <> 'raw'
    inner join intermediate.contested_bars as b on j.last_series_no = b.series_no and n.bar_seq = b.seq
),

kept_splits as (
    select
        instrument_no,
        seq,
        numerator,
        denominator,
        'given' as split_kind
    from intermediate.given_splits as g
    -- adjusted series have it in their prices
    semi join first_bars_after_split as n on g.instrument_no = n.instrument_no and g.seq = n.seq and n.is_raw
    anti join splits_in_prices as a on g.instrument_no = a.instrument_no and g.seq = a.seq
    union all
    select
        instrument_no,
        seq,
        numerator,
        denominator,
        'inferred' as split_kind
    from inferred_splits as i
    semi join intermediate.split_bars as b on i.series_no = b.series_no and i.seq = b.seq
),

split_products as (
    select
        *,
        -- in the order of sessions, so that a later split changes nothing earlier
        list(cast(numerator as double) / denominator) over so_far as ratios,
        list_sum(list_transform(ratios, lambda r: log10(r))) as magnitude,
        cast(trunc(magnitude / 9) as integer) as piece
    from kept_splits
    window so_far as (partition by instrument_no order by seq rows between unbounded preceding and current row)
),

final as (
    select
        instrument_no,
        seq,
        lead(seq) over by_session as next_seq,
        numerator,
        denominator,
        split_kind,
        case when piece = 0 then list_product(ratios) else pow(10, magnitude - 9 * piece) end as factor,
        piece <> lag(piece, 1, 0) over by_session as is_new_piece
    from split_products
    window by_session as (partition by instrument_no order by seq)
)

select *
from final
order by instrument_no, seq
