/*
description: >
  Signs that a rotation into small companies is late, one row set per session: each with the numbers that raised it and, where it is not
  raised, why. A sign whose inputs are missing is neither raised nor not.
grain: session_date x flag
materialized: table
blocks: {by: session_date, back: 0}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: position, type: INTEGER, unit: "", description: "Place of the row in the section."}
  - {name: flag, type: VARCHAR, unit: "", description: "Name of the sign."}
  - {name: label_en, type: VARCHAR, unit: "", description: "Name of the sign, in English."}
  - {name: label_zh, type: VARCHAR, unit: "", description: "Name of the sign, in Chinese."}
  - {name: is_raised, type: BOOLEAN, unit: "", description: "The sign is there; null where it cannot be told."}
  - {name: numbers_en, type: VARCHAR, unit: "", description: "The numbers that decide, in English; null where they are missing."}
  - {name: numbers_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
  - {name: reason_en, type: VARCHAR, unit: "", description: "Why the sign is not raised, with the number that decided, or what is missing; in English, null where it is raised."}
  - {name: reason_zh, type: VARCHAR, unit: "", description: "The same in Chinese."}
invariants:
  - description: A sign that is not raised says why, and one that is has its numbers, in both languages.
    sql: >
      select * from reports.risk_flags where (coalesce(is_raised, false) and (reason_en is not null or numbers_en is null))
      or (not coalesce(is_raised, false) and reason_en is null)
      or (reason_en is null) <> (reason_zh is null) or (numbers_en is null) <> (numbers_zh is null)
method:
  id: risk_flags
  version: 4
  formula: >
    spread_extreme: lead of RUT over SPX year to date above (below) 90 % of earlier years at the same session of the year;
    lead_day_lost: RUT behind SPX on the day after 8 sessions ahead, or while its lead is above 90 % of earlier years;
    technology_climbing: Information Technology in the bottom two by 21-session return 5 sessions ago and higher now;
    financials_weakest: Financials last of the sectors and below -1 % on the day; divergence and omen as in breadth_daily, sp500 and all
  parameters: 10 earlier years at least; 8 sessions; 5 sessions; -1 %
  citation: our own, after what desks call a late rotation
  oracle: ""
  deviations: ""
evidence:
  rows:
    - dataset: index_bars
      sql: >
        select case when b.session_date = $session_date then 'close' when b.session_date = w.year_base_date then 'start of the year'
        else 'earlier close' end || ' of ' || b.symbol as role, b.*
        from lake.index_bars as b cross join asked.base as w
        inner join marts.index_returns as r on b.symbol = r.index_id and r.session_date = $session_date and b.source = r.source
        inner join lake.sessions as s on b.session_date = s.session_date
        inner join lake.sessions as t on t.session_date = $session_date
        where b.is_final and case
        when $flag = 'spread_extreme' then b.symbol in ('RUT', 'SPX') and b.session_date in ($session_date, w.year_base_date)
        when $flag = 'lead_day_lost'
        then b.symbol in ('RUT', 'SPX') and (s.seq between t.seq - 9 and t.seq or b.session_date = w.year_base_date)
        when $flag in ('divergence', 'hindenburg_omen') then s.seq between t.seq - 50 and t.seq and b.symbol in (
        select d.barometer from marts.breadth_daily as d where d.session_date = $session_date and d.universe in ('all', 'sp500'))
        else false end
        order by b.session_date in ($session_date, w.base_date, w.year_base_date) desc, b.session_date desc, b.symbol
    - dataset: sector_bars
      sql: >
        select case t.seq - s.seq when 0 then 'close' when 1 then 'close before' when 5 then 'close 5 sessions ago'
        when 21 then 'base of now' else 'base of 5 sessions ago' end as role, b.*
        from lake.sector_bars as b
        inner join marts.sector_returns as r on b.symbol = r.symbol and r.session_date = $session_date and b.source = r.source
        inner join lake.sessions as s on b.session_date = s.session_date
        inner join lake.sessions as t on t.session_date = $session_date
        where b.is_final and case
        when $flag = 'technology_climbing' then t.seq - s.seq in (0, 5, 21, 26)
        when $flag = 'financials_weakest' then t.seq - s.seq in (0, 1) else false end
        order by b.session_date desc, b.symbol
    - dataset: equity_bars
      sql: >
        select if(b.session_date = $session_date, 'close', 'close before') as role, b.*
        from lake.equity_bars as b cross join asked.base as w
        left join lake.series_rank as k on k.dataset = 'equity_bars' and b.source = k.source and b.basis = k.basis
        where $flag in ('divergence', 'hindenburg_omen') and b.is_final and b.session_date in ($session_date, w.base_date)
        qualify row_number() over (partition by b.symbol, b.session_date order by k.rank nulls last, b.source, b.basis) = 1
        order by b.symbol, b.session_date desc
  applied: select $numbers_en
*/
with lead_numbers as (
    select
        *,
        years >= 10 and spread_ytd_pp is not null as is_comparable,
        years_below >= 0.9 * years or years_below <= 0.1 * years as is_extreme,
        coalesce(last_streak, 0) >= 8 or coalesce(years >= 10 and years_below >= 0.9 * years, false) as is_extended,
        [
            'ytd=' || coalesce(signed(spread_ytd_pp, 2), ''), 'day=' || coalesce(signed(spread_1d_pp, 2), ''),
            'below=' || years_below, 'years=' || years, 'session=' || session_of_year,
            'streak=' || greatest(coalesce(last_streak, 0), 0)
        ] as given
    from intermediate.lead_ranks
),

