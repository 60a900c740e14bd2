/*
description: >
  Steps of indices and ETFs that may be faults: from the last good bar of the series, at most five sessions before, by about as much as the
  limit of the kind or more, or far from what all others of the kind did. One that steps beyond the limit is none of these others, on its
  session and on the next one. What is made of them stands in price_steps.
grain: dataset x symbol x source x basis x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars or sector_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Index or ETF."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: close, type: DOUBLE, unit: points or USD, description: "Close, splits carried forward."}
  - {name: last_seq, type: INTEGER, unit: sessions, description: "Session of the bar before, at most five sessions ago."}
  - {name: last_close, type: DOUBLE, unit: points or USD, description: "Its close."}
  - {name: next_seq, type: INTEGER, unit: sessions, description: "Session of the next bar of the series; null for the last."}
  - {name: next_close, type: DOUBLE, unit: points or USD, description: "Its close."}
  - {name: kind, type: VARCHAR, unit: "", description: "index, volatility, fund or volatile_fund."}
  - {name: up_limit, type: DOUBLE, unit: "", description: "Close / last good close above which the step is a suspect."}
  - {name: down_limit, type: DOUBLE, unit: "", description: "The same, below which it is one."}
  - {name: nearest, type: VARCHAR, unit: "", description: "The one of the others that moved most alike on the session."}
  - {name: apart_pp, type: DOUBLE, unit: pp, description: "Log return less that of the nearest; null with fewer than two other indices, three other ETFs, within the limits."}
  - {name: is_apart, type: BOOLEAN, unit: "", description: "Farther from the nearest than the limit of the kind."}
  - {name: is_confirmed, type: BOOLEAN, unit: "", description: "Another source has the same step in bars of its own."}
*/
with good_bars as (
    select
        b.*,
        case
            when b.dataset = 'sector_bars' and k.symbol is not null then 'fund'
            when b.dataset = 'sector_bars' then 'volatile_fund'
            when is_volatility_index(b.symbol) then 'volatility'
            else 'index'
        end as kind
    from intermediate.reference_bars as b
    left join intermediate.fund_kinds as k on b.symbol = k.symbol
    anti join intermediate.frozen_sessions as f
        on b.dataset = f.dataset and b.symbol = f.symbol and b.source = f.source and b.basis = f.basis and b.seq = f.seq
    where b.forward_close > 0
),

step_limits as (
    select *
    from (
        values
        ('index', 1 + $index_rise_limit_pct / 100, 1 - $index_fall_limit_pct / 100),
        ('volatility', 1 + $volatility_rise_limit_pct / 100, 1 - $volatility_fall_limit_pct / 100),
        ('fund', 1 + $fund_rise_limit_pct / 100, 1 - $fund_fall_limit_pct / 100),
        ('volatile_fund', 1 + $volatile_fund_rise_limit_pct / 100, 1 - $volatile_fund_fall_limit_pct / 100)
    ) as listed (kind, up_limit, down_limit)
),

price_moves as (
    select
        g.dataset,
        g.symbol,
        g.source,
        g.basis,
        g.seq,
        g.kind,
        g.close as given_close,
        g.volume,
        g.forward_close as close,
        lag(g.seq) over line as last_seq,
        lag(g.forward_close) over line as last_close,
        lag(g.close) over line as last_given_close,
        lag(g.volume) over line as last_volume,
        lead(g.seq) over line as next_seq,
        lead(g.forward_close) over line as next_close,
        g.forward_close / lag(g.forward_close) over line as ratio,
        lag(g.forward_close) over line / lag(g.forward_close, 2) over line as last_ratio,
        lag(g.forward_close) over line / lag(g.forward_close, 3) over line as ratio_of_last_two,
        l.up_limit,
        l.down_limit,
        least(l.up_limit, 1 / l.down_limit) as near_limit
    from good_bars as g
    inner join step_limits as l on g.kind = l.kind
    window line as (partition by g.dataset, g.symbol, g.source, g.basis, g.split_piece order by g.seq)
),

moves_in_five_sessions as (
    select *
    from price_moves
    where last_seq >= seq - 5
),

