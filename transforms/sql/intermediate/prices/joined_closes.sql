/*
description: >
  What is in force of each index and ETF, session by session, where that is not one series alone: as one joined line. Each close is as its
  series gave it. At a proven joint the new series goes on at the level of the old one: an adjusted one stands where it was fetched, so
  there it meets a raw one at factor 1, from where splits are carried forward. At an unproven joint, and where one of both was
  adjusted anew or broke between the proof and the joint, the line is cut.
grain: dataset x symbol x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars or sector_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Index or ETF."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the close."}
  - {name: basis, type: VARCHAR, unit: "", description: "How its series is adjusted."}
  - {name: segment, type: BIGINT, unit: "", description: "Cuts up to the session: unproven joints, seams and breaks; no return and no mean crosses one."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: close, type: DOUBLE, unit: points or USD, description: "Close as given."}
  - {name: forward_close, type: DOUBLE, unit: points or USD, description: "The close at the level of the line, splits carried forward."}
  - {name: is_held_back, type: BOOLEAN, unit: "", description: "A step believed since the next bar: no part of what is shown for its own session."}
  - {name: is_broken, type: BOOLEAN, unit: "", description: "The session begins a new level: after an unproven joint or a break, a seam not counted."}
invariants:
  - description: Each session of a line has one close.
    sql: select dataset, symbol, seq from intermediate.joined_closes group by dataset, symbol, seq having count(*) > 1
*/
-- where the best series alone is in force throughout, it is the line
with chosen_bars as materialized (
    select
        s.dataset,
        s.symbol,
        s.source,
        s.basis,
        c.instrument_no,
        c.series_no,
        c.seq
    from intermediate.series_choice as c
    inner join intermediate.bar_series as s on c.series_no = s.series_no
    where c.instrument_no < 0 and not c.is_excluded
    qualify max(s.place) over (partition by c.instrument_no) > 1
),

held_back_bars as (
    select
        b.dataset,
        b.symbol,
        b.source,
        b.basis,
        s.instrument_no,
        s.series_no,
        b.seq,
        p.verdict_seq
    from intermediate.reference_closes as b
    inner join intermediate.bar_series as s
        on b.dataset = s.dataset and b.symbol = s.symbol and b.source = s.source and b.basis = s.basis
    inner join intermediate.price_steps as p
        on b.dataset = p.dataset and b.symbol = p.symbol and b.source = p.source and b.basis = p.basis and b.seq = p.seq
    where b.is_held_back
),

-- a step believed later is the base of what follows, if its series goes on and no other stood in; what followed before it was believed
-- had no such base on its day
line_bars as (
    select * from chosen_bars
    union all
    select h.* exclude (verdict_seq)
    from held_back_bars as h
    asof inner join chosen_bars as c on h.instrument_no = c.instrument_no and h.seq >= c.seq
    asof left join chosen_bars as n on h.instrument_no = n.instrument_no and h.seq < n.seq
    where c.seq < h.seq and c.series_no = h.series_no and (n.seq is null or n.seq >= h.verdict_seq)
),

-- sessions into which the return of a series is false
broken_sessions as (
    select
        dataset,
        symbol,
        source,
        basis,
        seq
    from intermediate.reference_closes
    where is_broken
    union
    select
        'sector_bars' as dataset,
        symbol,
        source,
        basis,
        seq
    from intermediate.series_seams
),

joints_with_factors as (
    select
        j.instrument_no,
        j.seq,
        j.proof_seq is null or exists (
            from broken_sessions as c
            where
                c.dataset = n.dataset
                and c.symbol = n.symbol
                and c.seq > least(j.last_seq, j.proof_seq)
                and (
                    ((c.source, c.basis) = (n.source, n.basis) and c.seq <= j.seq)
                    -- what the old series did after its last bar in force may be known later
                    or ((c.source, c.basis) = (o.source, o.basis) and c.seq <= greatest(j.last_seq, j.proof_seq))
                )
        ) as is_cut,
        coalesce(a.forward_close / a.close / (b.forward_close / b.close), 1) as factor
    from intermediate.series_joints as j
    inner join intermediate.bar_series as n on j.series_no = n.series_no
    inner join intermediate.bar_series as o on j.last_series_no = o.series_no
    left join intermediate.reference_closes as a
        on o.dataset = a.dataset and o.symbol = a.symbol and o.source = a.source and o.basis = a.basis and j.proof_seq = a.seq
    left join intermediate.reference_closes as b
        on n.dataset = b.dataset and n.symbol = b.symbol and n.source = b.source and n.basis = b.basis and j.proof_seq = b.seq
    where j.instrument_no < 0
),

-- in the order of sessions, so that a later joint changes nothing earlier
joined_levels as (
    select
        instrument_no,
        seq,
        is_cut,
        greatest(1e-9, least(1e9, list_product(
            list(factor) over (partition by instrument_no order by seq rows between unbounded preceding and current row)
        ))) as factor
    from joints_with_factors
),

leveled_bars as (
    select
        l.instrument_no,
        l.dataset,
        l.symbol,
        l.source,
        l.basis,
        l.seq,
        coalesce(v.factor, 1) as factor,
        coalesce(v.is_cut and v.seq = l.seq, false) as is_cut
    from line_bars as l
    asof left join joined_levels as v on l.instrument_no = v.instrument_no and l.seq >= v.seq
),

final as (
    select
        l.dataset,
        l.symbol,
        l.source,
        l.basis,
        count(if(l.is_cut or c.seq is not null, 1, null)) over (
            partition by l.instrument_no order by l.seq rows unbounded preceding
        ) as segment,
        l.seq,
        b.session_date,
        b.close,
        b.forward_close * l.factor as forward_close,
        b.is_held_back,
        l.is_cut or b.is_broken as is_broken
    from leveled_bars as l
    inner join intermediate.reference_closes as b
        on l.dataset = b.dataset and l.symbol = b.symbol and l.source = b.source and l.basis = b.basis and l.seq = b.seq
    left join broken_sessions as c
        on l.dataset = c.dataset and l.symbol = c.symbol and l.source = c.source and l.basis = c.basis and l.seq = c.seq
)

select *
from final
order by dataset, symbol, seq