technology_ranks as (
    select
        r.session_date,
        r.rank_21d + r.rank_change_5d as rank_before,
        r.rank_change_5d,
        r.ranked_21d,
        [
            'now=' || coalesce(r.rank_21d, 0), 'before=' || coalesce(r.rank_21d + r.rank_change_5d, 0),
            'sectors=' || coalesce(r.ranked_21d, 0)
        ] as given
    from marts.sector_rotation as r
    where r.sector = 'Information Technology'
),

-- who is weakest, by rank as in the headline; the returns have all their digits, as a fall is held against -1 %
ranked_sectors as (
    select
        r.session_date,
        r.sector,
        r.return_1d_pct,
        p.rank_1d = max(p.rank_1d) over (partition by r.session_date) as is_weakest
    from marts.sector_returns as r
    left join reports.sector_performance as p on r.session_date = p.session_date and r.sector = p.sector
),

weakest_sectors as (
    select
        session_date,
        max(return_1d_pct) filter (where sector = 'Financials') as return_1d_pct,
        min(return_1d_pct) as lowest,
        count(return_1d_pct) as sectors,
        bool_or(is_weakest) filter (where sector = 'Financials') as is_weakest,
        list(sector order by sector) filter (where is_weakest and sector <> 'Financials') as others
    from ranked_sectors
    group by session_date
),

