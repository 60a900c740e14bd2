/*
description: Returns of indices on each session, from the index's first bar to the newest one of any index, shown or set aside; price returns, without dividends.
grain: session_date x index_id
materialized: table
blocks: {by: session_date, back: 0}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: index_id, type: VARCHAR, unit: "", description: "Id of the index."}
  - {name: close, type: DOUBLE, unit: points, description: "Last value of the session; null where absent."}
  - {name: return_1d_pct, type: DOUBLE, unit: percent, description: "Price return over 1 session."}
  - {name: return_5d_pct, type: DOUBLE, unit: percent, description: "Price return over 5 sessions (a week)."}
  - {name: return_21d_pct, type: DOUBLE, unit: percent, description: "Price return over 21 sessions (a month)."}
  - {name: return_63d_pct, type: DOUBLE, unit: percent, description: "Price return over 63 sessions (a quarter)."}
  - {name: return_126d_pct, type: DOUBLE, unit: percent, description: "Price return over 126 sessions (half a year)."}
  - {name: return_252d_pct, type: DOUBLE, unit: percent, description: "Price return over 252 sessions (a year)."}
  - {name: return_wtd_pct, type: DOUBLE, unit: percent, description: "Price return since the last session of the week before."}
  - {name: return_mtd_pct, type: DOUBLE, unit: percent, description: "Price return since the last session of the month before."}
  - {name: return_qtd_pct, type: DOUBLE, unit: percent, description: "Price return since the last session of the quarter before."}
  - {name: return_ytd_pct, type: DOUBLE, unit: percent, description: "Price return since the last session of the year before."}
  - {name: change_points, type: DOUBLE, unit: points, description: "Close less the close of the session before."}
  - {name: source, type: VARCHAR, unit: "", description: "Series of the close, and of the returns but for those named in other_series."}
  - {name: other_series, type: VARCHAR, unit: "", description: "Windows taken from another series, as the best one lacks a close; null where none is."}
  - {name: reason, type: VARCHAR, unit: "", description: "Why returns are null, and which; null where all are there."}
invariants:
  - description: One row for each session and index.
    sql: select session_date, index_id from marts.index_returns group by session_date, index_id having count(*) > 1
  - description: A return of an absent close is null.
    sql: select * from marts.index_returns where close is null and (return_1d_pct is not null or return_ytd_pct is not null)
method:
  id: index_returns
  version: 2
  formula: 100 (C_t / C_t-n - 1); week, month, quarter and year to date against the close of the last session before
  parameters: n counts sessions of the exchange calendar
  citation: ""
  oracle: closes and changes published for 2026-01-22 and 2026-01-23
  deviations: null where either close is absent, or no single series has both and an unproven joint lies between them
evidence:
  rows:
    - dataset: index_bars
      sql: >
        select if(b.session_date = $session_date, 'close', 'base') as role, b.*
        from lake.index_bars as b cross join asked.base as w
        where b.symbol = $index_id and b.is_final and b.session_date in ($session_date, w.base_date)
        and coalesce(
        b.source || ' ' || b.basis = string_split(w.series, ' to ')[if(b.session_date = $session_date, -1, 1)], b.source = $source)
        order by b.session_date desc
  applied: >
    select '100 (' || t.close || ' / ' || b.close || ' - 1) = ' || 100 * (t.close / b.close - 1) || ' %'
    from evidence.index_bars as t, evidence.index_bars as b where t.role = 'close' and b.role = 'base' and $column like 'return%'
*/
with index_closes as (
    select
        index_id,
        seq,
        close,
        source,
        basis
    from intermediate.index_series
    where is_in_force and is_held_back is not true
),

excluded_closes as (
    select
        e.symbol,
        e.seq,
        arg_min(e.reason, r.rank) as reason
    from intermediate.reference_exclusions as e
    inner join staging.series_rank as r on e.dataset = r.dataset and e.source = r.source and e.basis = r.basis
    where e.dataset = 'index_bars'
    group by e.symbol, e.seq
),

index_sessions as (
    select
        l.symbol as index_id,
        s.seq,
        s.session_date
    from intermediate.close_spans as l
    inner join staging.sessions as s on l.first_seq <= s.seq and l.after_seq > s.seq
    where l.dataset = 'index_bars'
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
        max(w.close - w.base_close) filter (where w.window_name = '1d' and not w.is_seamed) as change_points,
        string_agg(
            w.window_name || ' ' || w.source || ' ' || w.basis, ', ' order by w.window_name
        ) filter (where (w.source, w.basis) <> (k.source, k.basis) and not w.is_seamed) as other_series,
        string_agg(w.window_name, ', ' order by w.window_name) filter (where w.is_seamed) as seamed,
        list(w.window_name) as covered
    from intermediate.window_returns as w
    inner join index_closes as k on w.symbol = k.index_id and w.seq = k.seq
    where w.dataset = 'index_bars'
    group by w.symbol, w.seq
),

final as (
    select
        s.session_date,
        s.index_id,
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
        p.change_points,
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
    from index_sessions as s
    left join index_closes as c on s.index_id = c.index_id and s.seq = c.seq
    left join excluded_closes as x on s.index_id = x.symbol and s.seq = x.seq
    left join returns_by_window as p on s.index_id = p.symbol and s.seq = p.seq
)

select *
from final
order by session_date, index_id
