/*
description: >
  The sectors section of the daily report, best first, rounded to what is printed, one row set per session. The benchmark's fund has
  the last row; spreads are against that row, so that dividends are in both sides or in neither.
grain: session_date x symbol
materialized: table
blocks: {by: session_date, back: 0}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: BIGINT, unit: "", description: "Place of the row in the section: by the 1-session return, the benchmark last."}
  - {name: sector, type: VARCHAR, unit: "", description: "Sector in the GICS taxonomy; null in the benchmark's row."}
  - {name: symbol, type: VARCHAR, unit: "", description: "ETF that stands for the sector, or the benchmark."}
  - {name: is_benchmark, type: BOOLEAN, unit: "", description: "The row of the benchmark."}
  - {name: label_en, type: VARCHAR, unit: "", description: "Name of the sector or the benchmark, in English."}
  - {name: label_zh, type: VARCHAR, unit: "", description: "Name of the sector or the benchmark, in Chinese."}
  - {name: close, type: DOUBLE, unit: USD, description: "Close of the session, adjusted as the basis says."}
  - {name: return_1d_pct, type: DOUBLE, unit: percent, description: "Return over 1 session."}
  - {name: rank_1d, type: INTEGER, unit: "", description: "Rank by the 1-session return, 1 the best; equal returns (to nine decimals of a percent) share the best rank. Null for the benchmark."}
  - {name: return_5d_pct, type: DOUBLE, unit: percent, description: "Return over 5 sessions (a week)."}
  - {name: return_21d_pct, type: DOUBLE, unit: percent, description: "Return over 21 sessions (a month)."}
  - {name: return_63d_pct, type: DOUBLE, unit: percent, description: "Return over 63 sessions (a quarter)."}
  - {name: return_mtd_pct, type: DOUBLE, unit: percent, description: "Return in the month so far."}
  - {name: return_ytd_pct, type: DOUBLE, unit: percent, description: "Return in the year so far."}
  - {name: return_252d_pct, type: DOUBLE, unit: percent, description: "Return over 252 sessions (a year)."}
  - {name: spread_1d_vs_benchmark_pp, type: DOUBLE, unit: percentage points, description: "Return over 1 session less the benchmark's."}
  - {name: spread_21d_vs_benchmark_pp, type: DOUBLE, unit: percentage points, description: "Return over 21 sessions less the benchmark's."}
  - {name: spread_ytd_vs_benchmark_pp, type: DOUBLE, unit: percentage points, description: "Return in the year so far less the benchmark's."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted: total_return has dividends in it."}
  - {name: source, type: VARCHAR, unit: "", description: "Series of the close."}
  - {name: note_en, type: VARCHAR, unit: "", description: "Why values are missing, or what to know about them, in English."}
  - {name: note_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
invariants:
  - description: A session has one row of the benchmark at most, and no spread in it but nil.
    sql: >
      select session_date from reports.sector_performance where is_benchmark group by session_date
      having count(*) > 1 or max(abs(coalesce(spread_1d_vs_benchmark_pp, 0))) > 0
evidence:
  of: marts.sector_returns
*/
with benchmark_closes as (
    select
        seq,
        session_date,
        close,
        basis,
        source
    from intermediate.sector_segments
    where symbol = $benchmark and is_in_force and is_held_back is not true
),

benchmark_returns as (
    select
        seq,
        max(return_pct) filter (where window_name = '1d') as return_1d_pct,
        max(return_pct) filter (where window_name = '5d') as return_5d_pct,
        max(return_pct) filter (where window_name = '21d') as return_21d_pct,
        max(return_pct) filter (where window_name = '63d') as return_63d_pct,
        max(return_pct) filter (where window_name = 'mtd') as return_mtd_pct,
        max(return_pct) filter (where window_name = 'ytd') as return_ytd_pct,
        max(return_pct) filter (where window_name = '252d') as return_252d_pct
    from intermediate.window_returns
    where dataset = 'sector_bars' and symbol = $benchmark
    group by seq
),

excluded_closes as (
    select
        e.seq,
        s.session_date,
        arg_min(e.reason, k.rank) as reason
    from intermediate.reference_exclusions as e
    inner join staging.series_rank as k on e.dataset = k.dataset and e.source = k.source and e.basis = k.basis
    inner join staging.sessions as s on e.seq = s.seq
    where e.dataset = 'sector_bars' and e.symbol = $benchmark
    group by e.seq, s.session_date
),

