/*
description: >
  What happened on the session, in sentences made by rules from the tables of reports alone, the most telling first: no cause is given, and no
  figure that those tables do not hold. A sentence whose numbers are missing is not there.
grain: session_date x topic
materialized: table
blocks: {by: session_date, back: 8}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: BIGINT, unit: "", description: "Place of the sentence; the first is the headline."}
  - {name: topic, type: VARCHAR, unit: "", description: "Key of what it is about: small_and_large, sectors, year, indices, breadth, risk_flags, precedents or data_quality."}
  - {name: text_en, type: VARCHAR, unit: "", description: "The sentence in English."}
  - {name: text_zh, type: VARCHAR, unit: "", description: "The sentence in Chinese."}
invariants:
  - description: A sentence stands in both languages.
    sql: select * from reports.headline where text_en is null or text_zh is null
method:
  id: headline
  version: 2
  formula: >
    the Russell 2000 against the S&P 500 (a run of 5 sessions or more that ended or goes on, else the day), best and weakest sectors of the
    day, lead year to date, the first four indices, advances and declines of all stocks (else the S&P 500), raised risk flags, precedents
    that the session matches, data quality
  parameters: runs of 5 sessions; precedents 21 sessions on
  citation: ""
  oracle: ""
  deviations: ""
evidence:
  rows:
    - dataset: index_bars
      sql: >
        select if(b.session_date = $session_date, 'close', 'base') as role, b.*
        from lake.index_bars as b cross join asked.base as w
        inner join marts.index_returns as r on b.symbol = r.index_id and r.session_date = $session_date and b.source = r.source
        where b.is_final and case $topic
        when 'small_and_large' then b.symbol in ('RUT', 'SPX') and b.session_date in ($session_date, w.base_date)
        when 'indices' then b.symbol in ('SPX', 'COMP', 'DJI', 'RUT') and b.session_date in ($session_date, w.base_date)
        when 'year' then b.symbol in ('RUT', 'SPX') and b.session_date in ($session_date, w.year_base_date) else false end
        order by b.session_date desc, b.symbol
    - dataset: sector_bars
      sql: >
        select if(b.session_date = $session_date, 'close', 'base') as role, b.*
        from lake.sector_bars as b cross join asked.base as w
        inner join marts.sector_returns as r on b.symbol = r.symbol and r.session_date = $session_date and b.source = r.source
        where $topic = 'sectors' and b.is_final and b.session_date in ($session_date, w.base_date)
        order by b.session_date desc, b.symbol
    - dataset: equity_bars
      sql: >
        select if(b.session_date = $session_date, 'close', 'close before') as role, b.*
        from lake.equity_bars as b cross join asked.base as w
        left join lake.series_rank as k on k.dataset = 'equity_bars' and b.source = k.source and b.basis = k.basis
        where $topic = 'breadth' and b.is_final and b.session_date in ($session_date, w.base_date)
        qualify row_number() over (partition by b.symbol, b.session_date order by k.rank nulls last, b.source, b.basis) = 1
        order by b.symbol, b.session_date desc
*/
with index_moves as (
    select
        session_date,
        position,
        index_id,
        label_en,
        label_zh,
        close,
        return_1d_pct,
        spread_ytd_vs_spx_pp,
        streak_vs_spx,
        lag(streak_vs_spx) over (partition by index_id order by session_date) as last_streak
    from reports.headline_indices
),

-- by their ranks, which know more digits than are printed
ranked_sectors as (
    select
        *,
        max(rank_1d) over (partition by session_date) as last_rank
    from reports.sector_performance
    where not is_benchmark and return_1d_pct is not null
),

sector_extremes as (
    select
        session_date,
        list(sector order by position) filter (where rank_1d = 1) as strongest,
        max(return_1d_pct) as highest,
        list(sector order by position) filter (where rank_1d = last_rank) as weakest,
        min(return_1d_pct) as lowest,
        count(*) as sectors,
        max(rank_1d) as last_rank
    from ranked_sectors
    group by session_date
),

named_extremes as (
    select
        *,
        sector_names('en', strongest) as strongest_en,
        sector_names('zh', strongest) as strongest_zh,
        sector_names('en', weakest) as weakest_en,
        sector_names('zh', weakest) as weakest_zh
    from sector_extremes
),

broadest_universes as (
    select *
    from reports.breadth
    where universe in ('all', 'sp500') and advances is not null
    qualify row_number() over (partition by session_date order by position) = 1
),

-- a run that ended or goes on, else the day; returns that print alike differ by less than 0.01 points
small_against_large as (
    select
        r.session_date,
        case
            when r.last_streak >= 5 and r.streak_vs_spx < 0 then 'headline.lead_ended'
            when r.last_streak <= -5 and r.streak_vs_spx > 0 then 'headline.lag_ended'
            when r.streak_vs_spx >= 5 then 'headline.lead_goes_on'
            when r.streak_vs_spx <= -5 then 'headline.lag_goes_on'
            else 'headline.day'
        end as text,
        signed(r.return_1d_pct, 2) as rut,
        signed(s.return_1d_pct, 2) as spx,
        if(abs(r.streak_vs_spx) >= 5, abs(r.streak_vs_spx), abs(r.last_streak)) as sessions
    from index_moves as r
    inner join index_moves as s on r.session_date = s.session_date and s.index_id = 'SPX'
    where r.index_id = 'RUT'
),

