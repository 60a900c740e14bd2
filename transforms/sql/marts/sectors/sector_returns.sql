/*
description: >
  Returns of the eleven GICS sectors on each session, as the ETF of each shows them: the fund, not the sector's index. Total
  returns where the basis says so, price returns where it is raw or split.
grain: session_date x sector
materialized: table
blocks: {by: session_date, back: 0}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: sector, type: VARCHAR, unit: "", description: "Sector in the GICS taxonomy."}
  - {name: symbol, type: VARCHAR, unit: "", description: "ETF that stands for the sector."}
  - {name: close, type: DOUBLE, unit: USD, description: "Close of the session in the series named, adjusted as its basis says; null where absent."}
  - {name: return_1d_pct, type: DOUBLE, unit: percent, description: "Return over 1 session."}
  - {name: return_5d_pct, type: DOUBLE, unit: percent, description: "Return over 5 sessions (a week)."}
  - {name: return_21d_pct, type: DOUBLE, unit: percent, description: "Return over 21 sessions (a month)."}
  - {name: return_63d_pct, type: DOUBLE, unit: percent, description: "Return over 63 sessions (a quarter)."}
  - {name: return_126d_pct, type: DOUBLE, unit: percent, description: "Return over 126 sessions (half a year)."}
  - {name: return_252d_pct, type: DOUBLE, unit: percent, description: "Return over 252 sessions (a year)."}
  - {name: return_wtd_pct, type: DOUBLE, unit: percent, description: "Return since the last session of the week before."}
  - {name: return_mtd_pct, type: DOUBLE, unit: percent, description: "Return since the last session of the month before."}
  - {name: return_qtd_pct, type: DOUBLE, unit: percent, description: "Return since the last session of the quarter before."}
  - {name: return_ytd_pct, type: DOUBLE, unit: percent, description: "Return since the last session of the year before."}
  - {name: basis, type: VARCHAR, unit: "", description: "How prices are adjusted: total_return has dividends in it, raw and split do not."}
  - {name: source, type: VARCHAR, unit: "", description: "Series of the close, and of the returns but for those named in other_series."}
  - {name: other_series, type: VARCHAR, unit: "", description: "Windows taken from another series, as the best one lacks a close; null where none is."}
  - {name: reason, type: VARCHAR, unit: "", description: "Why returns are null, and which; null where all are there."}
invariants:
  - description: One row for each session and sector.
    sql: select session_date, sector from marts.sector_returns group by session_date, sector having count(*) > 1
  - description: A return of an absent close is null.
    sql: select * from marts.sector_returns where close is null and (return_1d_pct is not null or return_ytd_pct is not null)
method:
  id: sector_returns
  version: 3
  formula: 100 (C_t / C_t-n - 1); week, month, quarter and year to date against the close of the last session before
  parameters: n counts sessions of the exchange calendar
  citation: ""
  oracle: closes and changes published for 2026-01-22 and 2026-01-23
  deviations: null where either close is absent, or no single series has both without a seam between them (marts.series_seams) and an unproven joint lies there
evidence:
  rows:
    - dataset: sector_bars
      sql: >
        select if(b.session_date = $session_date, 'close', 'base') as role, b.*
        from lake.sector_bars as b cross join asked.base as w
        where b.symbol = $symbol and b.is_final and b.session_date in ($session_date, w.base_date)
        and coalesce(
        b.source || ' ' || b.basis = string_split(w.series, ' to ')[if(b.session_date = $session_date, -1, 1)], b.source = $source)
        order by b.session_date desc
  applied: >
    select '100 (' || t.close || ' / ' || b.close || ' - 1) = ' || 100 * (t.close / b.close - 1) || ' %'
    from evidence.sector_bars as t, evidence.sector_bars as b where t.role = 'close' and b.role = 'base' and $column like 'return%'
*/
with sector_closes as (
    select
        b.symbol,
        b.seq,
        b.close,
        b.source,
        b.basis
    from intermediate.sector_segments as b
    inner join intermediate.sector_map as m on b.symbol = m.symbol
    where b.is_in_force and b.is_held_back is not true
),