benchmark_lines as (
    select
        c.* exclude (seq),
        r.* exclude (seq),
        null as reason
    from benchmark_closes as c
    left join benchmark_returns as r on c.seq = r.seq
    union all by name
    select
        x.session_date,
        x.reason
    from excluded_closes as x
    anti join benchmark_closes as c on x.seq = c.seq
),

sector_lines as (
    select
        session_date,
        sector,
        symbol,
        false as is_benchmark,
        close,
        return_1d_pct,
        return_5d_pct,
        return_21d_pct,
        return_63d_pct,
        return_mtd_pct,
        return_ytd_pct,
        return_252d_pct,
        basis,
        source,
        reason,
        other_series
    from marts.sector_returns
    union all by name
    select
        session_date,
        $benchmark as symbol,
        true as is_benchmark,
        close,
        return_1d_pct,
        return_5d_pct,
        return_21d_pct,
        return_63d_pct,
        return_mtd_pct,
        return_ytd_pct,
        return_252d_pct,
        basis,
        source,
        reason
    from benchmark_lines
    where session_date in (select r.session_date from marts.sector_returns as r)
),

reason_texts as (
    select
        reason,
        note('en', reason_of_windows(reason, ['1d', '5d', '21d', '63d', 'mtd', 'ytd', '252d', 'any window'])) as reason_en,
        note('zh', reason_of_windows(reason, ['1d', '5d', '21d', '63d', 'mtd', 'ytd', '252d', 'any window'])) as reason_zh
    from (select distinct l.reason from sector_lines as l) as distinct_reasons
),

final as (
    select
        t.session_date,
        row_number() over (
            partition by t.session_date order by t.is_benchmark, round(t.return_1d_pct, 9) desc nulls last, t.sector
        ) as position,
        t.sector,
        t.symbol,
        t.is_benchmark,
        if(
            t.is_benchmark,
            filled($en['sector_performance.benchmark'], 'symbol', t.symbol),
            coalesce(text_of('en', 'names.sector.' || t.sector), t.sector)
        ) as label_en,
        if(
            t.is_benchmark,
            filled($zh['sector_performance.benchmark'], 'symbol', t.symbol),
            coalesce(text_of('zh', 'names.sector.' || t.sector), t.sector)
        ) as label_zh,
        rounded(t.close, 2) as close,
        rounded(t.return_1d_pct, 2) as return_1d_pct,
        if(
            t.return_1d_pct is null or t.is_benchmark,
            null,
            -- digits beyond are those of the arithmetic
            cast(
                rank() over (
                    partition by t.session_date, t.is_benchmark order by round(t.return_1d_pct, 9) desc nulls last
                ) as integer
            )
        ) as rank_1d,
        rounded(t.return_5d_pct, 2) as return_5d_pct,
        rounded(t.return_21d_pct, 2) as return_21d_pct,
        rounded(t.return_63d_pct, 2) as return_63d_pct,
        rounded(t.return_mtd_pct, 2) as return_mtd_pct,
        rounded(t.return_ytd_pct, 2) as return_ytd_pct,
        rounded(t.return_252d_pct, 2) as return_252d_pct,
        rounded(t.return_1d_pct - b.return_1d_pct, 2) as spread_1d_vs_benchmark_pp,
        rounded(t.return_21d_pct - b.return_21d_pct, 2) as spread_21d_vs_benchmark_pp,
        rounded(t.return_ytd_pct - b.return_ytd_pct, 2) as spread_ytd_vs_benchmark_pp,
        t.basis,
        t.source,
        joined_by(
            $en['notes.next'],
            k.reason_en,
            filled($en['notes.other_series'], 'series', t.other_series),
            if(t.return_1d_pct is not null and b.return_1d_pct is null, $en['sector_performance.no_benchmark'], null),
            filled($en['sector_performance.other_basis'], 'basis', if(t.basis <> b.basis, b.basis, null))
        ) as note_en,
        joined_by(
            $zh['notes.next'],
            k.reason_zh,
            filled($zh['notes.other_series'], 'series', t.other_series),
            if(t.return_1d_pct is not null and b.return_1d_pct is null, $zh['sector_performance.no_benchmark'], null),
            filled($zh['sector_performance.other_basis'], 'basis', if(t.basis <> b.basis, b.basis, null))
        ) as note_zh
    from sector_lines as t
    left join benchmark_lines as b on t.session_date = b.session_date
    left join reason_texts as k on t.reason = k.reason
)

select *
from final
order by session_date, position
