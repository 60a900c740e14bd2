/*
description: >
  Bars that a rule sets aside or marks for review. A step of an adjusted series that a stated split explains, on its day or in the five sessions after, is none of the
  market: the series was stored day by day, its earlier bars on the old share count. After a bar that is set aside the step from the last good
  close tells. Where its step came in the five sessions before, it stays as it was shown, and the stated day is marked (early_split). A step that
  later payloads made false is a seam (restated_seam).
grain: series_no x seq
materialized: table
publish: false
blocks: {by: seq, back: 16}
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: rule, type: VARCHAR, unit: "", description: "mixed_session, previous_close_disagrees, gap_move, unadjusted_split, early_split or restated_seam."}
  - {name: is_return_broken, type: BOOLEAN, unit: "", description: "No return may cross into this session (over 2 %, a split, or a seam)."}
  - {name: is_mean_broken, type: BOOLEAN, unit: "", description: "No mean may cross into this session (over 25 %, or a split)."}
*/
with disagreements_by_rule as (
    select
        b.series_no,
        b.instrument_no,
        b.seq,
        b.disagreement,
        case
            when a.rule = 'mixed_session' then a.rule
            -- nothing is asked of a bar that is out, nor of the one after it
            when a.is_absent or p.is_absent then null
            when b.is_adjacent and abs(b.disagreement) > 0.02 then 'previous_close_disagrees'
            when not b.is_adjacent and abs(b.disagreement) > 0.25 then 'gap_move'
        end as rule
    from intermediate.close_mismatches as b
    left join intermediate.excluded_bars as a on b.series_no = a.series_no and b.seq = a.seq
    left join intermediate.excluded_bars as p on b.series_no = p.series_no and b.last_seq = p.seq
),

splits_of_series as (
    select
        e.series_no,
        s.seq,
        p.ratio
    from intermediate.split_events as p
    inner join intermediate.equity_series as e on p.instrument_id = e.instrument_id and e.basis <> 'raw'
    asof inner join staging.sessions as s on p.ex_date <= s.session_date
    -- a smaller one cannot be distinguished from a move
    where abs(ln(p.ratio)) >= ln(1.2)
),

steps_of_series as (
    select
        b.series_no,
        b.instrument_no,
        b.seq,
        lag(b.seq) over line as last_seq,
        b.close_e6 / nullif(lag(b.close_e6) over line, 0) as step
    from intermediate.series_bars as b
    semi join splits_of_series as p on b.series_no = p.series_no
    window line as (partition by b.series_no order by b.seq)
),

-- the bar before the stated day is set aside and does not fit the split itself: what tells is the step from the last good close
splits_after_set_aside_bars as (
    select
        t.series_no,
        t.instrument_no,
        t.seq
    from steps_of_series as t
    inner join splits_of_series as p on t.series_no = p.series_no and t.seq >= p.seq and t.last_seq < p.seq
    inner join intermediate.equity_series as e on t.series_no = e.series_no
    inner join intermediate.price_steps as s
        on
            s.dataset = 'equity_bars'
            and e.instrument_id = s.symbol
            and e.source = s.source
            and e.basis = s.basis
            and t.last_seq = s.seq
    where
        t.step > 0
        and t.last_seq >= t.seq - 5
        and s.verdict <> 'true_move'
        and abs(ln(s.close / s.good_close * t.step * p.ratio)) < abs(ln(p.ratio)) / 2
        and abs(ln(s.close / s.good_close * p.ratio)) >= abs(ln(p.ratio)) / 2
),

unadjusted_splits as (
    select
        t.series_no,
        t.instrument_no,
        t.seq
    from splits_after_set_aside_bars as t
    anti join intermediate.excluded_bars as a on t.series_no = a.series_no and t.seq = a.seq
    union
    select
        t.series_no,
        t.instrument_no,
        t.seq
    from steps_of_series as t
    inner join splits_of_series as p on t.series_no = p.series_no and t.seq >= p.seq and t.last_seq < p.seq + 5
    anti join intermediate.excluded_bars as a on t.series_no = a.series_no and t.seq = a.seq
    where
        t.step > 0
        and abs(ln(t.step * p.ratio)) < abs(ln(p.ratio)) / 2
        -- on a later day one below 1.4 cannot be distinguished from a move
        and (abs(ln(p.ratio)) >= ln(1.4) or t.last_seq < p.seq)
),

early_splits as (
    select distinct
        d.series_no,
        d.instrument_no,
        d.seq
    from splits_of_series as p
    inner join steps_of_series as d on p.series_no = d.series_no and p.seq <= d.seq and p.seq > d.last_seq
    inner join steps_of_series as t on p.series_no = t.series_no and t.seq between d.seq - 5 and d.last_seq
    -- what nothing crosses anyway
    anti join intermediate.excluded_bars as a on t.series_no = a.series_no and t.seq = a.seq
    anti join unadjusted_splits as u on d.series_no = u.series_no and u.seq between d.seq - 5 and d.seq
    where
        t.step > 0
        and d.step > 0
        and abs(ln(d.step * p.ratio)) >= abs(ln(d.step))
        and abs(ln(t.step * p.ratio)) < abs(ln(p.ratio)) / if(abs(ln(p.ratio)) >= ln(1.4), 2, 5)
),

-- the rules that mark the step itself come before
restated_seams as (
    select m.*
    from intermediate.stock_seams as m
    anti join intermediate.excluded_bars as a on m.series_no = a.series_no and m.seq = a.seq
    anti join unadjusted_splits as p on m.series_no = p.series_no and m.seq = p.seq
    anti join early_splits as y on m.series_no = y.series_no and m.seq = y.seq
),

final as (
    select
        series_no,
        instrument_no,
        seq,
        'unadjusted_split' as rule,
        true as is_return_broken,
        true as is_mean_broken
    from unadjusted_splits
    union all
    select
        series_no,
        instrument_no,
        seq,
        'early_split' as rule,
        false as is_return_broken,
        true as is_mean_broken
    from early_splits
    union all
    select
        series_no,
        instrument_no,
        seq,
        'restated_seam' as rule,
        true as is_return_broken,
        abs(change - 1) > 0.25 as is_mean_broken
    from restated_seams
    union all
    select
        d.series_no,
        d.instrument_no,
        d.seq,
        d.rule,
        d.rule <> 'mixed_session' as is_return_broken,
        d.rule <> 'mixed_session' and abs(d.disagreement) > 0.25 as is_mean_broken
    from disagreements_by_rule as d
    anti join unadjusted_splits as p on d.series_no = p.series_no and d.seq = p.seq
    anti join early_splits as y on d.series_no = y.series_no and d.seq = y.seq
    anti join restated_seams as m on d.series_no = m.series_no and d.seq = m.seq
    where d.rule is not null
)

select *
from final
order by series_no, seq
