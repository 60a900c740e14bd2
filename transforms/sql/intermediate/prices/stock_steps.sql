/*
description: >
  Steps of stocks that may be faults, in every series: from the last good bar of the series, at most five sessions before, by about as much as
  the limit of the kind or more. What is made of them stands in price_steps.
grain: series_no x seq
materialized: table
publish: false
blocks: {by: seq, back: 64, ahead: 6}
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: close, type: DOUBLE, unit: USD, description: "Close, splits that a source gave carried forward."}
  - {name: last_seq, type: INTEGER, unit: sessions, description: "Session of the good bar before, at most five sessions ago."}
  - {name: last_close, type: DOUBLE, unit: USD, description: "Its close."}
  - {name: next_seq, type: INTEGER, unit: sessions, description: "Session of the next bar of the series, at most five later; null without one."}
  - {name: next_close, type: DOUBLE, unit: USD, description: "Its close."}
  - {name: previous_close, type: DOUBLE, unit: USD, description: "Close of the session before as stated, on the same share basis as close."}
  - {name: kind, type: VARCHAR, unit: "", description: "stock_ and its size or price, on which the limit depends; option for warrants and rights."}
  - {name: up_limit, type: DOUBLE, unit: "", description: "Close / last good close above which the step is a suspect; its inverse below."}
  - {name: market_ratio, type: DOUBLE, unit: "", description: "Median step of the market where it is a crash or a leap; else 1."}
  - {name: volume_ratio, type: DOUBLE, unit: "", description: "Volume over the median of the 21 sessions before; null without both."}
  - {name: is_confirmed, type: BOOLEAN, unit: "", description: "Another source has the same step in bars of its own."}
*/
with followed_bars as (
    select
        series_no,
        seq,
        close_e6,
        lag(series_no) over () = series_no as is_followed,
        lag(close_e6) over () as last_close_e6,
        coalesce(lag(market_cap) over (), if(lag(series_no, 2) over () = series_no, lag(market_cap, 2) over (), null)) as cap
    from intermediate.series_bars
),

-- 0.88 of the limit: what a crash of 12 % takes off a step, and the step back from one
large_moves as (
    select
        series_no,
        seq
    from followed_bars
    where
        is_followed
        and greatest(close_e6 / last_close_e6, last_close_e6 / close_e6) > 0.88 * case
            when cap < 5e8 then least(2.2, $stock_step_limit)
            when cap < 2e9 then $stock_step_limit_500m
            when cap < 10e9 then $stock_step_limit_2b
            else $stock_step_limit_10b
        end
),

frozen_series_sessions as (
    select
        e.series_no,
        f.seq
    from intermediate.frozen_sessions as f
    inner join intermediate.equity_series as e on f.source = e.source and f.basis = e.basis
    where f.dataset = 'equity_bars'
),

excluded_bars_so_far as (
    select *
    from frozen_series_sessions
    union
    select *
    from intermediate.mixed_bars
),

-- the month before each for its volumes, the two weeks after for the bars that may follow a run of bad ones
windows_around_moves as (
    select
        series_no,
        cast(unnest(range(seq - 22, seq + 12)) as integer) as seq,
        seq as touched_seq
    from (
        from large_moves
        union
        from excluded_bars_so_far
    ) as touched
),

bars_in_windows as (
    select
        series_no,
        seq,
        bool_or(seq between touched_seq and touched_seq + 6) as is_tested
    from windows_around_moves
    group by series_no, seq
),

split_factors as (
    select
        instrument_no,
        seq,
        lead(seq) over (partition by instrument_no order by seq) as next_seq,
        list_product(
            list(cast(numerator as double) / denominator) over (
                partition by instrument_no
                order by seq
                rows between unbounded preceding and current row
            )
        ) as factor
    from intermediate.given_splits
),

good_bars as materialized (
    select
        b.series_no,
        b.instrument_no,
        b.seq,
        k.is_tested,
        b.close_e6 / 1e6 as given_close,
        b.close_e6 / 1e6 * coalesce(f.factor, 1) as close,
        b.previous_close_e6 / 1e6 * coalesce(f.factor, 1) as previous_close,
        b.volume,
        b.market_cap
    from intermediate.series_bars as b
    inner join bars_in_windows as k on b.series_no = k.series_no and b.seq = k.seq
    left join split_factors as f
        on
            b.is_raw
            and b.instrument_no = f.instrument_no
            and b.seq >= f.seq
            and (f.next_seq is null or b.seq < f.next_seq)
    anti join excluded_bars_so_far as o on b.series_no = o.series_no and b.seq = o.seq
    where b.close_e6 > 0
),

price_moves as (
    select
        *,
        lag(seq) over line as last_seq,
        lag(close) over line as last_close,
        lag(given_close) over line as last_given_close,
        lag(volume) over line as last_volume,
        lead(seq) over line as next_seq,
        lead(close) over line as next_close,
        -- the last one stated in the week before
        last_value(market_cap ignore nulls) over (
            partition by series_no
            order by seq
            range between 5 preceding and 1 preceding
        ) as cap
    from good_bars
    window line as (partition by series_no order by seq)
),

first_sessions as (
    select
        e.instrument_id,
        min(s.seq) as first_seq
    from intermediate.equity_series as e
    inner join staging.sessions as s on e.first_session = s.session_date
    group by e.instrument_id
),

