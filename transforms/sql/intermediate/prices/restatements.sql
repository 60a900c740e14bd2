/*
description: >
  Restatements, each as one event: neighbouring bars of a series that one payload changed by one factor (a dividend on an adjusted series,
  a split), or in another way of one kind, whatever payloads these bars came from before. `seam` is the first session of the event; where bars before it were left as they were, the
  series has a seam there. Of closes alone a factor that is shared by at least 5 neighbours counts as one.
grain: dataset x symbol x source x basis x first_date x known_at x payload_sha256
materialized: table
publish: false
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars, sector_bars or equity_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the series."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: kind, type: VARCHAR, unit: "", description: "adjustment, split, correction, provisional, withdrawn or restored."}
  - {name: first_date, type: DATE, unit: "", description: "First session of the event: its seam, where has_seam."}
  - {name: last_date, type: DATE, unit: "", description: "Last session of the event."}
  - {name: rows, type: BIGINT, unit: rows, description: "Bars that changed."}
  - {name: factor, type: DOUBLE, unit: "", description: "Closes after / closes before, over all bars of the event; null where none is shared."}
  - {name: is_suffix, type: BOOLEAN, unit: "", description: "The event reaches the last final bar that was known before it."}
  - {name: has_seam, type: BOOLEAN, unit: "", description: "Bars before the first one were known and not changed."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When it was learnt."}
  - {name: old_payload, type: VARCHAR, unit: "", description: "SHA-256 of the bytes that gave the values before; null where several did."}
  - {name: payload_sha256, type: VARCHAR, unit: "", description: "SHA-256 of the bytes that gave the values after."}
*/
with known_bars as (
    select
        dataset,
        symbol,
        source,
        basis,
        session_date
    from intermediate.final_bars
    union all
    -- of a bar that was never final its place alone is left
    select distinct
        r.dataset,
        r.symbol,
        r.source,
        r.basis,
        r.session_date
    from intermediate.restated_bars as r
    anti join intermediate.final_bars as b
        on
            r.dataset = b.dataset
            and r.symbol = b.symbol
            and r.source = b.source
            and r.basis = b.basis
            and r.session_date = b.session_date
),

numbered_bars as (
    select
        *,
        row_number() over (partition by dataset, symbol, source, basis order by session_date) as place
    from known_bars
),

-- withdrawals and returns of a bar, each until the next of them
withdrawals_and_returns as (
    select
        dataset,
        symbol,
        source,
        basis,
        session_date,
        kind,
        known_at,
        lead(known_at) over (
            partition by dataset, symbol, source, basis, session_date order by known_at, payload_sha256
        ) as until_at
    from intermediate.restated_bars
    where kind in ('withdrawn', 'restored')
),

withdrawn_bars as (
    select
        dataset,
        symbol,
        source,
        basis,
        session_date,
        min(known_at) as until_at
    from withdrawals_and_returns
    where kind = 'withdrawn'
    group by dataset, symbol, source, basis, session_date
),

-- when each bar was known as final: until it was withdrawn, and from its return on
known_spans as (
    select
        b.*,
        w.until_at
    from intermediate.final_bars as b
    left join withdrawn_bars as w
        on
            b.dataset = w.dataset
            and b.symbol = w.symbol
            and b.source = w.source
            and b.basis = w.basis
            and b.session_date = w.session_date
    union all
    select
        t.dataset,
        t.symbol,
        t.source,
        t.basis,
        t.session_date,
        greatest(t.known_at, b.known_at) as known_at,
        t.until_at
    from withdrawals_and_returns as t
    inner join intermediate.final_bars as b
        on
            t.dataset = b.dataset
            and t.symbol = b.symbol
            and t.source = b.source
            and t.basis = b.basis
            and t.session_date = b.session_date
    where t.kind = 'restored'
),

changes_by_place as (
    select
        r.*,
        p.place,
        lag(p.place) over line as last_place,
        lag(r.factor) over line as last_factor
    from intermediate.restated_bars as r
    inner join numbered_bars as p
        on
            r.dataset = p.dataset
            and r.symbol = p.symbol
            and r.source = p.source
            and r.basis = p.basis
            and r.session_date = p.session_date
    window line as (
        partition by r.dataset, r.symbol, r.source, r.basis, r.kind, r.payload_sha256, r.known_at
        order by r.session_date
    )
),

changes_by_event as (
    select
        *,
        sum(
            if(
                place = last_place + 1 and (kind in ('withdrawn', 'restored') or abs(factor / last_factor - 1) <= 2e-5), 0, 1
            )
        ) over (
            partition by dataset, symbol, source, basis, kind, payload_sha256, known_at
            order by session_date rows unbounded preceding
        ) as event_no
    from changes_by_place
),

restatement_events as (
    select
        dataset,
        symbol,
        source,
        basis,
        kind as bar_kind,
        min(session_date) as first_date,
        max(session_date) as last_date,
        count(*) as rows,
        cast(sum(cast(round(new_close * 1000000) as hugeint)) as double)
        / nullif(cast(sum(cast(round(old_close * 1000000) as hugeint)) as double), 0) as factor,
        known_at,
        if(count(distinct old_payload) = 1, min(old_payload), null) as old_payload,
        payload_sha256
    from changes_by_event
    group by dataset, symbol, source, basis, kind, event_no, known_at, payload_sha256
),

final as (
    select
        e.dataset,
        e.symbol,
        e.source,
        e.basis,
        case
            when e.bar_kind = 'corrected' and e.rows < 5 then 'correction'
            when e.bar_kind not in ('scaled', 'corrected') then e.bar_kind
            -- n:1 or 1:n within 0.1 %, as splits are inferred elsewhere
            when e.factor >= 1.5 and abs(e.factor / round(e.factor) - 1) <= 0.001 then 'split'
            when e.factor <= 1 / 1.5 and abs(1 / e.factor / round(1 / e.factor) - 1) <= 0.001 then 'split'
            else 'adjustment'
        end as kind,
        e.first_date,
        e.last_date,
        e.rows,
        case when e.bar_kind in ('scaled', 'corrected') then e.factor end as factor,
        not exists (
            from known_spans as p
            where
                p.dataset = e.dataset
                and p.symbol = e.symbol
                and p.source = e.source
                and p.basis = e.basis
                and p.session_date > e.last_date
                and p.known_at < e.known_at
                and coalesce(p.until_at >= e.known_at, true)
        ) as is_suffix,
        exists (
            from known_spans as p
            where
                p.dataset = e.dataset
                and p.symbol = e.symbol
                and p.source = e.source
                and p.basis = e.basis
                and p.session_date < e.first_date
                and p.known_at < e.known_at
                and coalesce(p.until_at >= e.known_at, true)
        ) as has_seam,
        e.known_at,
        e.old_payload,
        e.payload_sha256
    from restatement_events as e
)

select *
from final
order by dataset, symbol, source, basis, first_date, known_at, payload_sha256
