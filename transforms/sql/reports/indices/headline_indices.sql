/*
description: The indices section of the daily report, rounded to what is printed, one row set per session; price returns.
grain: session_date x index_id
materialized: table
blocks: {by: session_date, back: 0}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: BIGINT, unit: "", description: "Place of the row in the section."}
  - {name: index_id, type: VARCHAR, unit: "", description: "Id of the index."}
  - {name: label_en, type: VARCHAR, unit: "", description: "Name of the index, in English."}
  - {name: label_zh, type: VARCHAR, unit: "", description: "Name of the index, in Chinese."}
  - {name: close, type: DOUBLE, unit: points, description: "Last value of the session."}
  - {name: change_points, type: DOUBLE, unit: points, description: "Change on the session."}
  - {name: return_1d_pct, type: DOUBLE, unit: percent, description: "Return over 1 session."}
  - {name: return_5d_pct, type: DOUBLE, unit: percent, description: "Return over 5 sessions (a week)."}
  - {name: return_wtd_pct, type: DOUBLE, unit: percent, description: "Return in the week so far."}
  - {name: return_mtd_pct, type: DOUBLE, unit: percent, description: "Return in the month so far."}
  - {name: return_qtd_pct, type: DOUBLE, unit: percent, description: "Return in the quarter so far."}
  - {name: return_ytd_pct, type: DOUBLE, unit: percent, description: "Return in the year so far."}
  - {name: return_252d_pct, type: DOUBLE, unit: percent, description: "Return over 252 sessions (a year)."}
  - {name: streak_vs_spx, type: INTEGER, unit: sessions, description: "Sessions in a row ahead of the S&P 500; negative: behind; null for indices not held against it."}
  - {name: spread_1d_vs_spx_pp, type: DOUBLE, unit: percentage points, description: "Return over 1 session less that of the S&P 500; null for indices not held against it."}
  - {name: spread_ytd_vs_spx_pp, type: DOUBLE, unit: percentage points, description: "Return in the year so far less that of the S&P 500; null for indices not held against it."}
  - {name: source, type: VARCHAR, unit: "", description: "Series of the close."}
  - {name: note_en, type: VARCHAR, unit: "", description: "Why values are missing, or what to know about them, in English."}
  - {name: note_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
evidence:
  of: marts.index_returns
*/
with reason_texts as (
    select
        reason,
        note('en', reason_of_windows(reason, ['1d', '5d', 'wtd', 'mtd', 'qtd', 'ytd', '252d', 'any window'])) as reason_en,
        note('zh', reason_of_windows(reason, ['1d', '5d', 'wtd', 'mtd', 'qtd', 'ytd', '252d', 'any window'])) as reason_zh
    from (select distinct r.reason from marts.index_returns as r) as distinct_reasons
),

final as (
    select
        r.session_date,
        row_number() over (
            partition by r.session_date
            order by
                coalesce(
                    list_position(['SPX', 'COMP', 'DJI', 'RUT', 'NDX', 'MID', 'SML', 'RUI', 'RUA', 'VIX', 'RTY'], r.index_id), 99
                ),
                r.index_id
        ) as position,
        r.index_id,
        coalesce(text_of('en', 'names.index.' || r.index_id), r.index_id) as label_en,
        coalesce(text_of('zh', 'names.index.' || r.index_id), r.index_id) as label_zh,
        rounded(r.close, 2) as close,
        rounded(r.change_points, 2) as change_points,
        rounded(r.return_1d_pct, 2) as return_1d_pct,
        rounded(r.return_5d_pct, 2) as return_5d_pct,
        rounded(r.return_wtd_pct, 2) as return_wtd_pct,
        rounded(r.return_mtd_pct, 2) as return_mtd_pct,
        rounded(r.return_qtd_pct, 2) as return_qtd_pct,
        rounded(r.return_ytd_pct, 2) as return_ytd_pct,
        rounded(r.return_252d_pct, 2) as return_252d_pct,
        p.outperformance_streak as streak_vs_spx,
        rounded(p.spread_1d_pp, 2) as spread_1d_vs_spx_pp,
        rounded(p.spread_ytd_pp, 2) as spread_ytd_vs_spx_pp,
        r.source,
        joined_by(
            $en['notes.next'],
            k.reason_en,
            if(
                r.return_1d_pct is not null and p.lead_id is not null and p.spread_1d_pp is null, $en['headline_indices.no_spx_1d'], null
            ),
            if(
                r.return_ytd_pct is not null and p.lead_id is not null and p.spread_ytd_pp is null,
                $en['headline_indices.no_spx_ytd'],
                null
            ),
            filled($en['notes.other_series'], 'series', r.other_series)
        ) as note_en,
        joined_by(
            $zh['notes.next'],
            k.reason_zh,
            if(
                r.return_1d_pct is not null and p.lead_id is not null and p.spread_1d_pp is null, $zh['headline_indices.no_spx_1d'], null
            ),
            if(
                r.return_ytd_pct is not null and p.lead_id is not null and p.spread_ytd_pp is null,
                $zh['headline_indices.no_spx_ytd'],
                null
            ),
            filled($zh['notes.other_series'], 'series', r.other_series)
        ) as note_zh
    from marts.index_returns as r
    left join reason_texts as k on r.reason = k.reason
    left join marts.index_spreads as p
        on r.session_date = p.session_date and r.index_id = p.lead_id and p.base_id = 'SPX'
)

select *
from final
order by session_date, position
