/*
description: >
  Bars that a rule set aside or marks for review, with the numbers, and the verdicts of later bars. frozen_session: the source repeats the
  session before; mixed_session: the row holds another session's values; unexplained_step: nothing explains the step from the last good
  close; all of these are out of what is shown for their session. step_verdict: what the next bar says of such a step, a row of its own
  session. repeated_bar: the stock repeats close and volume of the bar before, which stands in means. far_from_others, option_step, split_like_step: a fund moved far from all others, a warrant
  or right by a great factor, a stock by 2:1 or 3:1 sharp, and counts.
  implausible_value: close times volume of a stock is above 1e12 USD, and counts. unadjusted_split, early_split: closes of an adjusted series step by a
  stated split, on its day or before. restated_seam: the vendor adjusted one of both bars anew and left the other. previous_close_disagrees: the row stays, its return is null;
  gap_move: after a gap the stated previous close lies far from the last close, so no mean crosses it.
grain: session_date x dataset x instrument_id x source x basis x rule
materialized: table
sessions: session_date
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session on which the rule spoke: that of the row, or that of its verdict."}
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars, sector_bars or equity_bars."}
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the instrument; the symbol of an index or ETF."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol on that day."}
  - {name: rule, type: VARCHAR, unit: "", description: "frozen_session, mixed_session, repeated_bar, unexplained_step, step_verdict, far_from_others, option_step, split_like_step, implausible_value, unadjusted_split, early_split, restated_seam, previous_close_disagrees or gap_move."}
  - {name: is_set_aside, type: BOOLEAN, unit: "", description: "The row is out of what is shown for its session; of a verdict: it stays out for good."}
  - {name: row_date, type: DATE, unit: "", description: "Session of the row that the rule is about."}
  - {name: verdict, type: VARCHAR, unit: "", description: "Of step_verdict: bad_tick, true_move (counts since now) or break (likewise, but nothing crosses into it)."}
  - {name: close, type: DOUBLE, unit: points or USD, description: "Close of the row as given."}
  - {name: previous_close, type: DOUBLE, unit: USD, description: "Close of the session before as stated."}
  - {name: last_close, type: DOUBLE, unit: points or USD, description: "Close of the last bar, of a step that of the last good one, splits carried forward."}
  - {name: next_close, type: DOUBLE, unit: points or USD, description: "Close that gave the verdict."}
  - {name: disagreement_pct, type: DOUBLE, unit: percent, description: "Stated previous close against the last close, split allowed for."}
  - {name: step_pct, type: DOUBLE, unit: percent, description: "Close against the last good close, splits allowed for."}
  - {name: limit_pct, type: DOUBLE, unit: percent, description: "Limit of the kind on the side of the step."}
  - {name: kind, type: VARCHAR, unit: "", description: "Kind of the series, on which the limit depends."}
  - {name: nearest_symbol, type: VARCHAR, unit: "", description: "Of the others the one that moved most alike, where they are compared."}
  - {name: apart_pp, type: DOUBLE, unit: pp, description: "Log return less that of the nearest."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
method:
  - id: step_index
    version: 1
    formula: close / last good close of the series, splits allowed for, over the median step of the market where that is 3 % or more
    parameters: "rise of 20 %, fall of 25 %, or 4.8 points of log return from the nearest of two other indices, 15 where that moved by 5 % or more"
    citation: ""
    oracle: "faults put into real bars (make faults): x1.5 to x100 all, x1.2 99.9 %, x1.06 84 %; none in vain since 1927"
    deviations: ""
  - id: step_volatility
    version: 1
    formula: close / last good close of the series, splits allowed for, over the median step of the market where that is 3 % or more
    parameters: "rise of 150 %, fall of 50 %"
    citation: ""
    oracle: "faults put into real bars (make faults): x10 all; none in vain since 1990"
    deviations: ""
  - id: step_fund
    version: 1
    formula: close / last good close of the series, splits allowed for, over the median step of the market where that is 3 % or more
    parameters: "rise of 20 %, fall of 25 %, or 11.5 points of log return from the nearest of three other unlevered funds of the market"
    citation: ""
    oracle: "faults put into real bars (make faults): x1.5 all, x1.2 99.3 %; none in vain since 1993"
    deviations: ""
  - id: step_volatile_fund
    version: 1
    formula: close / last good close of the series, splits allowed for, over the median step of the market where that is 3 % or more
    parameters: "rise of 50 %, fall of 45 %"
    citation: ""
    oracle: "faults put into real bars (make faults): x2 99.6 %; none in vain"
    deviations: ""
  - id: step_stock_10b
    version: 1
    formula: close / last good close of the series, splits allowed for, over the median step of the market where that is 3 % or more
    parameters: "factor 1.4; five times the usual volume believes it below a factor of 8"
    citation: ""
    oracle: "faults put into real bars (make faults): x1.5 98.4 %, x2 99.6 %; 7.9 in vain in 1,000 stock-years"
    deviations: ""
  - id: step_stock_2b
    version: 1
    formula: close / last good close of the series, splits allowed for, over the median step of the market where that is 3 % or more
    parameters: "factor 1.6, likewise"
    citation: ""
    oracle: "faults put into real bars (make faults): x2 99.6 %; 7.7 in vain in 1,000 stock-years"
    deviations: ""
  - id: step_stock_500m
    version: 1
    formula: close / last good close of the series, splits allowed for, over the median step of the market where that is 3 % or more
    parameters: "factor 1.8, likewise"
    citation: ""
    oracle: "faults put into real bars (make faults): x2 97.4 %; 11.6 in vain in 1,000 stock-years"
    deviations: ""
  - id: step_stock
    version: 1
    formula: close / last good close of the series, splits allowed for, over the median step of the market where that is 3 % or more
    parameters: "factor 2.5, likewise"
    citation: ""
    oracle: "faults put into real bars (make faults): x3 96 %, 4:1 99.1 %; 32.4 in vain in 1,000 stock-years"
    deviations: ""
  - id: step_stock_below_1_usd
    version: 1
    formula: close / last good close of the series, splits allowed for, over the median step of the market where that is 3 % or more
    parameters: "factor 3, likewise"
    citation: ""
    oracle: "faults put into real bars (make faults): x10 99.0 %; 44.3 in vain in 1,000 stock-years"
    deviations: ""
  - id: step_stock_new
    version: 1
    formula: close / last good close of the series, splits allowed for, over the median step of the market where that is 3 % or more
    parameters: "factor 8 in the first ten sessions"
    citation: ""
    oracle: "faults put into real bars (make faults): x10 all; none in vain"
    deviations: ""
  - id: step_stock_below_10_cents
    version: 1
    formula: close / last good close of the series, splits allowed for, over the median step of the market where that is 3 % or more
    parameters: "factor 20 below 0.10 USD"
    citation: ""
    oracle: "faults put into real bars (make faults): x100 all; none in vain"
    deviations: ""
evidence:
  rows:
    - dataset: equity_bars
      sql: >
        select if(b.session_date = $row_date, 'suspect', if(b.session_date > $row_date, 'verdict', 'last bar')) as role, b.*
        from lake.equity_bars as b where $dataset = 'equity_bars' and b.symbol = $symbol and b.source = $source and b.basis = $basis
        and b.session_date <= $session_date order by b.session_date desc limit if($session_date = $row_date, 2, 3)
    - dataset: index_bars
      sql: >
        select if(b.session_date = $row_date, 'suspect', if(b.session_date > $row_date, 'verdict', 'last bar')) as role, b.*
        from lake.index_bars as b where $dataset = 'index_bars' and b.symbol = $symbol and b.source = $source and b.basis = $basis
        and b.session_date <= $session_date order by b.session_date desc limit if($session_date = $row_date, 2, 3)
    - dataset: sector_bars
      sql: >
        select if(b.session_date = $row_date, 'suspect', if(b.session_date > $row_date, 'verdict', 'last bar')) as role, b.*
        from lake.sector_bars as b where $dataset = 'sector_bars' and b.symbol = $symbol and b.source = $source and b.basis = $basis
        and b.session_date <= $session_date order by b.session_date desc limit if($session_date = $row_date, 2, 3)
  applied: >
    select case when $rule in ('unexplained_step', 'step_verdict', 'far_from_others', 'option_step', 'split_like_step')
    then 'close / last good close - 1 = ' || $close || ' / ' || $last_close || ' - 1 = ' || $step_pct || ' %, splits allowed for' || coalesce('; limit ' || $limit_pct || ' %', '')
    when $rule = 'implausible_value' then 'close times volume is above 1e12 USD'
    else 'stated previous close / last close - 1 = ' || $previous_close || ' / ' || $last_close || ' - 1 = '
    || 100 * ($previous_close / $last_close - 1) || ' %, before splits' end
*/
with reference_steps as (
    select
        d.dataset,
        d.symbol,
        d.source,
        d.basis,
        t.session_date as row_date,
        v.session_date as verdict_date,
        d.verdict,
        b.close,
        d.good_close as last_close,
        d.verdict_close as next_close,
        100 * (d.close / d.good_close - 1) as step_pct,
        100 * (if(d.close > d.good_close, d.up_limit, d.down_limit) - 1) as limit_pct,
        d.kind,
        d.nearest as nearest_symbol,
        d.apart_pp
    from intermediate.price_steps as d
    inner join intermediate.reference_bars as b
        on d.dataset = b.dataset and d.symbol = b.symbol and d.source = b.source and d.basis = b.basis and d.seq = b.seq
    inner join staging.sessions as t on d.seq = t.seq
    left join staging.sessions as v on d.verdict_seq = v.seq
),

