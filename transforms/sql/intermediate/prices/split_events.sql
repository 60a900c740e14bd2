/*
description: >
  The splits that sources state, by the instrument under whichever of its symbols; one that is stated again within a week, by another
  source or under another symbol, is the same one.
grain: instrument_id x ex_date x ratio
materialized: table
publish: false
sessions: ex_date
columns:
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the instrument; the symbol where no bar bears it."}
  - {name: ex_date, type: DATE, unit: "", description: "First session at the new share count: as stated, or where unadjusted closes show it."}
  - {name: ratio, type: DOUBLE, unit: "", description: "New shares per old share."}
*/
with split_ratios as (
    select distinct
        symbol,
        ex_date,
        numerator / denominator as ratio
    from staging.splits
    where numerator <> denominator
),

instrument_splits as (
    select
        coalesce(b.instrument_id, p.symbol) as instrument_id,
        p.symbol,
        p.ex_date,
        p.ratio
    from split_ratios as p
    left join intermediate.symbol_bearers as b on p.symbol = b.symbol
    -- the bearer of that day; else the one whose name ended in the week before; else the first one after it, for vendors state splits under
    -- today's symbol; else the last before
    qualify row_number() over (
        partition by p.symbol, p.ex_date, p.ratio
        order by
            p.ex_date >= b.valid_from and p.ex_date < b.valid_to desc,
            coalesce(p.ex_date between b.valid_to and b.valid_to + 7, false) desc,
            p.ex_date < b.valid_to desc,
            if(p.ex_date < b.valid_to, b.valid_from - date '0001-01-01', date '9999-12-31' - b.valid_from),
            b.instrument_id
    ) = 1
),

distinct_splits as (
    select distinct
        instrument_id,
        ex_date,
        ratio
    from instrument_splits
),

-- one that unadjusted closes show on another day has its share count from that day on
misdated_splits as (
    select
        p.symbol as instrument_id,
        p.numerator / p.denominator as ratio,
        s.session_date as stated_date,
        t.session_date as step_date
    from intermediate.stated_splits as p
    inner join staging.sessions as s on p.seq = s.seq
    inner join staging.sessions as t on p.step_seq = t.seq
    where p.dataset = 'equity_bars' and p.status in ('early', 'late')
),

single_splits as (
    select *
    from distinct_splits
    qualify coalesce(ex_date - lag(ex_date) over (partition by instrument_id, ratio order by ex_date) > 7, true)
),

final as (
    select
        d.instrument_id,
        coalesce(any_value(m.step_date), d.ex_date) as ex_date,
        d.ratio
    from single_splits as d
    left join misdated_splits as m
        on d.instrument_id = m.instrument_id and d.ratio = m.ratio and m.stated_date between d.ex_date and d.ex_date + 7
    group by d.instrument_id, d.ex_date, d.ratio
)

select *
from final
order by instrument_id, ex_date, ratio
