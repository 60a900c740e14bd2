/*
description: >
  Seams: sessions at which a series of an ETF goes on with another adjustment than the bar before, so that the return into it is
  false. Looks at the bars of the session and the one before alone, in the values of today and as they were once given, never at later
  sessions: a later bar changes no seam. Four kinds of evidence. `restated`: all four prices of one of the two bars were multiplied by a factor
  since both were known, those of the other not (intermediate.restated_steps). `below_price_return`: a total return lies below the price return of another series,
  where dividends can only raise it (over 10 % it is a split, and the unadjusted series is false). `series_differ`: two equally adjusted
  series have different returns; false is the one whose source has a seam by the first two kinds within the last 63 sessions, if the other's has none,
  else both count as false. `shared`: the sector fund has no series to compare with, and at least half of those of its source that have (two or more) are
  false on that session: funds of one family pay on one day, and a file is put together for all at once.
grain: symbol x source x basis x seq
materialized: table
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session into which the return is false."}
  - {name: evidence, type: VARCHAR, unit: "", description: "restated, below_price_return, series_differ or shared: the first that holds."}
  - {name: step, type: DOUBLE, unit: "", description: "1 + the series' return / 1 + the right one, as the evidence gives it; null where shared."}
  - {name: return_pct, type: DOUBLE, unit: percent, description: "The return that the series' closes make."}
  - {name: other_source, type: VARCHAR, unit: "", description: "The series that it is held against; null where none is."}
  - {name: other_basis, type: VARCHAR, unit: "", description: "Its basis."}
  - {name: other_return_pct, type: DOUBLE, unit: percent, description: "Its return."}
*/
with close_ratios as (
    select
        symbol,
        source,
        basis,
        series_rank,
        seq,
        session_date,
        lag(session_date) over line as last_date,
        lag(seq) over line as last_seq,
        forward_close / nullif(lag(forward_close) over line, 0) as ratio,
        is_held_back
    from intermediate.sector_series
    window line as (partition by symbol, source, basis order by seq)
),

-- the return of each bar of adjacent sessions
adjacent_steps as (
    select * exclude (is_held_back)
    from close_ratios
    -- what its own session does not show has no seam there
    where last_seq = seq - 1 and ratio > 0 and is_held_back is not true
),

step_pairs as (
    select
        a.symbol,
        a.source,
        a.basis,
        a.seq,
        a.ratio,
        b.source as other_source,
        b.basis as other_basis,
        b.series_rank as other_rank,
        b.ratio as other_ratio,
        a.ratio / b.ratio as step,
        -- 0.05 %: closes of different vendors differ by less, dividends and their seams by more
        abs(step - 1) > 0.0005 as differs,
        case
            when not differs then 'agree'
            -- no fund pays a tenth of its price: a split is missing in the unadjusted prices
            when abs(step - 1) > 0.1 and (a.basis = 'raw' or b.basis = 'raw') then if(a.basis = 'raw', 'below_price_return', 'agree')
            when a.basis = 'total_return' and b.basis <> 'total_return' and step < 1 then 'below_price_return'
            when a.basis = b.basis and a.basis <> 'raw' then 'series_differ'
            else 'agree'
        end as verdict
    from adjacent_steps as a
    inner join adjacent_steps as b on a.symbol = b.symbol and a.seq = b.seq and (a.source, a.basis) <> (b.source, b.basis)
    where a.basis <> b.basis or a.basis <> 'raw'
),

proven_seams as (
    select
        symbol,
        source,
        basis,
        seq
    from intermediate.restated_steps
    union
    select
        symbol,
        source,
        basis,
        seq
    from step_pairs
    where verdict = 'below_price_return'
),

-- sources that have been caught, for 63 sessions: a quarter, in which funds pay once
caught_sources as (
    select distinct
        source,
        basis,
        seq
    from proven_seams
),

