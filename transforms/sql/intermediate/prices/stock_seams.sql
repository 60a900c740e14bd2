/*
description: >
  Steps between two bars of a stock's adjusted series that later payloads made false: they multiplied the one bar by a factor and left the
  other as it was. A dividend or split does the same at its ex-date, and heals the step there: a dividend can only raise it, and a factor of 1.2 or
  more heals where it leaves less of the step. Factors within 0.2 % of 1 are left alone. Hangs on the two bars alone, never on later ones.
grain: series_no x seq
materialized: table
publish: false
sessions: seq
columns:
  - {name: series_no, type: BIGINT, unit: "", description: "Number of the series in this build."}
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session into which the step is false."}
  - {name: change, type: DOUBLE, unit: "", description: "What the later bar was multiplied by / what the earlier one was."}
*/
with restated_facts as (
    select
        symbol,
        source,
        basis,
        session_date,
        kind,
        new_close / nullif(old_close, 0) as factor,
        known_at,
        payload_sha256
    from intermediate.restated_bars
    where dataset = 'equity_bars' and basis <> 'raw'
),

-- adjusted prices in whole cents are multiplied by about one factor: a neighbour of the same payload says so
touched_facts as (
    select
        symbol,
        source,
        basis,
        session_date,
        known_at,
        payload_sha256,
        factor,
        kind in ('scaled', 'corrected')
        and abs(factor - 1) > 0.002
        and least(
            abs(factor / lag(factor) over run - 1),
            abs(factor / lead(factor) over run - 1),
            if(kind = 'scaled', 0, 1)
        ) < 0.001 as is_multiplied
    from restated_facts
    window run as (partition by symbol, source, basis, known_at, payload_sha256 order by session_date)
),

restated_instruments as (
    select distinct
        i.instrument_id,
        c.source,
        c.basis
    from intermediate.instruments as i
    inner join touched_facts as c on i.symbol = c.symbol
),

-- a bar of any name of the stock is one of the series
series_of_symbols as (
    select
        e.series_no,
        e.instrument_no,
        e.source,
        e.basis,
        i.symbol,
        min(i.valid_from) as valid_from,
        max(coalesce(i.valid_to, date '9999-12-31')) as valid_to
    from intermediate.equity_series as e
    inner join intermediate.instruments as i on e.instrument_id = i.instrument_id
    semi join restated_instruments as r
        on e.instrument_id = r.instrument_id and e.source = r.source and e.basis = r.basis
    group by e.series_no, e.instrument_no, e.source, e.basis, i.symbol
),

touched_bars as (
    select
        e.series_no,
        s.seq,
        c.factor,
        c.is_multiplied,
        c.known_at,
        c.payload_sha256
    from touched_facts as c
    inner join series_of_symbols as e
        on
            c.symbol = e.symbol
            and c.source = e.source
            and c.basis = e.basis
            and c.session_date >= e.valid_from
            and c.session_date < e.valid_to
    inner join staging.sessions as s on c.session_date = s.session_date
),

-- of two symbols' bars of one session the later name's stands
restated_series as (
    select
        e.series_no,
        e.instrument_no,
        s.seq,
        b.close_e6
    from staging.equity_bars as b
    inner join series_of_symbols as e
        on
            b.symbol = e.symbol
            and b.source = e.source
            and b.basis = e.basis
            and b.session_date >= e.valid_from
            and b.session_date < e.valid_to
    inner join staging.sessions as s on b.session_date = s.session_date
    qualify row_number() over (partition by e.series_no, s.seq order by e.valid_from desc, b.symbol) = 1
),

bar_steps as (
    select
        b.series_no,
        b.instrument_no,
        b.seq,
        lag(b.seq) over line as last_seq,
        lead(b.seq) over line as next_seq,
        b.close_e6 / nullif(lag(b.close_e6) over line, 0) as step
    from restated_series as b
    where b.close_e6 > 0
    window line as (partition by b.series_no order by b.seq)
),

touched_neighbours as (
    select
        *,
        lag(seq) over payload as touched_before,
        lead(seq) over payload as touched_after
    from touched_bars
    window payload as (partition by series_no, known_at, payload_sha256 order by seq)
),

-- the ends of what a payload multiplied: within, its steps are its own
ends_of_runs as (
    select
        c.series_no,
        c.seq
    from touched_neighbours as c
    inner join bar_steps as t on c.series_no = t.series_no and c.seq = t.seq
    where c.is_multiplied and c.touched_before is distinct from t.last_seq
    union
    select
        c.series_no,
        t.next_seq
    from touched_neighbours as c
    inner join bar_steps as t on c.series_no = t.series_no and c.seq = t.seq
    where c.is_multiplied and c.touched_after is distinct from t.next_seq
),

touched_steps as (
    select t.*
    from bar_steps as t
    semi join ends_of_runs as c on t.series_no = c.series_no and t.seq = c.seq
    where t.last_seq is not null
),

bars_of_steps as (
    select
        series_no,
        seq
    from touched_steps
    union
    select
        series_no,
        last_seq
    from touched_steps
),

-- since when a bar is known as final
first_known_times as (
    select
        e.series_no,
        s.seq,
        min(k.known_at) as known_at
    from (
        select
            symbol,
            source,
            basis,
            session_date,
            known_at
        from staging.equity_bars_history
        where is_final and not is_withdrawn
        union all
        select
            symbol,
            source,
            basis,
            session_date,
            known_at
        from staging.equity_bars
        where is_final
    ) as k
    inner join series_of_symbols as e
        on
            k.symbol = e.symbol
            and k.source = e.source
            and k.basis = e.basis
            and k.session_date >= e.valid_from
            and k.session_date < e.valid_to
    inner join staging.sessions as s on k.session_date = s.session_date
    semi join bars_of_steps as b on e.series_no = b.series_no and s.seq = b.seq
    group by e.series_no, s.seq
),

changes_by_payload as (
    select
        t.series_no,
        t.instrument_no,
        t.seq,
        t.step,
        c.known_at,
        c.payload_sha256,
        -- of two bars that one payload gave anew the step is its own
        case
            when count(*) > 1 or not bool_and(c.is_multiplied) then 1
            when any_value(c.seq) = t.seq then any_value(c.factor)
            else 1 / any_value(c.factor)
        end as change
    from touched_steps as t
    inner join first_known_times as a on t.series_no = a.series_no and t.last_seq = a.seq
    inner join first_known_times as b on t.series_no = b.series_no and t.seq = b.seq
    inner join touched_bars as c
        on t.series_no = c.series_no and c.seq in (t.seq, t.last_seq) and greatest(a.known_at, b.known_at) < c.known_at
    group by t.series_no, t.instrument_no, t.seq, t.last_seq, t.step, c.known_at, c.payload_sha256
),

whole_changes as (
    select
        series_no,
        instrument_no,
        seq,
        any_value(step) as step,
        list_product(list(change order by known_at, payload_sha256)) as change
    from changes_by_payload
    group by series_no, instrument_no, seq
),

final as (
    select
        series_no,
        instrument_no,
        seq,
        change
    from whole_changes
    where change <> 1 and if(abs(ln(change)) < ln(1.2), change < 1, abs(ln(step)) > abs(ln(step / change)))
)

select *
from final
order by series_no, seq
