/*
description: >
  Bars whose close a later fact changed: the fact before, the fact after, and what kind of change it is. A bar of a session
  that had not ended was provisional, and what replaces it restates nothing; where all four prices change by one factor, or
  three of them and the fourth was corrected at once, the series was adjusted anew; so it was where bars of closes alone change with a
  neighbour by one factor in one payload; anything else corrects the one bar. A change and its way back are two rows.
grain: dataset x symbol x source x basis x session_date x known_at x payload_sha256
materialized: table
publish: false
columns:
  - {name: dataset, type: VARCHAR, unit: "", description: "index_bars, sector_bars or equity_bars."}
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the bar."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted."}
  - {name: session_date, type: DATE, unit: "", description: "Session of the bar."}
  - {name: kind, type: VARCHAR, unit: "", description: "provisional, scaled, corrected, withdrawn or restored."}
  - {name: old_close, type: DOUBLE, unit: points or USD, description: "Close before; null where it was withdrawn."}
  - {name: new_close, type: DOUBLE, unit: points or USD, description: "Close after; null where it is withdrawn."}
  - {name: factor, type: DOUBLE, unit: "", description: "Close after / close before; of a bar that was scaled with its close corrected, that of the other three."}
  - {name: known_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When the later fact was learnt."}
  - {name: old_payload, type: VARCHAR, unit: "", description: "SHA-256 of the bytes that gave the fact before."}
  - {name: payload_sha256, type: VARCHAR, unit: "", description: "SHA-256 of the bytes that gave the later fact."}
*/
with bar_facts as (
    select
        'index_bars' as dataset,
        index_id as symbol,
        source,
        basis,
        session_date,
        open,
        high,
        low,
        close,
        is_final,
        is_withdrawn,
        known_at,
        payload_sha256
    from staging.index_bars_history
    union all
    select
        'sector_bars' as dataset,
        symbol,
        source,
        basis,
        session_date,
        open,
        high,
        low,
        close,
        is_final,
        is_withdrawn,
        known_at,
        payload_sha256
    from staging.sector_bars_history
    union all
    select
        'equity_bars' as dataset,
        symbol,
        source,
        basis,
        session_date,
        open,
        high,
        low,
        close,
        is_final,
        is_withdrawn,
        known_at,
        payload_sha256
    from intermediate.restated_stock_facts
),

-- a fact equal to the one before it is no change: it goes before neighbours are compared
distinct_facts as (
    select *
    from bar_facts
    qualify
        (open, high, low, close, is_final, is_withdrawn) is distinct from lag((open, high, low, close, is_final, is_withdrawn)) over (
            partition by dataset, symbol, source, basis, session_date order by known_at, payload_sha256
        )
),

changes_of_facts as (
    select
        *,
        lag(open) over one as old_open,
        lag(high) over one as old_high,
        lag(low) over one as old_low,
        lag(close) over one as old_close,
        lag(is_final) over one as old_is_final,
        lag(is_withdrawn) over one as old_is_withdrawn,
        lag(payload_sha256) over one as old_payload,
        close / nullif(old_close, 0) as factor
    from distinct_facts
    window one as (partition by dataset, symbol, source, basis, session_date order by known_at, payload_sha256)
),

-- what each price was multiplied by, in order: three that agree are three neighbours
price_scales as (
    select
        *,
        list_sort([open / old_open, high / old_high, low / old_low, factor]) as sorted_factors,
        -- 1e-5: prices are kept at 1e-6 and vendors round to cents or single floats; a dividend is never as small
        coalesce(
            abs(open / old_open / factor - 1) <= 1e-5
            and abs(high / old_high / factor - 1) <= 1e-5
            and abs(low / old_low / factor - 1) <= 1e-5,
            false
        ) as is_scaled,
        case
            when open * high * low * close * old_open * old_high * old_low * old_close > 0 then
                case
                    when sorted_factors[3] / sorted_factors[1] - 1 <= 1e-5 then sorted_factors[2]
                    when sorted_factors[4] / sorted_factors[2] - 1 <= 1e-5 then sorted_factors[3]
                end
        end as shared_factor,
        -- a bar whose close was made right, or three of whose prices were left alone, is not scaled
        coalesce(abs(shared_factor - 1) > 1e-5, false) as is_scaled_and_corrected,
        coalesce(open, high, low, old_open, old_high, old_low) is null as is_close_alone
    from changes_of_facts
    where
        old_payload is not null
        and (close is distinct from old_close)
        and not coalesce(abs(factor - 1) <= 1e-5, false)
),

-- of a close alone its neighbours say whether the series was multiplied
scales_of_runs as (
    select
        *,
        is_close_alone and least(
            abs(factor / lag(if(is_close_alone, factor, null)) over run - 1),
            abs(factor / lead(if(is_close_alone, factor, null)) over run - 1)
        ) <= 2e-5 as is_scaled_run
    from price_scales
    window run as (partition by dataset, symbol, source, basis, known_at, payload_sha256 order by session_date)
),

final as (
    select
        dataset,
        symbol,
        source,
        basis,
        session_date,
        case
            when is_withdrawn then 'withdrawn'
            when old_is_withdrawn then 'restored'
            when old_is_final is not true then 'provisional'
            when is_scaled or is_scaled_and_corrected or coalesce(is_scaled_run, false) then 'scaled'
            else 'corrected'
        end as kind,
        old_close,
        close as new_close,
        if(is_scaled_and_corrected and not is_scaled, shared_factor, factor) as factor,
        known_at,
        old_payload,
        payload_sha256
    from scales_of_runs
)

select *
from final
order by dataset, symbol, source, basis, session_date, known_at, payload_sha256