-- nobody is farther from the nearest than the highest from the lowest: of most sessions nothing need be compared
wide_sessions as (
    select
        kind,
        seq
    from moves_in_five_sessions
    where kind in ('index', 'fund')
    group by kind, seq
    having max(ratio) / min(ratio) > 1 + least($index_apart_limit_pp, $fund_apart_limit_pp, $fund_apart_listed_pp) / 100
),

moves_on_wide_sessions as (
    select s.*
    from moves_in_five_sessions as s
    semi join wide_sessions as w on s.kind = w.kind and s.seq = w.seq
),

distances_to_nearest as (
    select
        s.dataset,
        s.symbol,
        s.source,
        s.basis,
        s.seq,
        count(distinct p.symbol) as others,
        arg_min(p.symbol, (abs(ln(s.ratio / p.ratio)), p.symbol)) as nearest,
        arg_min(p.ratio, (abs(ln(s.ratio / p.ratio)), p.symbol)) as nearest_ratio
    from moves_on_wide_sessions as s
    inner join moves_on_wide_sessions as p on s.kind = p.kind and s.seq = p.seq and s.last_seq = p.last_seq and s.symbol <> p.symbol
    -- what steps beyond the limits of the kind says nothing of the others, nor does its next step, unless the one before was a step back
    where
        p.ratio between p.down_limit and p.up_limit
        and (
            coalesce(p.last_ratio between p.down_limit and p.up_limit, true)
            or coalesce(p.ratio_of_last_two between p.down_limit and p.up_limit, false)
        )
    group by s.dataset, s.symbol, s.source, s.basis, s.seq
),

nearest_moves as (
    select
        dataset,
        symbol,
        source,
        basis,
        seq,
        nearest,
        nearest_ratio
    from distances_to_nearest
    where others >= if(dataset = 'index_bars', 2, 3)
),

-- a source whose closes are the same to the last digit on both sessions proves nothing: it may be a copy
confirmed_by_other_sources as (
    select distinct
        s.dataset,
        s.symbol,
        s.source,
        s.basis,
        s.seq
    from moves_in_five_sessions as s
    inner join moves_in_five_sessions as o
        on
            s.dataset = o.dataset
            and s.symbol = o.symbol
            and s.seq = o.seq
            and s.last_seq = o.last_seq
            and (s.source, s.basis) <> (o.source, o.basis)
    where
        (s.ratio > s.near_limit or s.ratio < 1 / s.near_limit or abs(ln(s.ratio)) > $index_apart_limit_pp / 100)
        and abs(o.ratio / s.ratio - 1) < 0.02
        and not (
            o.given_close = s.given_close
            and o.last_given_close = s.last_given_close
            and coalesce(o.volume = s.volume and o.last_volume = s.last_volume, true)
        )
),

measured_steps as (
    select
        s.*,
        a.nearest,
        100 * ln(s.ratio / a.nearest_ratio) as apart_pp,
        coalesce(
            case s.kind
                when 'index'
                    then
                        abs(ln(s.ratio / a.nearest_ratio)) > if(
                            abs(a.nearest_ratio - 1) < $index_calm_limit_pct / 100,
                            $index_apart_limit_pp,
                            $index_turmoil_apart_limit_pp
                        ) / 100
                when 'fund' then abs(ln(s.ratio / a.nearest_ratio)) > $fund_apart_limit_pp / 100
            end,
            false
        ) as is_apart
    from moves_in_five_sessions as s
    left join nearest_moves as a
        on s.dataset = a.dataset and s.symbol = a.symbol and s.source = a.source and s.basis = a.basis and s.seq = a.seq
),

final as (
    select
        m.dataset,
        m.symbol,
        m.source,
        m.basis,
        m.seq,
        m.close,
        m.last_seq,
        m.last_close,
        m.next_seq,
        m.next_close,
        m.kind,
        m.up_limit,
        m.down_limit,
        m.nearest,
        m.apart_pp,
        m.is_apart,
        c.seq is not null as is_confirmed
    from measured_steps as m
    left join confirmed_by_other_sources as c
        on m.dataset = c.dataset and m.symbol = c.symbol and m.source = c.source and m.basis = c.basis and m.seq = c.seq
    where
        m.ratio > m.near_limit
        or m.ratio < 1 / m.near_limit
        or m.is_apart
        or (m.kind = 'fund' and abs(m.apart_pp) > $fund_apart_listed_pp)
)

select *
from final
order by dataset, symbol, source, basis, seq
