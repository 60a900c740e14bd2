/*
description: >
  What becomes of each split that sources state. One stated again within a week, by another source or under another symbol, is the same
  one. It belongs to the instrument, under whichever of its symbols. A ratio of 1.4 or more, either way, counts on its day where it makes the
  step of the day smaller in unadjusted closes, or where there is no step to hold it against. Where it makes it larger, it counts from the
  first of the five sessions after that has its step (`late`); an earlier step (`early`) stays as it was shown, and
  no mean and no longer return crosses the stated day. Else it is `contradicted`, and the step is a step as any other. A smaller ratio counts
  on its day, unless an earlier step fits it closely. Nothing hangs on later sessions than the one from which it counts.
grain: dataset x symbol x seq x numerator x denominator
materialized: table
publish: false
sessions: [seq, forever]
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "equity_bars, sector_bars, or null where no bars bear the symbol."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Id of the stock, symbol of the ETF, or the symbol as stated."}
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the stock in this build; null for others."}
  - {name: seq, type: INTEGER, unit: sessions, description: "First session at or after the first day stated."}
  - {name: numerator, type: BIGINT, unit: shares, description: "New shares."}
  - {name: denominator, type: BIGINT, unit: shares, description: "Old shares."}
  - {name: status, type: VARCHAR, unit: "", description: "applied, late, early, contradicted, rival (its session or its step is another one's) or no_bearer."}
  - {name: applied_seq, type: INTEGER, unit: sessions, description: "First session at the new share count; null where it is not applied."}
  - {name: day_seq, type: INTEGER, unit: sessions, description: "First session from the stated day on with a bar, and one before: what its step says is known then; null without both."}
  - {name: step, type: DOUBLE, unit: "", description: "Close / last close of that session."}
  - {name: step_seq, type: INTEGER, unit: sessions, description: "Session of the early or late step."}
*/
with fund_bars as (
    select
        'sector_bars' as dataset,
        b.symbol,
        b.source,
        coalesce(r.rank, 1000000) as rank,
        s.seq,
        b.close
    from staging.sector_bars as b
    inner join staging.sessions as s on b.session_date = s.session_date
    left join staging.series_rank as r on r.dataset = 'sector_bars' and b.source = r.source and b.basis = r.basis
    semi join intermediate.split_statements as d on d.dataset = 'sector_bars' and b.symbol = d.symbol
    where b.is_final and b.basis = 'raw' and b.close > 0
),

close_steps as (
    select
        'equity_bars' as dataset,
        symbol,
        source,
        rank,
        seq,
        last_seq,
        step
    from intermediate.split_steps
    union all
    select
        dataset,
        symbol,
        source,
        rank,
        seq,
        lag(seq) over line as last_seq,
        close / lag(close) over line as step
    from fund_bars
    window line as (partition by symbol, source order by seq)
),

-- the steps of two weeks around each, by what the split would leave of them
tested_steps as (
    select
        d.dataset,
        d.symbol,
        d.ratio,
        d.seq,
        d.is_tested,
        t.source,
        t.rank,
        t.seq as step_seq,
        t.step,
        t.last_seq < d.seq and t.seq >= d.seq as is_of_day,
        abs(ln(d.ratio * t.step)) as rest,
        rest < abs(ln(t.step)) as is_smaller,
        -- on another day than the stated one it has to be the step of this split, not of another; a small one's could be a move
        is_smaller and rest < abs(ln(d.ratio)) / if(d.is_tested, 2, 5) as is_fit
    from intermediate.split_statements as d
    inner join close_steps as t
        on
            d.dataset = t.dataset
            and d.symbol = t.symbol
            and t.last_seq is not null
            and (
                (d.seq <= t.seq + 5 and d.last_stated_seq >= t.seq - 5)
                or (d.seq > t.last_seq and d.seq <= t.seq)
            )
),

-- the first bar from the day on says what the split does: what a series shows that goes on later changes nothing
first_bars as (
    select
        d.dataset,
        d.symbol,
        d.ratio,
        d.seq,
        min(t.seq) as bar_seq
    from intermediate.split_statements as d
    inner join close_steps as t on d.dataset = t.dataset and d.symbol = t.symbol and d.seq <= t.seq
    group by d.dataset, d.symbol, d.ratio, d.seq
),

-- of the series that have it the best one speaks
best_sources as (
    select
        t.dataset,
        t.symbol,
        t.ratio,
        t.seq,
        arg_min(t.source, (t.rank, t.source)) as source
    from tested_steps as t
    inner join first_bars as b
        on t.dataset = b.dataset and t.symbol = b.symbol and t.ratio = b.ratio and t.seq = b.seq and t.step_seq = b.bar_seq
    where t.is_of_day
    group by t.dataset, t.symbol, t.ratio, t.seq
),

step_findings as (
    select
        t.dataset,
        t.symbol,
        t.ratio,
        t.seq,
        bool_or(t.is_smaller) filter (where t.is_of_day) as is_right,
        any_value(t.rest) filter (where t.is_of_day) as rest,
        any_value(t.step_seq) filter (where t.is_of_day) as day_seq,
        -- below 1.2 moves are as large
        max(t.step_seq) filter (where t.is_fit and t.step_seq < t.seq and abs(ln(t.ratio)) >= ln(1.2)) as early_seq,
        -- the first: which one it is hangs on no later session
        min(t.step_seq) filter (where t.is_fit and t.step_seq > t.seq and not t.is_of_day) as late_seq,
        any_value(t.step) filter (where t.is_of_day) as step
    from tested_steps as t
    semi join best_sources as w
        on t.dataset = w.dataset and t.symbol = w.symbol and t.ratio = w.ratio and t.seq = w.seq and t.source = w.source
    group by t.dataset, t.symbol, t.ratio, t.seq
),

-- steps that a split stated before counts from: stated again some days later, it is no other
steps_of_splits as (
    select distinct
        dataset,
        symbol,
        ratio,
        if(is_right, seq, late_seq) as seq
    from step_findings
),

split_verdicts as (
    select
        d.*,
        f.rest,
        case
            when d.dataset is null then 'no_bearer'
            when f.is_right is null or f.is_right then 'applied'
            when o.seq is not null then 'rival'
            when f.early_seq is not null then 'early'
            when not d.is_tested then 'applied'
            when f.late_seq is not null then 'late'
            else 'contradicted'
        end as found_status,
        case found_status when 'applied' then d.seq when 'late' then f.late_seq end as found_seq,
        f.day_seq,
        f.step,
        case found_status when 'early' then f.early_seq when 'late' then f.late_seq end as step_seq
    from intermediate.split_statements as d
    left join step_findings as f on d.dataset = f.dataset and d.symbol = f.symbol and d.ratio = f.ratio and d.seq = f.seq
    left join steps_of_splits as o
        on d.dataset = o.dataset and d.symbol = o.symbol and d.ratio = o.ratio and f.early_seq = o.seq
),

-- of two that would count from one session the one that leaves less of its step does
ranked_splits as (
    select
        *,
        row_number() over (partition by dataset, symbol, found_seq order by rest nulls last, source, ratio) as place
    from split_verdicts
),

final as (
    select
        dataset,
        symbol,
        instrument_no,
        seq,
        numerator,
        denominator,
        if(found_seq is not null and place > 1, 'rival', found_status) as status,
        if(place > 1, null, found_seq) as applied_seq,
        day_seq,
        step,
        step_seq
    from ranked_splits
)

select *
from final
order by dataset, symbol, seq, numerator, denominator
