/*
description: >
  Sessions on which a stock, index or ETF goes on in another series than that of its last good bar. The joint is proven where both series have a good bar of one
  session, at or at most five before it, that agree within the tolerance of fills, or where the new series states the last close of
  the old one, of the session before, as its previous close. No mean and no range crosses an unproven joint. The
  return into the session is taken in the best series that has both closes; where none has, it crosses a proven joint alone.
grain: instrument_no x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the stock, index or ETF in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "First session of the new series."}
  - {name: series_no, type: BIGINT, unit: "", description: "The new series."}
  - {name: last_series_no, type: BIGINT, unit: "", description: "The old series."}
  - {name: last_seq, type: INTEGER, unit: sessions, description: "Session of its last good bar in force."}
  - {name: is_proven, type: BOOLEAN, unit: "", description: "Both series stand at one level."}
  - {name: proof_seq, type: INTEGER, unit: sessions, description: "Session of the last close that both have, or that the new one states; null where unproven."}
  - {name: step, type: DOUBLE, unit: "", description: "Close over the close of the session before in one series, splits allowed for; null where no series has both, and for indices and ETFs."}
*/
with chosen_bars as (
    select
        instrument_no,
        seq,
        series_no,
        lag(series_no) over life as last_series_no,
        lag(seq) over life as last_seq
    from intermediate.series_choice
    where not is_excluded
    window life as (partition by instrument_no order by seq)
),

joints_of_series as (
    select *
    from chosen_bars
    where series_no <> last_series_no
),

good_bars as materialized (
    select b.*
    from intermediate.contested_bars as b
    semi join joints_of_series as j on b.instrument_no = j.instrument_no
    where not b.is_excluded
),

close_comparisons as (
    select
        j.instrument_no,
        j.seq,
        -- the last session that both have decides
        max_by(abs(b.close_e6 - a.close_e6) <= a.close_e6 * $fill_tolerance_pct / 100, a.seq) as do_agree,
        max(a.seq) as shared_seq
    from (
        select
            *,
            unnest(range(seq - 5, seq + 1)) as shared_seq
        from joints_of_series
    ) as j
    inner join good_bars as a on j.last_series_no = a.series_no and j.shared_seq = a.seq
    inner join good_bars as b on j.series_no = b.series_no and j.shared_seq = b.seq
    group by j.instrument_no, j.seq
),

stated_joints as (
    select
        j.instrument_no,
        j.seq
    from joints_of_series as j
    inner join good_bars as a on j.last_series_no = a.series_no and a.seq = j.seq - 1
    inner join good_bars as b on j.series_no = b.series_no and j.seq = b.seq
    where j.last_seq = j.seq - 1 and abs(b.previous_close_e6 - a.close_e6) <= a.close_e6 * $fill_tolerance_pct / 100
),

joint_steps as (
    select
        j.instrument_no,
        j.seq,
        arg_min(
            b.close_e6 / a.close_e6 * if(b.is_raw, coalesce(p.numerator / p.denominator, 1), 1), b.place
        ) as step
    from joints_of_series as j
    inner join good_bars as b on j.instrument_no = b.instrument_no and j.seq = b.seq
    inner join good_bars as a on b.series_no = a.series_no and a.seq = j.seq - 1
    left join intermediate.given_splits as p on j.instrument_no = p.instrument_no and j.seq = p.seq
    -- of indices and ETFs the returns are those of windows
    where j.instrument_no > 0
    group by j.instrument_no, j.seq
),

final as (
    select
        j.instrument_no,
        j.seq,
        j.series_no,
        j.last_series_no,
        j.last_seq,
        coalesce(c.do_agree, false) or t.seq is not null as is_proven,
        case
            when c.do_agree then c.shared_seq
            when t.seq is not null then j.last_seq
        end as proof_seq,
        s.step
    from joints_of_series as j
    left join close_comparisons as c on j.instrument_no = c.instrument_no and j.seq = c.seq
    left join stated_joints as t on j.instrument_no = t.instrument_no and j.seq = t.seq
    left join joint_steps as s on j.instrument_no = s.instrument_no and j.seq = s.seq
)

select *
from final
order by instrument_no, seq