excluded_closes as (
    select
        e.symbol,
        e.seq,
        arg_min(e.reason, r.rank) as reason
    from intermediate.reference_exclusions as e
    inner join staging.series_rank as r on e.dataset = r.dataset and e.source = r.source and e.basis = r.basis
    where e.dataset = 'sector_bars'
    group by e.symbol, e.seq
),

sector_sessions as (
    select
        m.sector,
        m.symbol,
        s.seq,
        s.session_date
    from intermediate.close_spans as l
    inner join intermediate.sector_map as m on l.symbol = m.symbol
    inner join staging.sessions as s on l.first_seq <= s.seq and l.after_seq > s.seq
    where l.dataset = 'sector_bars'
),

returns_by_window as (
    select
        w.symbol,
        w.seq,
        max(w.return_pct) filter (where w.window_name = '1d') as return_1d_pct,
        max(w.return_pct) filter (where w.window_name = '5d') as return_5d_pct,
        max(w.return_pct) filter (where w.window_name = '21d') as return_21d_pct,
        max(w.return_pct) filter (where w.window_name = '63d') as return_63d_pct,
        max(w.return_pct) filter (where w.window_name = '126d') as return_126d_pct,
        max(w.return_pct) filter (where w.window_name = '252d') as return_252d_pct,
        max(w.return_pct) filter (where w.window_name = 'wtd') as return_wtd_pct,
        max(w.return_pct) filter (where w.window_name = 'mtd') as return_mtd_pct,
        max(w.return_pct) filter (where w.window_name = 'qtd') as return_qtd_pct,
        max(w.return_pct) filter (where w.window_name = 'ytd') as return_ytd_pct,
        string_agg(
            w.window_name || ' ' || w.source || ' ' || w.basis, ', ' order by w.window_name
        ) filter (where (w.source, w.basis) <> (k.source, k.basis) and not w.is_seamed) as other_series,
        string_agg(w.window_name, ', ' order by w.window_name) filter (where w.is_seamed) as seamed,
        list(w.window_name) as covered
    from intermediate.window_returns as w
    inner join sector_closes as k on w.symbol = k.symbol and w.seq = k.seq
    where w.dataset = 'sector_bars'
    group by w.symbol, w.seq
),

final as (
    select
        s.session_date,
        s.sector,
        s.symbol,
        c.close,
        p.return_1d_pct,
        p.return_5d_pct,
        p.return_21d_pct,
        p.return_63d_pct,
        p.return_126d_pct,
        p.return_252d_pct,
        p.return_wtd_pct,
        p.return_mtd_pct,
        p.return_qtd_pct,
        p.return_ytd_pct,
        c.basis,
        c.source,
        p.other_series,
        case
            when c.close is null then coalesce(x.reason, 'no close of this session')
            when p.symbol is null then 'no close to compare with: any window'
            else
                nullif(
                    concat_ws(
                        '; ',
                        'no close to compare with: ' || nullif(
                            concat_ws(
                                ', ',
                                case when not list_contains(p.covered, '1d') then '1d' end,
                                case when not list_contains(p.covered, '5d') then '5d' end,
                                case when not list_contains(p.covered, '21d') then '21d' end,
                                case when not list_contains(p.covered, '63d') then '63d' end,
                                case when not list_contains(p.covered, '126d') then '126d' end,
                                case when not list_contains(p.covered, '252d') then '252d' end,
                                case when not list_contains(p.covered, 'wtd') then 'wtd' end,
                                case when not list_contains(p.covered, 'mtd') then 'mtd' end,
                                case when not list_contains(p.covered, 'qtd') then 'qtd' end,
                                case when not list_contains(p.covered, 'ytd') then 'ytd' end
                            ),
                            ''
                        ),
                        'a seam of the series lies in the window: ' || p.seamed
                    ),
                    ''
                )
        end as reason
    from sector_sessions as s
    left join sector_closes as c on s.symbol = c.symbol and s.seq = c.seq
    left join excluded_closes as x on s.symbol = x.symbol and s.seq = x.seq
    left join returns_by_window as p on s.symbol = p.symbol and s.seq = p.seq
)

select *
from final
order by session_date, sector
