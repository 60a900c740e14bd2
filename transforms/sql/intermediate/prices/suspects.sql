/*
description: Bars that a rule sets aside or marks for review.
grain: series_no x seq
materialized: table
publish: false
columns:
  - {name: series_no, type: INTEGER, unit: "", description: "Number of the series in this build."}
  - {name: instrument_no, type: INTEGER, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: rule, type: VARCHAR, unit: "", description: "mixed_session, previous_close_disagrees or gap_move."}
  - {name: is_return_broken, type: BOOLEAN, unit: "", description: "No return may cross into this session (over 2 %)."}
  - {name: is_mean_broken, type: BOOLEAN, unit: "", description: "No mean may cross into this session (over 25 %)."}
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

final as (
    select
        series_no,
        instrument_no,
        seq,
        rule,
        rule <> 'mixed_session' as is_return_broken,
        rule <> 'mixed_session' and abs(disagreement) > 0.25 as is_mean_broken
    from disagreements_by_rule
    where rule is not null
)

select *
from final
order by series_no, seq
