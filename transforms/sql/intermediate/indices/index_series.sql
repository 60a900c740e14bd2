/*
description: >
  Closes of indices on sessions that had ended, bad ticks and frozen sessions left out, by series (source and basis) and with the series' rank. Where not one
  series alone is in force, the line joined of several follows the single series, as the least preferred.
grain: index_id x series_rank x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: index_id, type: VARCHAR, unit: "", description: "Id of the index."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How values are adjusted."}
  - {name: series_rank, type: BIGINT, unit: "", description: "Preference among the series of the dataset, 1 being the best; 1000 for the joined line."}
  - {name: is_joined, type: BOOLEAN, unit: "", description: "Of the line that is joined of several series (intermediate.joined_closes)."}
  - {name: is_in_force, type: BOOLEAN, unit: "", description: "Of the line that shows the index: the joined one, or the best series where it alone is in force."}
  - {name: segment, type: BIGINT, unit: "", description: "Breaks of the series or cuts of the joined line up to the session, which no return and no range crosses."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: close, type: DOUBLE, unit: points, description: "Last value of the session."}
  - {name: is_held_back, type: BOOLEAN, unit: "", description: "No part of what is shown for its own session: a step believed since the next bar, or nothing is in force."}
*/
with series_ranks as (
    select
        source,
        basis,
        row_number() over (order by rank, source, basis) as series_rank
    from staging.series_rank
    where dataset = 'index_bars'
),

segment_starts as (
    select
        symbol,
        source,
        basis,
        seq,
        lead(seq) over line as next_seq,
        row_number() over line as segment
    from intermediate.reference_closes
    where dataset = 'index_bars' and is_broken
    window line as (partition by symbol, source, basis order by seq)
),

closes_of_series as (
    select
        b.symbol as index_id,
        b.source,
        b.basis,
        p.series_rank,
        false as is_joined,
        coalesce(s.segment, 0) as segment,
        b.seq,
        b.session_date,
        b.close,
        b.is_held_back is true as is_held_back
    from intermediate.reference_closes as b
    inner join series_ranks as p on b.source = p.source and b.basis = p.basis
    left join segment_starts as s
        on
            b.symbol = s.symbol
            and b.source = s.source
            and b.basis = s.basis
            and b.seq >= s.seq
            and (s.next_seq is null or b.seq < s.next_seq)
    where b.dataset = 'index_bars'
    union all
    select
        symbol as index_id,
        source,
        basis,
        1000 as series_rank,
        true as is_joined,
        segment,
        seq,
        session_date,
        forward_close as close,
        is_held_back is true as is_held_back
    from intermediate.joined_closes
    where dataset = 'index_bars'
),

-- the joined line, or the best series where it alone is in force throughout
series_in_force as (
    select
        index_id,
        coalesce(max(if(is_joined, series_rank, null)), min(series_rank)) as series_rank
    from closes_of_series
    group by index_id
),

-- sessions of which it has a close that may be shown
shown_sessions as (
    select
        b.index_id,
        b.seq
    from closes_of_series as b
    semi join series_in_force as l on b.index_id = l.index_id and b.series_rank = l.series_rank
    where not b.is_held_back
),

final as (
    select
        b.index_id,
        b.source,
        b.basis,
        b.series_rank,
        b.is_joined,
        l.index_id is not null as is_in_force,
        b.segment,
        b.seq,
        b.session_date,
        b.close,
        b.is_held_back or s.seq is null as is_held_back
    from closes_of_series as b
    left join series_in_force as l on b.index_id = l.index_id and b.series_rank = l.series_rank
    left join shown_sessions as s on b.index_id = s.index_id and b.seq = s.seq
)

select *
from final
order by index_id, series_rank, seq
