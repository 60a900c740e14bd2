/*
description: >
  Steps between two bars of an ETF's adjusted series that a later payload made false: it multiplied the one bar by a factor and
  left the other. A dividend does the same to the bars before its ex-date, and is no fault. It is told by what the new step is held
  against: where another series has the session, the new step lies nearer to that one's than the old step did; where none has, the payload
  gave the later bar again and left its close as it was, or a dividend of that size is known for the day. It can only have
  raised the step. Hangs on the two bars alone, never on later ones.
grain: symbol x source x basis x seq
materialized: table
publish: false
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session into which the step is false."}
  - {name: step, type: DOUBLE, unit: "", description: "What the later bar was multiplied by / what the earlier one was, dividends apart."}
*/
with close_ratios as (
    select
        symbol,
        source,
        basis,
        series_rank,
        seq,
        session_date,
        lag(session_date) over line as last_date,
        lag(seq) over line as last_seq,
        forward_close / nullif(lag(forward_close) over line, 0) as ratio,
        is_held_back
    from intermediate.sector_series
    window line as (partition by symbol, source, basis order by seq)
),

adjacent_steps as (
    select * exclude (is_held_back)
    from close_ratios
    where last_seq = seq - 1 and ratio > 0 and is_held_back is not true
),

scaled_bars as (
    select
        symbol,
        source,
        basis,
        session_date,
        old_close,
        factor,
        known_at,
        payload_sha256
    from intermediate.restated_bars
    where dataset = 'sector_bars' and kind = 'scaled' and basis <> 'raw'
),

touched_steps as (
    select s.*
    from adjacent_steps as s
    where
        exists (
            from scaled_bars as c
            where c.symbol = s.symbol and c.source = s.source and c.basis = s.basis and c.session_date in (s.session_date, s.last_date)
        )
),

-- since when a bar is known as final: by its first fact, or by its only one
first_known_times as (
    select
        symbol,
        source,
        basis,
        session_date,
        min(known_at) as known_at
    from (
        select
            symbol,
            source,
            basis,
            session_date,
            known_at
        from staging.sector_bars_history
        where is_final and not is_withdrawn
        union all
        select
            symbol,
            source,
            basis,
            session_date,
            known_at
        from staging.sector_bars
        where is_final
    ) as known_bars
    group by symbol, source, basis, session_date
),

dated_steps as (
    select
        t.*,
        greatest(a.known_at, b.known_at) as both_known_at
    from touched_steps as t
    inner join first_known_times as a
        on t.symbol = a.symbol and t.source = a.source and t.basis = a.basis and t.last_date = a.session_date
    inner join first_known_times as b
        on t.symbol = b.symbol and t.source = b.source and t.basis = b.basis and t.session_date = b.session_date
),

-- what one payload made of one step
restated_by_payload as (
    select
        s.symbol,
        s.source,
        s.basis,
        s.seq,
        s.session_date,
        s.ratio,
        c.known_at,
        c.payload_sha256,
        coalesce(any_value(c.factor) filter (where c.session_date = s.session_date), 1)
        / coalesce(any_value(c.factor) filter (where c.session_date = s.last_date), 1) as change,
        any_value(c.old_close) filter (where c.session_date = s.last_date) as last_close
    from dated_steps as s
    inner join scaled_bars as c
        on
            s.symbol = c.symbol
            and s.source = c.source
            and s.basis = c.basis
            and c.session_date in (s.session_date, s.last_date)
            and s.both_known_at < c.known_at
    group by s.symbol, s.source, s.basis, s.seq, s.session_date, s.ratio, c.known_at, c.payload_sha256
),

given_bars as (
    select
        symbol,
        source,
        basis,
        session_date,
        known_at,
        payload_sha256
    from staging.sector_bars_confirmations
    union all
    select
        symbol,
        source,
        basis,
        session_date,
        known_at,
        payload_sha256
    from staging.sector_bars_history
    where is_final and not is_withdrawn
),

-- bars that a payload gave again with the close that was known
bars_left_alone as (
    select g.*
    from given_bars as g
    anti join intermediate.restated_bars as r
        on
            r.dataset = 'sector_bars'
            and g.symbol = r.symbol
            and g.source = r.source
            and g.basis = r.basis
            and g.session_date = r.session_date
            and g.known_at = r.known_at
            and g.payload_sha256 = r.payload_sha256
),

explained_changes as (
    select
        r.*,
        r.change > 1 and (
            exists (
                from bars_left_alone as b
                where
                    b.symbol = r.symbol
                    and b.source = r.source
                    and b.basis = r.basis
                    and b.session_date = r.session_date
                    and b.known_at = r.known_at
                    and b.payload_sha256 = r.payload_sha256
            )
            or exists (
                from staging.dividends as d
                where
                    d.symbol = r.symbol
                    and d.ex_date = r.session_date
                    -- 10 %: vendors round dividends, and divide by the close before or by the one after
                    and abs(d.amount_usd / r.last_close / (1 - 1 / r.change) - 1) <= 0.1
            )
        ) as is_dividend
    from restated_by_payload as r
),

changes_by_step as (
    select
        symbol,
        source,
        basis,
        seq,
        any_value(ratio) as ratio,
        list_product(list(change order by known_at, payload_sha256)) as whole_step,
        coalesce(list_product(list(change order by known_at, payload_sha256) filter (where not is_dividend)), 1) as unexplained_step
    from explained_changes
    group by symbol, source, basis, seq
),

-- the best other series that is adjusted alike; for splits alone the unadjusted one carried through them is alike, too
other_steps as (
    select
        c.symbol,
        c.source,
        c.basis,
        c.seq,
        min_by(o.ratio, o.series_rank) as ratio
    from changes_by_step as c
    inner join adjacent_steps as o
        on
            c.symbol = o.symbol
            and c.seq = o.seq
            and c.source <> o.source
            and (c.basis = o.basis or (c.basis = 'split' and o.basis = 'raw'))
    group by c.symbol, c.source, c.basis, c.seq
),

final as (
    select
        c.symbol,
        c.source,
        c.basis,
        c.seq,
        case
            when o.ratio is null then c.unexplained_step
            when c.whole_step > 1 and abs(ln(c.ratio / o.ratio)) < abs(ln(c.ratio / c.whole_step / o.ratio)) then 1
            else c.whole_step
        end as step
    from changes_by_step as c
    left join other_steps as o on c.symbol = o.symbol and c.source = o.source and c.basis = o.basis and c.seq = o.seq
)

select *
from final
-- 0.01 %: a step that shows in no printed return
where abs(step - 1) > 0.0001
order by symbol, source, basis, seq
