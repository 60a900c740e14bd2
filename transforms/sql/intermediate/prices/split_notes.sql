/*
description: >
  What reports.data_quality says of splits: those that count, of stocks and ETFs, and where a product of them begins a new piece; those that the
  step of their day contradicts, on the session that shows it; and those whose symbol no bar bears.
grain: session_date x subject
materialized: table
publish: false
sessions: session_date
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: subject, type: VARCHAR, unit: "", description: "Id of the stock; with the ratio where it does not count; dataset and symbol of an ETF; no_bearer for all without bars."}
  - {name: shown, type: VARCHAR, unit: "", description: "What a reader calls the subject: the symbol of that day, with the ratio where it does not count; null for no_bearer."}
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the stock; null for others."}
  - {name: status, type: VARCHAR, unit: "", description: "given, inferred, new piece, contradicted, early (its step came before), rival (another one counts) or no bearer."}
  - {name: rows, type: BIGINT, unit: splits, description: "Number of splits."}
  - {name: text, type: VARCHAR, unit: "", description: "Key of the note in the texts of data_quality."}
  - {name: given, type: "VARCHAR[]", unit: "", description: "Values of the note, as name=value."}
*/
with counted_splits as (
    select
        p.session_date,
        p.instrument_id as subject,
        coalesce(p.symbol, p.instrument_id) as shown,
        p.instrument_id,
        if(n.is_new_piece, 'new piece', p.split_kind) as status,
        1 as rows,
        'split.' || p.split_kind || if(n.is_new_piece, '_new_piece', '') as text,
        ['ratio=' || p.numerator || ':' || p.denominator] as given
    from marts.splits as p
    inner join staging.sessions as s on p.session_date = s.session_date
    inner join intermediate.equity_series as e on p.instrument_id = e.instrument_id and e.is_best
    left join intermediate.splits as n on e.instrument_no = n.instrument_no and s.seq = n.seq
),

fund_pieces as (
    select distinct
        symbol,
        seq
    from (
        select
            symbol,
            seq,
            split_piece <> lag(split_piece) over (partition by symbol, source, basis order by seq) as is_new_piece
        from intermediate.reference_bars
        where dataset = 'sector_bars'
    ) as followed
    where is_new_piece
),

splits_of_funds as (
    select
        s.session_date,
        p.dataset || ' ' || p.symbol as subject,
        p.symbol as shown,
        if(n.seq is null, 'given', 'new piece') as status,
        1 as rows,
        'split.given' || if(n.seq is null, '', '_new_piece') as text,
        ['ratio=' || p.numerator || ':' || p.denominator] as given
    from intermediate.stated_splits as p
    inner join staging.sessions as s on p.applied_seq = s.seq
    left join fund_pieces as n on p.symbol = n.symbol and p.applied_seq = n.seq
    where p.dataset = 'sector_bars'
),

-- a late one is contradicted on its stated day, as nothing is known of the step to come
contradicted_splits as (
    select
        s.session_date,
        if(p.dataset = 'sector_bars', 'sector_bars ', '') || p.symbol || ' ' || p.numerator || ':' || p.denominator as subject,
        coalesce(i.symbol, p.symbol) || ' ' || p.numerator || ':' || p.denominator as shown,
        if(p.dataset = 'equity_bars', p.symbol, null) as instrument_id,
        if(p.status = 'late', 'contradicted', p.status) as status,
        1 as rows,
        'split.' || if(p.status = 'late', 'contradicted', p.status) as text,
        ['ratio=' || p.numerator || ':' || p.denominator, 'step=' || coalesce(plain(100 * (p.step - 1), 1), '')] as given
    from intermediate.stated_splits as p
    inner join staging.sessions as s on coalesce(p.day_seq, p.seq) = s.seq
    left join intermediate.instruments as i
        on
            p.dataset = 'equity_bars'
            and p.symbol = i.instrument_id
            and s.session_date >= i.valid_from
            and (i.valid_to is null or s.session_date < i.valid_to)
    where p.dataset is not null and p.status <> 'applied'
),

splits_without_bearer as (
    select
        s.session_date,
        'no_bearer' as subject,
        'no bearer' as status,
        count(*) as rows,
        'split.no_bearer' || if(count(*) > 10, '_more', '') as text,
        [
            'names=' || array_to_string(
                list(p.symbol || ' ' || p.numerator || ':' || p.denominator order by p.symbol, p.numerator, p.denominator)[:10], ', '
            ),
            'more=' || count(*) - 10
        ] as given
    from intermediate.stated_splits as p
    inner join staging.sessions as s on p.seq = s.seq
    where p.dataset is null
    group by s.session_date
),

final as (
    select *
    from counted_splits
    union all by name
    select *
    from splits_of_funds
    union all by name
    select *
    from contradicted_splits
    union all by name
    select *
    from splits_without_bearer
)

select
    f.session_date,
    f.subject,
    f.shown,
    f.instrument_id,
    f.status,
    f.rows,
    f.text,
    f.given
from final as f
-- the sessions that any dataset has
semi join intermediate.session_ledger as l on f.session_date = l.session_date
order by f.session_date, f.subject