far_steps as (
    select
        f.*,
        s.session_date
    from intermediate.reference_steps as f
    inner join staging.sessions as s on f.seq = s.seq
    anti join intermediate.price_steps as d
        on f.dataset = d.dataset and f.symbol = d.symbol and f.source = d.source and f.basis = d.basis and d.seq in (f.seq, f.last_seq)
    where f.kind = 'fund' and abs(f.apart_pp) > $fund_apart_listed_pp
),

frozen_bars as (
    select b.*
    from intermediate.reference_bars as b
    inner join intermediate.frozen_sessions as f
        on b.dataset = f.dataset and b.symbol = f.symbol and b.source = f.source and b.basis = f.basis and b.seq = f.seq
),

equity_rows as (
    select
        m.series_no,
        m.seq,
        j.rule,
        false as is_set_aside,
        m.seq as row_seq,
        m.close_e6 / 1000000 as close,
        m.previous_close_e6 / 1000000 as previous_close,
        m.last_close_e6 / 1000000 as last_close,
        100 * m.disagreement as disagreement_pct
    from intermediate.suspects as j
    inner join intermediate.close_mismatches as m on j.series_no = m.series_no and j.seq = m.seq
    where j.rule not in ('unadjusted_split', 'early_split', 'restated_seam')
    union all by name
    select
        j.series_no,
        j.seq,
        j.rule,
        false as is_set_aside,
        j.seq as row_seq,
        b.close_e6 / 1000000 as close
    from intermediate.suspects as j
    inner join intermediate.suspect_bars as b on j.series_no = b.series_no and j.seq = b.seq
    where j.rule in ('unadjusted_split', 'early_split', 'restated_seam')
    union all by name
    select
        b.series_no,
        b.seq,
        x.rule,
        true as is_set_aside,
        b.seq as row_seq,
        b.close_e6 / 1000000 as close,
        b.previous_close_e6 / 1000000 as previous_close
    from intermediate.excluded_bars as x
    inner join intermediate.suspect_bars as b on x.series_no = b.series_no and x.seq = b.seq
    where x.rule in ('frozen_session', 'repeated_bar')
    union all by name
    -- the row of the step knows nothing of the session after
    select
        e.series_no,
        if(v.is_verdict, d.verdict_seq, d.seq) as seq,
        if(v.is_verdict, 'step_verdict', 'unexplained_step') as rule,
        not v.is_verdict or d.verdict = 'bad_tick' as is_set_aside,
        d.seq as row_seq,
        if(v.is_verdict, d.verdict, null) as verdict,
        b.close_e6 / 1000000 as close,
        b.previous_close_e6 / 1000000 as previous_close,
        d.good_close as last_close,
        if(v.is_verdict, d.verdict_close, null) as next_close,
        100 * (d.close / d.good_close - 1) as step_pct,
        100 * (if(d.close > d.good_close, d.up_limit, d.down_limit) - 1) as limit_pct,
        d.kind
    from intermediate.price_steps as d
    inner join intermediate.equity_series as e on d.symbol = e.instrument_id and d.source = e.source and d.basis = e.basis
    inner join intermediate.suspect_bars as b on e.series_no = b.series_no and d.seq = b.seq
    cross join (values (false), (true)) as v (is_verdict)
    where d.dataset = 'equity_bars' and (not v.is_verdict or d.verdict_seq is not null)
    union all by name
    select
        o.series_no,
        o.seq,
        'option_step' as rule,
        false as is_set_aside,
        o.seq as row_seq,
        b.close_e6 / 1000000 as close,
        b.previous_close_e6 / 1000000 as previous_close,
        o.last_close,
        100 * (o.close / o.last_close - 1) as step_pct,
        100 * (if(o.close > o.last_close, o.up_limit, 1 / o.up_limit) - 1) as limit_pct,
        o.kind
    from intermediate.stock_steps as o
    inner join intermediate.suspect_bars as b on o.series_no = b.series_no and o.seq = b.seq
    where o.kind = 'option' and greatest(o.close / o.last_close, o.last_close / o.close) > o.up_limit
    union all by name
    select
        p.series_no,
        p.seq,
        'split_like_step' as rule,
        false as is_set_aside,
        p.seq as row_seq,
        b.close_e6 / 1000000 as close,
        b.previous_close_e6 / 1000000 as previous_close,
        p.last_close,
        100 * (p.step - 1) as step_pct
    from intermediate.split_like_steps as p
    inner join intermediate.suspect_bars as b on p.series_no = b.series_no and p.seq = b.seq
    union all by name
    select
        series_no,
        seq,
        'implausible_value' as rule,
        false as is_set_aside,
        seq as row_seq,
        close_e6 / 1000000 as close,
        previous_close_e6 / 1000000 as previous_close
    from intermediate.suspect_bars
    where is_implausible
),