breadth_days as (
    select
        session_date,
        bool_or(is_divergence) as is_divergence,
        bool_or(is_omen) as is_omen,
        string_agg(
            filled(
                text_of('en', 'risk_flags.divergence.numbers' || if(share_before is null, '_now', '')),
                'universe', universe_label('en', universe),
                'now', coalesce(plain(100 * above_sma50_share, 1), $en['risk_flags.unknown']),
                'before', coalesce(plain(100 * share_before, 1), '')
            ),
            $en['notes.next'] order by universe
        ) as divergence_en,
        string_agg(
            case no_divergence
                when 'no_high'
                    then filled(
                        $en['risk_flags.divergence.no_high'],
                        'universe', universe_label('en', universe),
                        'index', coalesce(text_of('en', 'names.index.' || benchmark_index), benchmark_index),
                        'below', plain(below_high_20d_pct, 2)
                    )
                when 'not_lower'
                    then filled(
                        $en['risk_flags.divergence.not_lower'],
                        'universe', universe_label('en', universe),
                        'now', plain(100 * above_sma50_share, 1),
                        'before', plain(100 * share_before, 1)
                    )
                when 'no'
                    then filled($en['risk_flags.divergence.no'], 'universe', universe_label('en', universe))
            end,
            $en['notes.next'] order by universe
        ) as no_divergence_en,
        string_agg(
            filled(
                $en['risk_flags.hindenburg_omen.numbers'],
                'universe', universe_label('en', universe),
                'highs', coalesce(plain(new_highs_52w, 0), $en['risk_flags.unknown']),
                'lows', coalesce(plain(new_lows_52w, 0), $en['risk_flags.unknown']),
                'issues', plain(eligible, 0), 'mcclellan', coalesce(signed(mcclellan_oscillator, 1), $en['risk_flags.unknown'])
            )
            || if(coalesce(is_hindenburg_classic, false), $en['risk_flags.hindenburg_omen.classic'], '')
            || if(coalesce(is_hindenburg_morris, false), $en['risk_flags.hindenburg_omen.morris'], ''),
            $en['notes.next'] order by universe
        ) as omen_en,
        string_agg(
            filled(
                text_of('en', 'risk_flags.hindenburg_omen.' || no_omen),
                'universe', universe_label('en', universe),
                'what', coalesce(text_of('en', 'columns.' || if(new_highs_52w < new_lows_52w, 'new_highs_52w', 'new_lows_52w')), ''),
                'count', coalesce(plain(least(new_highs_52w, new_lows_52w), 0), ''),
                'share', coalesce(plain(100 * least(new_highs_52w, new_lows_52w) / nullif(eligible, 0), 1), ''),
                'highs', coalesce(plain(new_highs_52w, 0), ''), 'lows', coalesce(plain(new_lows_52w, 0), ''),
                'mcclellan', coalesce(signed(mcclellan_oscillator, 1), '')
            ),
            $en['notes.next'] order by universe
        ) as no_omen_en,
        string_agg(
            filled(
                text_of('zh', 'risk_flags.divergence.numbers' || if(share_before is null, '_now', '')),
                'universe', universe_label('zh', universe),
                'now', coalesce(plain(100 * above_sma50_share, 1), $zh['risk_flags.unknown']),
                'before', coalesce(plain(100 * share_before, 1), '')
            ),
            $zh['notes.next'] order by universe
        ) as divergence_zh,
        string_agg(
            case no_divergence
                when 'no_high'
                    then filled(
                        $zh['risk_flags.divergence.no_high'],
                        'universe', universe_label('zh', universe),
                        'index', coalesce(text_of('zh', 'names.index.' || benchmark_index), benchmark_index),
                        'below', plain(below_high_20d_pct, 2)
                    )
                when 'not_lower'
                    then filled(
                        $zh['risk_flags.divergence.not_lower'],
                        'universe', universe_label('zh', universe),
                        'now', plain(100 * above_sma50_share, 1),
                        'before', plain(100 * share_before, 1)
                    )
                when 'no'
                    then filled($zh['risk_flags.divergence.no'], 'universe', universe_label('zh', universe))
            end,
            $zh['notes.next'] order by universe
        ) as no_divergence_zh,
        string_agg(
            filled(
                $zh['risk_flags.hindenburg_omen.numbers'],
                'universe', universe_label('zh', universe),
                'highs', coalesce(plain(new_highs_52w, 0), $zh['risk_flags.unknown']),
                'lows', coalesce(plain(new_lows_52w, 0), $zh['risk_flags.unknown']),
                'issues', plain(eligible, 0), 'mcclellan', coalesce(signed(mcclellan_oscillator, 1), $zh['risk_flags.unknown'])
            )
            || if(coalesce(is_hindenburg_classic, false), $zh['risk_flags.hindenburg_omen.classic'], '')
            || if(coalesce(is_hindenburg_morris, false), $zh['risk_flags.hindenburg_omen.morris'], ''),
            $zh['notes.next'] order by universe
        ) as omen_zh,
        string_agg(
            filled(
                text_of('zh', 'risk_flags.hindenburg_omen.' || no_omen),
                'universe', universe_label('zh', universe),
                'what', coalesce(text_of('zh', 'columns.' || if(new_highs_52w < new_lows_52w, 'new_highs_52w', 'new_lows_52w')), ''),
                'count', coalesce(plain(least(new_highs_52w, new_lows_52w), 0), ''),
                'share', coalesce(plain(100 * least(new_highs_52w, new_lows_52w) / nullif(eligible, 0), 1), ''),
                'highs', coalesce(plain(new_highs_52w, 0), ''), 'lows', coalesce(plain(new_lows_52w, 0), ''),
                'mcclellan', coalesce(signed(mcclellan_oscillator, 1), '')
            ),
            $zh['notes.next'] order by universe
        ) as no_omen_zh
    from intermediate.breadth_signs
    group by session_date
),