pair_verdicts as (
    select
        p.*,
        exists (
            from caught_sources as c
            where c.source = p.source and c.basis = p.basis and c.seq between p.seq - 63 and p.seq
        ) as is_caught,
        exists (
            from caught_sources as c
            where c.source = p.other_source and c.basis = p.other_basis and c.seq between p.seq - 63 and p.seq
        ) as is_other_caught,
        exists (
            from proven_seams as v
            where v.symbol = p.symbol and v.source = p.source and v.basis = p.basis and v.seq = p.seq
        ) as is_proven,
        exists (
            from proven_seams as v
            where v.symbol = p.symbol and v.source = p.other_source and v.basis = p.other_basis and v.seq = p.seq
        ) as is_other_proven
    from step_pairs as p
    where p.verdict <> 'agree'
),

believed_verdicts as (
    select *
    from pair_verdicts
    where
        verdict = 'below_price_return'
        or is_proven
        or (not is_other_proven and (is_caught or not is_other_caught))
),

seam_evidence as (
    select
        symbol,
        source,
        basis,
        seq,
        1 as weight,
        'restated' as evidence,
        step,
        null as other_source,
        null as other_basis,
        null as other_rank,
        null as other_ratio
    from intermediate.restated_steps
    union all
    select
        symbol,
        source,
        basis,
        seq,
        if(verdict = 'below_price_return', 2, 3) as weight,
        verdict as evidence,
        step,
        other_source,
        other_basis,
        other_rank,
        other_ratio
    from believed_verdicts
),

-- of several kinds of evidence the first is named; the series that it is held against is the best that differs
named_seams as (
    select
        symbol,
        source,
        basis,
        seq,
        min_by(evidence, weight) as evidence,
        min_by(struct_pack(step := step), (weight, other_rank)) as first_step,
        min_by(struct_pack(name := other_source, kind := other_basis, ratio := other_ratio), (weight, other_rank)) filter (
            where other_source is not null
        ) as other
    from seam_evidence
    group by symbol, source, basis, seq
),

-- sector funds of a source that could be held against a series adjusted in the same way, and how many of them are false
funds_by_source as (
    select
        p.source,
        p.basis,
        p.seq,
        count(distinct p.symbol) as comparable,
        count(distinct n.symbol) as seamed
    from step_pairs as p
    inner join intermediate.sector_map as m on p.symbol = m.symbol
    left join named_seams as n on p.symbol = n.symbol and p.source = n.source and p.basis = n.basis and p.seq = n.seq
    where p.basis = p.other_basis
    group by p.source, p.basis, p.seq
    having count(distinct n.symbol) >= 2 and 2 * count(distinct n.symbol) >= count(distinct p.symbol)
),

shared_seams as (
    select
        s.symbol,
        s.source,
        s.basis,
        s.seq
    from adjacent_steps as s
    inner join intermediate.sector_map as m on s.symbol = m.symbol
    inner join funds_by_source as f on s.source = f.source and s.basis = f.basis and s.seq = f.seq
    where
        not exists (
            from step_pairs as p
            where p.symbol = s.symbol and p.source = s.source and p.basis = s.basis and p.seq = s.seq and p.basis = p.other_basis
        )
        and not exists (
            from named_seams as n
            where n.symbol = s.symbol and n.source = s.source and n.basis = s.basis and n.seq = s.seq
        )
),

all_seams as (
    select
        symbol,
        source,
        basis,
        seq,
        evidence,
        first_step.step,
        other.name as other_source,
        other.kind as other_basis,
        other.ratio as other_ratio
    from named_seams
    union all
    select
        symbol,
        source,
        basis,
        seq,
        'shared' as evidence,
        null as step,
        null as other_source,
        null as other_basis,
        null as other_ratio
    from shared_seams
),

final as (
    select
        m.symbol,
        m.source,
        m.basis,
        m.seq,
        m.evidence,
        m.step,
        100 * (s.ratio - 1) as return_pct,
        m.other_source,
        m.other_basis,
        100 * (m.other_ratio - 1) as other_return_pct
    from all_seams as m
    inner join adjacent_steps as s on m.symbol = s.symbol and m.source = s.source and m.basis = s.basis and m.seq = s.seq
)

select *
from final
order by symbol, source, basis, seq