headline_sentences as (
    select
        session_date,
        1 as place,
        'small_and_large' as topic,
        filled(
            text_of('en', text || if(rut = spx and text <> 'headline.day', '_narrowly', '')),
            'rut', rut, 'spx', spx, 'n', coalesce(number_word('en', sessions), '')
        ) as text_en,
        filled(
            text_of('zh', text || if(rut = spx and text <> 'headline.day', '_narrowly', '')),
            'rut', rut, 'spx', spx, 'n', coalesce(number_word('zh', sessions), '')
        ) as text_zh
    from small_against_large
    union all
    select
        session_date,
        2 as place,
        'sectors' as topic,
        filled(
            if(last_rank = 1, null, $en['headline.sectors']),
            'best', strongest_en, 'best_pct', signed(highest, 2),
            'worst', weakest_en, 'worst_pct', signed(lowest, 2), 'sectors', sectors
        ) as text_en,
        filled(
            if(last_rank = 1, null, $zh['headline.sectors']),
            'best', strongest_zh, 'best_pct', signed(highest, 2),
            'worst', weakest_zh, 'worst_pct', signed(lowest, 2), 'sectors', sectors
        ) as text_zh
    from named_extremes
    union all
    select
        session_date,
        3 as place,
        'year' as topic,
        filled(
            text_of('en', 'headline.year' || case when spread_ytd_vs_spx_pp > 0 then '_ahead' when spread_ytd_vs_spx_pp < 0 then '_behind' end),
            'pp', plain(abs(spread_ytd_vs_spx_pp), 2)
        ) as text_en,
        filled(
            text_of('zh', 'headline.year' || case when spread_ytd_vs_spx_pp > 0 then '_ahead' when spread_ytd_vs_spx_pp < 0 then '_behind' end),
            'pp', plain(abs(spread_ytd_vs_spx_pp), 2)
        ) as text_zh
    from index_moves
    where index_id = 'RUT'
    union all
    select
        session_date,
        4 as place,
        'indices' as topic,
        array_to_string(
            list(
                filled($en['headline.index'], 'name', label_en, 'close', plain(close, 2), 'pct', signed(return_1d_pct, 2))
                order by position
            ),
            $en['notes.next']
        ) as text_en,
        array_to_string(
            list(
                filled($zh['headline.index'], 'name', label_zh, 'close', plain(close, 2), 'pct', signed(return_1d_pct, 2))
                order by position
            ),
            $zh['notes.next']
        ) as text_zh
    from index_moves
    where position <= 4 and return_1d_pct is not null
    group by session_date
    union all
    select
        session_date,
        5 as place,
        'breadth' as topic,
        joined_by(
            $en['notes.next'],
            filled(
                $en['headline.breadth'],
                'universe', label_en, 'advances', plain(advances, 0), 'declines', plain(declines, 0),
                'eligible', plain(eligible, 0)
            ),
            filled($en['headline.above_sma200'], 'pct', plain(above_sma200_pct, 1))
        ) as text_en,
        joined_by(
            $zh['notes.next'],
            filled(
                $zh['headline.breadth'],
                'universe', label_zh, 'advances', plain(advances, 0), 'declines', plain(declines, 0),
                'eligible', plain(eligible, 0)
            ),
            filled($zh['headline.above_sma200'], 'pct', plain(above_sma200_pct, 1))
        ) as text_zh
    from broadest_universes
    union all
    select
        session_date,
        6 as place,
        'risk_flags' as topic,
        filled(
            $en['headline.flags'], 'flags', string_agg(label_en, $en['notes.next'] order by position)
        ) as text_en,
        filled(
            $zh['headline.flags'], 'flags', string_agg(label_zh, $zh['notes.next'] order by position)
        ) as text_zh
    from reports.risk_flags
    where is_raised
    group by session_date
    union all
    select
        session_date,
        7 as place,
        'precedents' as topic,
        filled(
            if(n = 1, $en['headline.precedents_one'], $en['headline.precedents']),
            'definition', definition_en, 'n', n, 'index', coalesce(text_of('en', 'names.index.' || index_id), index_id),
            'mean', signed(mean_pct, 2), 'up', plain(up_pct, 1), 'days', signed(days_mean_pct, 2)
        ) as text_en,
        filled(
            if(n = 1, $zh['headline.precedents_one'], $zh['headline.precedents']),
            'definition', definition_zh, 'n', n, 'index', coalesce(text_of('zh', 'names.index.' || index_id), index_id),
            'mean', signed(mean_pct, 2), 'up', plain(up_pct, 1), 'days', signed(days_mean_pct, 2)
        ) as text_zh
    from reports.precedents
    where is_primary and is_match and horizon_sessions = 21 and index_id = 'RUT' and n >= 1
    -- of several definitions that are met the first
    qualify row_number() over (partition by session_date order by position) = 1
    union all
    select
        session_date,
        8 as place,
        'data_quality' as topic,
        note_en as text_en,
        note_zh as text_zh
    from reports.data_quality
    where item = 'summary'
),

final as (
    select
        session_date,
        row_number() over (partition by session_date order by place) as position,
        topic,
        -- lists end with a full stop too
        text_en || if(topic in ('indices', 'breadth', 'data_quality'), $en['headline.stop'], '') as text_en,
        text_zh || if(topic in ('indices', 'breadth', 'data_quality'), $zh['headline.stop'], '') as text_zh
    from headline_sentences
    where text_en is not null
)

select *
from final
order by session_date, position