flag_states as (
    select
        session_date,
        1 as position,
        'spread_extreme' as flag,
        if(is_comparable, is_extreme, null) as is_raised,
        if(is_comparable, 'numbers', null) as numbers,
        case
            when spread_ytd_pp is null then 'no_spread'
            when years < 10 then 'few_years'
            when not is_extreme then 'usual'
        end as reason,
        given as given_en,
        given as given_zh
    from lead_numbers
    union all by name
    select
        session_date,
        2 as position,
        'lead_day_lost' as flag,
        if(streak is null, null, streak < 0 and is_extended) as is_raised,
        if(streak is null, null, if(spread_ytd_pp is null, 'numbers_day', 'numbers')) as numbers,
        case
            when streak is null then 'no_spread'
            when not is_extended and years >= 10 and spread_ytd_pp is not null then 'not_extended'
            when not is_extended then 'short_streak'
            when streak >= 0 then 'not_behind'
        end as reason,
        given as given_en,
        given as given_zh
    from lead_numbers
    union all by name
    select
        session_date,
        3 as position,
        'technology_climbing' as flag,
        rank_before >= ranked_21d - 1 and rank_change_5d > 0 as is_raised,
        if(rank_before is null, null, 'numbers') as numbers,
        case
            when rank_before is null then 'no_rank'
            when rank_before < ranked_21d - 1 then 'not_last'
            when rank_change_5d <= 0 then 'not_climbing'
        end as reason,
        given as given_en,
        given as given_zh
    from technology_ranks
    union all by name
    select
        session_date,
        4 as position,
        'financials_weakest' as flag,
        if(sectors >= 2, is_weakest and return_1d_pct < -1, null) as is_raised,
        case
            when return_1d_pct is null or sectors < 2 then null
            when is_weakest and len(others) > 0 then 'numbers_shared'
            when is_weakest then 'numbers'
            when len(others) > 1 then 'numbers_others'
            else 'numbers_other'
        end as numbers,
        case
            when return_1d_pct is null then 'no_return'
            when sectors < 2 then 'no_other'
            when not is_weakest then 'not_weakest'
            when return_1d_pct >= -1 then 'small_fall'
        end as reason,
        [
            'day=' || coalesce(signed(return_1d_pct, 2), ''), 'lowest=' || coalesce(signed(lowest, 2), ''), 'sectors=' || sectors,
            'weakest=' || coalesce(sector_names('en', others), '')
        ] as given_en,
        [
            'day=' || coalesce(signed(return_1d_pct, 2), ''), 'lowest=' || coalesce(signed(lowest, 2), ''), 'sectors=' || sectors,
            'weakest=' || coalesce(sector_names('zh', others), '')
        ] as given_zh
    from weakest_sectors
    union all by name
    select
        d.session_date,
        5 as position,
        'divergence' as flag,
        b.is_divergence as is_raised,
        if(b.is_divergence is null, null, 'text') as numbers,
        case
            when b.session_date is null then 'no_breadth'
            when b.is_divergence is null then 'missing'
            when not b.is_divergence then 'text'
        end as reason,
        ['text=' || coalesce(b.divergence_en, '')] as given_en,
        ['text=' || coalesce(b.divergence_zh, '')] as given_zh,
        b.no_divergence_en as text_en,
        b.no_divergence_zh as text_zh
    from lead_numbers as d
    left join breadth_days as b on d.session_date = b.session_date
    union all by name
    select
        d.session_date,
        6 as position,
        'hindenburg_omen' as flag,
        b.is_omen as is_raised,
        if(b.is_omen is null, null, 'text') as numbers,
        case
            when b.session_date is null then 'no_breadth'
            when b.is_omen is null then 'missing'
            when not b.is_omen then 'text'
        end as reason,
        ['text=' || coalesce(b.omen_en, '')] as given_en,
        ['text=' || coalesce(b.omen_zh, '')] as given_zh,
        b.no_omen_en as text_en,
        b.no_omen_zh as text_zh
    from lead_numbers as d
    left join breadth_days as b on d.session_date = b.session_date
),

final as (
    select
        session_date,
        position,
        flag,
        text_of('en', 'risk_flags.' || flag) as label_en,
        text_of('zh', 'risk_flags.' || flag) as label_zh,
        is_raised,
        filled_from(if(numbers = 'text', '{text}', text_of('en', 'risk_flags.' || flag || '.' || numbers)), given_en) as numbers_en,
        filled_from(if(numbers = 'text', '{text}', text_of('zh', 'risk_flags.' || flag || '.' || numbers)), given_zh) as numbers_zh,
        if(reason = 'text', text_en, filled_from(text_of('en', 'risk_flags.' || flag || '.' || reason), given_en)) as reason_en,
        if(reason = 'text', text_zh, filled_from(text_of('zh', 'risk_flags.' || flag || '.' || reason), given_zh)) as reason_zh
    from flag_states
)

select *
from final
order by session_date, position
