/*
description: >
  Closes of ETFs with the number of the segment between two seams or breaks of the series; no return and no mean crosses from segment to
  segment. Where not one series alone is in force, the line joined of several follows the single series, as the least preferred.
grain: symbol x series_rank x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: series_rank, type: BIGINT, unit: "", description: "Preference among the series of the dataset, 1 being the best; 1000 for the joined line."}
  - {name: is_joined, type: BOOLEAN, unit: "", description: "Of the line that is joined of several series (intermediate.joined_closes)."}
  - {name: is_in_force, type: BOOLEAN, unit: "", description: "Of the line that shows the ETF: the joined one, or the best series where it alone is in force."}
  - {name: segment, type: BIGINT, unit: "", description: "Seams and breaks of the series up to the session."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: close, type: DOUBLE, unit: USD, description: "Last price of the session as given."}
  - {name: forward_close, type: DOUBLE, unit: USD, description: "The close times the shares that one share of the first session has become."}
  - {name: is_held_back, type: BOOLEAN, unit: "", description: "No part of what is shown for its own session: a step believed since the next bar, or nothing is in force."}
  - {name: is_broken, type: BOOLEAN, unit: "", description: "No return and no mean may cross into this session, seams not counted."}
*/
with segment_starts as (
    select
        b.symbol,
        b.source,
        b.basis,
        b.seq,
        lead(b.seq) over line as next_seq,
        row_number() over line as segment
    from intermediate.sector_series as b
    left join intermediate.series_seams as s on b.symbol = s.symbol and b.source = s.source and b.basis = s.basis and b.seq = s.seq
    where b.is_broken or s.seq is not null
    window line as (partition by b.symbol, b.source, b.basis order by b.seq)
),

numbered_segments as (
    select
        b.symbol,
        b.source,
        b.basis,
        b.series_rank,
        false as is_joined,
        coalesce(s.segment, 0) as segment,
        b.seq,
        b.session_date,
        b.close,
        b.forward_close,
        b.is_held_back is true as is_held_back,
        b.is_broken is true as is_broken
    from intermediate.sector_series as b
    left join segment_starts as s
        on
            b.symbol = s.symbol
            and b.source = s.source
            and b.basis = s.basis
            and b.seq >= s.seq
            and (s.next_seq is null or b.seq < s.next_seq)
    union all
    select
        symbol,
        source,
        basis,
        1000 as series_rank,
        true as is_joined,
        segment,
        seq,
        session_date,
        close,
        forward_close,
        is_held_back is true as is_held_back,
        is_broken
    from intermediate.joined_closes
    where dataset = 'sector_bars'
),

-- the joined line, or the best series where it alone is in force throughout
segments_in_force as (
    select
        symbol,
        coalesce(max(if(is_joined, series_rank, null)), min(series_rank)) as series_rank
    from numbered_segments
    group by symbol
),

-- sessions of which it has a close that may be shown
shown_sessions as (
    select
        b.symbol,
        b.seq
    from numbered_segments as b
    semi join segments_in_force as l on b.symbol = l.symbol and b.series_rank = l.series_rank
    where not b.is_held_back
),

final as (
    select
        b.symbol,
        b.source,
        b.basis,
        b.series_rank,
        b.is_joined,
        l.symbol is not null as is_in_force,
        b.segment,
        b.seq,
        b.session_date,
        b.close,
        b.forward_close,
        b.is_held_back or s.seq is null as is_held_back,
        b.is_broken
    from numbered_segments as b
    left join segments_in_force as l on b.symbol = l.symbol and b.series_rank = l.series_rank
    left join shown_sessions as s on b.symbol = s.symbol and b.seq = s.seq
)

select *
from final
order by symbol, series_rank, seq