suspect_stocks as (
    select
        s.session_date,
        e.instrument_id,
        i.symbol,
        t.session_date as row_date,
        r.* exclude (series_no, seq, row_seq, is_set_aside),
        r.is_set_aside or r.rule = 'mixed_session' as is_set_aside,
        e.source,
        e.basis
    from equity_rows as r
    inner join staging.sessions as s on r.seq = s.seq
    inner join staging.sessions as t on r.row_seq = t.seq
    inner join intermediate.equity_series as e on r.series_no = e.series_no
    left join intermediate.instruments as i
        on
            e.instrument_id = i.instrument_id
            and s.session_date >= i.valid_from
            and (i.valid_to is null or s.session_date < i.valid_to)
),

suspects_of_all as (
    select
        'equity_bars' as dataset,
        null as nearest_symbol,
        null as apart_pp,
        *
    from suspect_stocks
    union all by name
    select
        row_date as session_date,
        'unexplained_step' as rule,
        true as is_set_aside,
        symbol as instrument_id,
        -- nothing of the session after
        * exclude (verdict_date, verdict, next_close)
    from reference_steps
    union all by name
    select
        verdict_date as session_date,
        'step_verdict' as rule,
        verdict = 'bad_tick' as is_set_aside,
        symbol as instrument_id,
        * exclude (verdict_date)
    from reference_steps
    where verdict <> 'pending'
    union all by name
    select
        session_date,
        dataset,
        symbol as instrument_id,
        symbol,
        'far_from_others' as rule,
        false as is_set_aside,
        session_date as row_date,
        close,
        last_close,
        100 * (close / last_close - 1) as step_pct,
        100 * (if(close > last_close, up_limit, down_limit) - 1) as limit_pct,
        kind,
        nearest as nearest_symbol,
        apart_pp,
        source,
        basis
    from far_steps
    union all by name
    select
        session_date,
        dataset,
        symbol as instrument_id,
        symbol,
        'frozen_session' as rule,
        true as is_set_aside,
        session_date as row_date,
        close,
        source,
        basis
    from frozen_bars
),

final as (
    select
        session_date,
        dataset,
        instrument_id,
        symbol,
        rule,
        is_set_aside,
        row_date,
        verdict,
        close,
        previous_close,
        last_close,
        next_close,
        disagreement_pct,
        step_pct,
        limit_pct,
        kind,
        nearest_symbol,
        apart_pp,
        source,
        basis
    from suspects_of_all
)

select *
from final
order by session_date, dataset, instrument_id, source, basis, rule
