/*
description: >
  The splits that sources state, each once, with the instrument that bears it. One stated again within a week, by another source or under
  another symbol, is the same one. It belongs to the instrument, under whichever of its symbols.
grain: dataset x symbol x ratio x first_date
materialized: table
publish: false
sessions: [seq, forever]
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "equity_bars, sector_bars, or null where no bars bear the symbol."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Id of the stock, symbol of the ETF, or the symbol as stated."}
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the stock in this build; null for others."}
  - {name: ratio, type: DOUBLE, unit: "", description: "New shares per old share."}
  - {name: numerator, type: BIGINT, unit: shares, description: "New shares."}
  - {name: denominator, type: BIGINT, unit: shares, description: "Old shares."}
  - {name: source, type: VARCHAR, unit: "", description: "First of the sources that state it."}
  - {name: first_date, type: DATE, unit: "", description: "First day stated."}
  - {name: last_date, type: DATE, unit: "", description: "Last day stated."}
  - {name: seq, type: INTEGER, unit: sessions, description: "First session at or after the first day stated."}
  - {name: last_stated_seq, type: INTEGER, unit: sessions, description: "First session at or after the last day stated."}
  - {name: is_tested, type: BOOLEAN, unit: "", description: "1.4 or more, either way: it counts where the closes have its step."}
*/
with given_splits as (
    select
        symbol,
        ex_date,
        numerator,
        denominator,
        source
    from staging.splits
    where numerator <> denominator
),

-- a later name that no bar bears stands for the one that it followed
instrument_names as (
    select
        symbol,
        instrument_id,
        valid_from,
        valid_to
    from intermediate.instruments
    union all
    select
        c.to_symbol,
        i.instrument_id,
        i.valid_from,
        i.valid_to
    from staging.symbol_changes as c
    inner join intermediate.instruments as i
        on c.from_symbol = i.symbol and c.change_date > i.valid_from and coalesce(c.change_date <= i.valid_to, true)
    where c.to_symbol not in (select s.symbol from intermediate.instruments as s)
),

splits_of_stocks as (
    select
        p.*,
        i.instrument_id
    from given_splits as p
    inner join instrument_names as i on p.symbol = i.symbol
    -- the bearer of that day; else the one whose name ended in the week before, for a split often comes with a change of name; else the first
    -- one after it, for vendors state splits under today's symbol; else the last before
    qualify row_number() over (
        partition by p.symbol, p.ex_date, p.numerator, p.denominator, p.source
        order by
            p.ex_date >= i.valid_from and coalesce(p.ex_date < i.valid_to, true) desc,
            coalesce(p.ex_date between i.valid_to and i.valid_to + 7, false) desc,
            coalesce(p.ex_date < i.valid_to, true) desc,
            if(
                coalesce(p.ex_date < i.valid_to, true),
                greatest(i.valid_from, p.ex_date) - p.ex_date,
                date '9999-12-31' - i.valid_from
            ),
            i.instrument_id
    ) = 1
),

first_bar_dates as (
    select
        instrument_id,
        min(valid_from) as valid_from
    from intermediate.instruments
    group by instrument_id
),

raw_series as (
    select distinct
        instrument_id,
        instrument_no
    from intermediate.equity_series
    where basis = 'raw'
),

fund_symbols as (
    select distinct symbol
    from staging.sector_bars
),

splits_with_bearer as (
    select
        'equity_bars' as dataset,
        p.instrument_id as symbol,
        e.instrument_no,
        p.ex_date,
        p.numerator,
        p.denominator,
        p.source,
        p.symbol as stated_symbol
    from splits_of_stocks as p
    inner join raw_series as e on p.instrument_id = e.instrument_id
    -- one from before the first bar has nothing to adjust
    inner join first_bar_dates as b on p.instrument_id = b.instrument_id and p.ex_date >= b.valid_from
    union all by name
    select
        'sector_bars' as dataset,
        p.symbol,
        p.ex_date,
        p.numerator,
        p.denominator,
        p.source,
        p.symbol as stated_symbol
    from given_splits as p
    semi join fund_symbols as f on p.symbol = f.symbol
    union all by name
    select
        p.symbol,
        p.ex_date,
        p.numerator,
        p.denominator,
        p.source,
        p.symbol as stated_symbol
    from given_splits as p
    anti join instrument_names as i on p.symbol = i.symbol
    anti join fund_symbols as f on p.symbol = f.symbol
),

-- the same ratio again within a week is the same split, unless one source states it twice under one symbol
clustered_splits as (
    select
        *,
        numerator / denominator as ratio,
        sum(if(ex_date - last_date <= 7, 0, 1)) over (
            partition by dataset, symbol, numerator / denominator order by ex_date, source rows unbounded preceding
        ) as cluster_no
    from (
        select
            *,
            lag(ex_date) over (partition by dataset, symbol, numerator / denominator order by ex_date, source) as last_date
        from splits_with_bearer
    ) as followed
),

numbered_splits as (
    select
        *,
        -- a small one is applied untested: never twice
        if(
            abs(ln(ratio)) >= ln(1.4),
            row_number() over (partition by dataset, symbol, ratio, cluster_no, source, stated_symbol order by ex_date),
            1
        ) as event_no
    from clustered_splits
),

split_statements as (
    select
        dataset,
        symbol,
        instrument_no,
        ratio,
        min_by(numerator, (ex_date, source, numerator)) as numerator,
        min_by(denominator, (ex_date, source, numerator)) as denominator,
        min(source) as source,
        min(ex_date) as first_date,
        max(ex_date) as last_date
    from numbered_splits
    group by dataset, symbol, instrument_no, ratio, cluster_no, event_no
),

final as (
    select
        e.*,
        s.seq,
        l.seq as last_stated_seq,
        abs(ln(e.ratio)) >= ln(1.4) as is_tested
    from split_statements as e
    asof inner join staging.sessions as s on e.first_date <= s.session_date
    asof left join staging.sessions as l on e.last_date <= l.session_date
)

select *
from final
order by dataset, symbol, seq, ratio, first_date
