/*
description: >
  In all series, the few bars whose stated previous close is not the close of the session before: is it a split, and which one. Looks at
  adjacent sessions only; a split that a source gave comes before one that prices suggest. The bars of a
  frozen session are left out, and after one no bar is adjacent.
grain: series_no x seq
materialized: table
publish: false
blocks: {by: seq, back: 8}
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: close_e6, type: BIGINT, unit: "1e-6 USD", description: "Last price."}
  - {name: previous_close_e6, type: BIGINT, unit: "1e-6 USD", description: "Close of the session before as stated."}
  - {name: last_seq, type: INTEGER, unit: sessions, description: "Session of the last bar."}
  - {name: last_close_e6, type: BIGINT, unit: "1e-6 USD", description: "Close of the last bar."}
  - {name: is_adjacent, type: BOOLEAN, unit: "", description: "The last bar is of the session before."}
  - {name: numerator, type: BIGINT, unit: shares, description: "New shares, where prices suggest a split and none is given."}
  - {name: denominator, type: BIGINT, unit: shares, description: "Old shares, in the same case."}
  - {name: disagreement, type: DOUBLE, unit: share, description: "Stated previous close over the last close, split allowed for, less 1."}
*/
with frozen_sessions as (
    select
        source,
        basis,
        seq
    from intermediate.frozen_sessions
    where dataset = 'equity_bars'
),

followed_bars as (
    select
        series_no,
        instrument_no,
        seq,
        close_e6,
        previous_close_e6,
        is_raw,
        lag(series_no) over () as last_no,
        lag(seq) over () as last_seq,
        lag(close_e6) over () as last_close_e6
    from intermediate.series_bars
),

-- all splits given since the last bar: one may lie on a lost session
split_ratios as (
    select
        k.series_no,
        k.seq,
        list_product(list(g.numerator / g.denominator order by g.seq)) as given_ratio
    from followed_bars as k
    inner join intermediate.given_splits as g
        on k.instrument_no = g.instrument_no and k.seq >= g.seq and k.last_seq < g.seq
    where k.last_no = k.series_no and k.is_raw
    group by k.series_no, k.seq
),

close_comparisons as (
    select
        k.series_no,
        k.instrument_no,
        k.seq,
        k.close_e6,
        k.previous_close_e6,
        k.last_seq,
        k.last_close_e6,
        g.given_ratio,
        -- inferred from unadjusted prices of adjacent sessions alone, where no split is given
        k.last_seq = k.seq - 1 as is_adjacent,
        k.is_raw and k.last_seq = k.seq - 1 and g.given_ratio is null
        -- nearer to what is stated than to the last close, else it is a move and not a split
        and abs(k.close_e6 - k.previous_close_e6) < abs(k.close_e6 - k.last_close_e6) as may_be_split,
        k.last_close_e6 / k.previous_close_e6 as fell,
        k.previous_close_e6 / k.last_close_e6 as rose
    from followed_bars as k
    left join split_ratios as g on k.series_no = g.series_no and k.seq = g.seq
    where
        k.last_no = k.series_no
        and (
            g.given_ratio is not null
            -- 0.2 %: small dividends and rounding stay below, a close of another session hardly ever
            or abs(k.previous_close_e6 / k.last_close_e6 - 1) > 0.002
        )
),

kept_comparisons as (
    select
        c.* replace (
            c.is_adjacent and f.seq is null as is_adjacent,
            c.may_be_split and f.seq is null as may_be_split
        )
    from close_comparisons as c
    inner join intermediate.equity_series as e on c.series_no = e.series_no
    left join frozen_sessions as f on e.source = f.source and e.basis = f.basis and c.seq = f.seq + 1
    anti join frozen_sessions as t on e.source = t.source and e.basis = t.basis and c.seq = t.seq
),

inferred_ratios as (
    select
        *,
        case
            when not may_be_split then null
            when fell >= 1.5 and round(fell) between 2 and 1000 and abs(fell / round(fell) - 1) <= 0.001
                then [cast(round(fell) as bigint), 1]
            when rose >= 1.5 and round(rose) between 2 and 1000 and abs(rose / round(rose) - 1) <= 0.001
                then [1, cast(round(rose) as bigint)]
            when abs(fell / 1.5 - 1) <= 0.001 then [3, 2]
            when abs(rose / 1.5 - 1) <= 0.001 then [2, 3]
            when abs(fell / 2.5 - 1) <= 0.001 then [5, 2]
            when abs(rose / 2.5 - 1) <= 0.001 then [2, 5]
        end as guess
    from kept_comparisons
),

final as (
    select
        series_no,
        instrument_no,
        seq,
        close_e6,
        previous_close_e6,
        last_seq,
        last_close_e6,
        is_adjacent,
        guess[1] as numerator,
        guess[2] as denominator,
        rose * coalesce(given_ratio, guess[1] / guess[2], 1) - 1 as disagreement
    from inferred_ratios
)

select *
from final
order by series_no, seq
