/*
description: >
  Of the stocks, indices and ETFs that have several series, the bar in force on each session. The best ranked series that has had a good bar within five
  sessions is in force. On a session that it lost, the best other one stands in that is proven to go on from it: both have a bar of one
  session, at most five before, that agree within the tolerance of fills, or its stated previous close is the lost series' last
  close. Else the session stays a hole. A bar that is set aside is taken only where there is none but such. Nothing depends on later bars.
grain: instrument_no x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the stock, index or ETF in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: series_no, type: BIGINT, unit: "", description: "The series in force."}
  - {name: is_excluded, type: BOOLEAN, unit: "", description: "The bar is set aside by a rule; no series has a good one."}
  - {name: lost_series_no, type: BIGINT, unit: "", description: "The better series that lost the session and that this one stands in for; null where none did."}
*/
-- the best series that has a good bar in this session or one of the five before
with ranked_bars as (
    select
        instrument_no,
        seq,
        series_no,
        place,
        close_e6,
        previous_close_e6,
        min(place) over (
            partition by instrument_no order by seq range between 5 preceding and current row
        ) as best_place,
        min(place) over (partition by instrument_no, seq) as day_place
    from intermediate.contested_bars
    where not is_excluded
),

-- bars of sessions that the best series lost
candidate_bars as (
    select
        r.instrument_no,
        r.seq,
        r.series_no,
        r.place,
        r.close_e6,
        r.previous_close_e6,
        r.best_place
    from ranked_bars as r
    where r.day_place > r.best_place
),

shared_closes as (
    select
        c.instrument_no,
        c.series_no,
        c.seq,
        c.best_place,
        max(a.seq) as lost_seq,
        -- the last session that both have decides
        max_by(abs(b.close_e6 - a.close_e6) <= a.close_e6 * $fill_tolerance_pct / 100, a.seq) filter (
            where b.seq is not null
        ) as do_agree,
        max_by(
            abs(c.previous_close_e6 - a.close_e6) <= a.close_e6 * $fill_tolerance_pct / 100 and a.seq = c.seq - 1, a.seq
        ) as is_stated
    from (
        select
            *,
            unnest(range(seq - 5, seq)) as shared_seq
        from candidate_bars
    ) as c
    inner join intermediate.contested_bars as a
        on c.instrument_no = a.instrument_no and c.best_place = a.place and c.shared_seq = a.seq and not a.is_excluded
    left join intermediate.contested_bars as b on c.series_no = b.series_no and c.shared_seq = b.seq and not b.is_excluded
    group by c.instrument_no, c.series_no, c.seq, c.best_place
),

-- once proven, a series stands in until the lost one goes on
stand_in_bars as (
    select
        *,
        max(if(coalesce(do_agree, false) or coalesce(is_stated, false), seq, null)) over (
            partition by series_no, best_place order by seq
        ) > lost_seq as is_proven
    from shared_closes
),

chosen_bars as (
    select
        instrument_no,
        seq,
        series_no,
        false as is_excluded,
        null as lost_series_no
    from ranked_bars
    where place = best_place
    union all
    select
        t.instrument_no,
        t.seq,
        arg_min(t.series_no, s.place) as series_no,
        false as is_excluded,
        any_value(l.series_no) as lost_series_no
    from stand_in_bars as t
    inner join intermediate.bar_series as s on t.series_no = s.series_no
    inner join intermediate.bar_series as l on t.instrument_no = l.instrument_no and t.best_place = l.place
    where t.is_proven
    group by t.instrument_no, t.seq
),

final as (
    select *
    from chosen_bars
    union all
    select
        b.instrument_no,
        b.seq,
        arg_min(b.series_no, b.place) as series_no,
        true as is_excluded,
        null as lost_series_no
    from intermediate.contested_bars as b
    anti join chosen_bars as g on b.instrument_no = g.instrument_no and b.seq = g.seq
    where b.is_excluded
    group by b.instrument_no, b.seq
)

select *
from final
order by instrument_no, seq