stock_kinds as (
    select
        m.*,
        case
            when e.is_option then 'option'
            when m.last_given_close < 0.10 then 'stock_below_10_cents'
            when m.seq - b.first_seq < $stock_first_sessions then 'stock_new'
            when m.cap is null and m.volume is null then if(m.last_given_close < 1, 'stock_closes_only_below_1_usd', 'stock_closes_only')
            when m.last_given_close < 1 then 'stock_below_1_usd'
            when m.cap >= 10e9 then 'stock_10b'
            when m.cap >= 2e9 then 'stock_2b'
            when m.cap >= 0.5e9 then 'stock_500m'
            else 'stock'
        end as kind
    from price_moves as m
    inner join intermediate.equity_series as e on m.series_no = e.series_no
    inner join first_sessions as b on e.instrument_id = b.instrument_id
    where m.is_tested and m.last_seq >= m.seq - 5
),

step_limits as (
    select *
    from (
        values
        ('option', $stock_step_limit_sure),
        ('stock_below_10_cents', $stock_step_limit_below_10_cents),
        ('stock_new', $stock_step_limit_sure),
        ('stock_closes_only_below_1_usd', $stock_step_limit_closes_only_below_1_usd),
        ('stock_closes_only', $stock_step_limit_closes_only),
        ('stock_below_1_usd', $stock_step_limit_below_1_usd),
        ('stock_10b', $stock_step_limit_10b),
        ('stock_2b', $stock_step_limit_2b),
        ('stock_500m', $stock_step_limit_500m),
        ('stock', $stock_step_limit)
    ) as listed (kind, up_limit)
),

suspect_moves as materialized (
    select
        c.*,
        cast(l.up_limit as double) as up_limit
    from stock_kinds as c
    inner join step_limits as l on c.kind = l.kind
    where greatest(c.close / c.last_close, c.last_close / c.close) > 0.88 * l.up_limit
),

-- the source with the most stocks speaks for the market, without one the index that stands for all
market_moves as (
    select
        seq,
        arg_max(median_ratio, (stocks, source, basis)) as ratio
    from intermediate.session_moves
    where median_ratio is not null
    group by seq
),

index_moves as (
    select
        b.seq,
        b.source,
        b.basis,
        b.seq - lag(b.seq) over line = 1 as is_followed,
        b.close / lag(b.close) over line as ratio
    from intermediate.reference_bars as b
    -- where it is suspects itself, it explains nothing
    anti join intermediate.reference_steps as r
        on b.dataset = r.dataset and b.symbol = r.symbol and b.source = r.source and b.basis = r.basis and b.seq = r.seq
    where b.dataset = 'index_bars' and b.symbol = 'SPX'
    window line as (partition by b.source, b.basis order by b.seq)
),

benchmark_moves as (
    select
        seq,
        arg_min(ratio, (source, basis)) as ratio
    from index_moves
    where is_followed
    group by seq
),

median_volumes as (
    select
        s.series_no,
        s.seq,
        median(g.volume) as usual
    from suspect_moves as s
    inner join good_bars as g on s.series_no = g.series_no and g.seq between s.seq - 21 and s.seq - 1
    group by s.series_no, s.seq
),

other_series as (
    select
        s.*,
        o.series_no as other_no
    from suspect_moves as s
    inner join intermediate.equity_series as e on s.series_no = e.series_no
    inner join intermediate.equity_series as o on e.instrument_no = o.instrument_no and e.series_no <> o.series_no
),

-- a source whose closes and volumes are the same to the last digit on both sessions proves nothing: it may be a copy
confirmed_by_other_sources as (
    select distinct
        s.series_no,
        s.seq
    from other_series as s
    inner join intermediate.series_bars as o on s.other_no = o.series_no and s.seq = o.seq
    inner join intermediate.series_bars as p on s.other_no = p.series_no and s.last_seq = p.seq
    where
        abs((o.close_e6 / p.close_e6) / (s.given_close / s.last_given_close) - 1) < 0.02
        and not (
            o.close_e6 / 1e6 = s.given_close
            and p.close_e6 / 1e6 = s.last_given_close
            and coalesce(o.volume = s.volume and p.volume = s.last_volume, true)
        )
),

final as (
    select
        s.series_no,
        s.seq,
        s.close,
        s.last_seq,
        s.last_close,
        if(s.next_seq <= s.seq + 5, s.next_seq, null) as next_seq,
        if(s.next_seq <= s.seq + 5, s.next_close, null) as next_close,
        s.previous_close,
        s.kind,
        s.up_limit,
        if(abs(coalesce(m.ratio, x.ratio) - 1) >= $crash_limit_pct / 100, coalesce(m.ratio, x.ratio), 1) as market_ratio,
        s.volume / nullif(v.usual, 0) as volume_ratio,
        c.seq is not null as is_confirmed
    from suspect_moves as s
    left join market_moves as m on s.seq = m.seq
    left join benchmark_moves as x on s.seq = x.seq
    left join median_volumes as v on s.series_no = v.series_no and s.seq = v.seq
    left join confirmed_by_other_sources as c on s.series_no = c.series_no and s.seq = c.seq
)

select *
from final
order by series_no, seq
