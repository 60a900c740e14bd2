/*
description: >
  Breadth of each universe on each session. Values are null, with the reason, where too few members have a return; running sums
  and exponential means pass over such sessions and say how many.
grain: session_date x universe
materialized: table
blocks: {by: session_date, back: 0}
columns:
  - {name: session_date, type: DATE, unit: "", description: "Session of the exchange calendar."}
  - {name: universe, type: VARCHAR, unit: "", description: "all, sp500, sp500_list, russell2000 (a fund's holdings), sector:GICS, nasdaq_sector:NAME or cap:BAND."}
  - {name: members, type: BIGINT, unit: stocks, description: "Stocks of the universe with a bar in this session or one of the five before."}
  - {name: listed_without_bars, type: BIGINT, unit: names, description: "Names on the universe's list without a bar so far; they count against coverage."}
  - {name: eligible, type: BIGINT, unit: stocks, description: "Members with closes of this session and the one before."}
  - {name: excluded_set_aside, type: BIGINT, unit: stocks, description: "Members whose bar is none of this session: another session's values, a step that nothing explains, a repeated bar, not traded."}
  - {name: excluded_no_close, type: BIGINT, unit: stocks, description: "Members without a close."}
  - {name: excluded_no_previous_close, type: BIGINT, unit: stocks, description: "Members with a close but none of the session before."}
  - {name: excluded_disagreement, type: BIGINT, unit: stocks, description: "Members whose stated previous close disagrees with the last close by over 2 %, without a split."}
  - {name: advances, type: BIGINT, unit: stocks, description: "Eligible that closed above the previous close, splits allowed for."}
  - {name: declines, type: BIGINT, unit: stocks, description: "Eligible that closed below it."}
  - {name: unchanged, type: BIGINT, unit: stocks, description: "Eligible that closed at it."}
  - {name: advance_share, type: DOUBLE, unit: share, description: "Advances over eligible."}
  - {name: ad_line, type: BIGINT, unit: stocks, description: "Running sum of advances less declines since the first defined session."}
  - {name: mcclellan_oscillator, type: DOUBLE, unit: "", description: "Ratio-adjusted: of 1000 (A - D) / (A + D)."}
  - {name: mcclellan_oscillator_raw, type: DOUBLE, unit: stocks, description: "Of A - D."}
  - {name: mcclellan_summation, type: DOUBLE, unit: "", description: "Running sum of the ratio-adjusted oscillator."}
  - {name: above_sma20_share, type: DOUBLE, unit: share, description: "Members above their 20-session mean (a month of trading)."}
  - {name: above_sma50_share, type: DOUBLE, unit: share, description: "Members above their 50-session mean (a quarter)."}
  - {name: above_sma200_share, type: DOUBLE, unit: share, description: "Members above their 200-session mean (most of a year)."}
  - {name: sma20_members, type: BIGINT, unit: stocks, description: "Denominator of above_sma20_share."}
  - {name: sma50_members, type: BIGINT, unit: stocks, description: "Denominator of above_sma50_share."}
  - {name: sma200_members, type: BIGINT, unit: stocks, description: "Denominator of above_sma200_share."}
  - {name: new_highs_52w, type: BIGINT, unit: stocks, description: "Members that closed above all of the 251 sessions before."}
  - {name: new_lows_52w, type: BIGINT, unit: stocks, description: "Members that closed below all of the 251 sessions before."}
  - {name: range_52w_members, type: BIGINT, unit: stocks, description: "Members with 252 sessions of closes: what highs and lows are counted among."}
  - {name: up_volume, type: BIGINT, unit: shares, description: "Shares traded of those that advanced; null where closes are implied."}
  - {name: down_volume, type: BIGINT, unit: shares, description: "Shares traded of those that declined; null where closes are implied."}
  - {name: trin, type: DOUBLE, unit: "", description: "(A/D) / (up volume / down volume)."}
  - {name: return_equal_weight_pct, type: DOUBLE, unit: percent, description: "Mean 1-session price return of the eligible."}
  - {name: return_cap_weight_pct, type: DOUBLE, unit: percent, description: "The same weighted by the market cap of the session before."}
  - {name: eligible_with_cap, type: BIGINT, unit: stocks, description: "Eligible whose cap of the session before is known: what the weighted return is of."}
  - {name: record_high_share, type: DOUBLE, unit: share, description: "New highs over new highs and lows of 52 weeks, by close; null without either."}
  - {name: high_low_index, type: DOUBLE, unit: share, description: "Mean of record_high_share over 10 sessions, one of which may lack it."}
  - {name: intraday_highs_52w, type: BIGINT, unit: stocks, description: "Members whose high lies above all highs of the 251 sessions before; null where vendors give closes only."}
  - {name: intraday_lows_52w, type: BIGINT, unit: stocks, description: "Members whose low lies below all lows of the 251 sessions before."}
  - {name: intraday_members, type: BIGINT, unit: stocks, description: "Members with 252 sessions of highs and lows: what these are counted among."}
  - {name: zweig_ema, type: DOUBLE, unit: share, description: "Exponential mean of A / (A + D), alpha 2/11."}
  - {name: is_zweig_thrust, type: BOOLEAN, unit: "", description: "The mean passes .615 within 10 sessions of having been below .40."}
  - {name: barometer, type: VARCHAR, unit: "", description: "Index or ETF that omens and divergence hold against breadth; null where none stands for the universe."}
  - {name: is_hindenburg_classic, type: BOOLEAN, unit: "", description: "Classic omen: new highs and new lows each above 2.2 % of issues, and the other conditions."}
  - {name: is_hindenburg_classic_confirmed, type: BOOLEAN, unit: "", description: "A classic omen with another in the 36 sessions before."}
  - {name: is_hindenburg_morris, type: BOOLEAN, unit: "", description: "The omen with 2.8 % of advances and declines instead."}
  - {name: is_hindenburg_morris_valid, type: BOOLEAN, unit: "", description: "Such an omen on this session or one of the 29 before."}
  - {name: is_divergence, type: BOOLEAN, unit: "", description: "Barometer at a 20-session high while above_sma50_share is below its value of 20 sessions ago."}
  - {name: is_point_in_time, type: BOOLEAN, unit: "", description: "The members are known as they were on that day."}
  - {name: is_implied, type: BOOLEAN, unit: "", description: "The session was lost; closes are what the next one states as previous closes."}
  - {name: passed_over, type: BIGINT, unit: sessions, description: "Sessions that running sums and means have passed over so far."}
  - {name: reason, type: VARCHAR, unit: "", description: "Why the session's values are null; null where they are not."}
  - {name: other_reasons, type: VARCHAR, unit: "", description: "Why single values are null on a session that is defined, and which; null where all are there."}
invariants:
  - description: Advances, declines and unchanged make up the eligible.
    sql: select * from marts.breadth_daily where reason is null and advances + declines + unchanged <> eligible
  - description: Members are eligible or excluded for one reason.
    sql: >
      select * from marts.breadth_daily where members <> eligible + excluded_set_aside + excluded_no_close
      + excluded_no_previous_close + excluded_disagreement
  - description: Cap bands and Nasdaq sectors both partition all.
    sql: >
      select session_date from marts.breadth_daily group by session_date
      having sum(eligible) filter (where universe like 'cap:%') <> sum(eligible) filter (where universe = 'all')
      or sum(eligible) filter (where universe like 'nasdaq_sector:%') <> sum(eligible) filter (where universe = 'all')
      or sum(members) filter (where universe like 'cap:%') <> sum(members) filter (where universe = 'all')
      or sum(members) filter (where universe like 'nasdaq_sector:%') <> sum(members) filter (where universe = 'all')
  - description: Shares lie between 0 and 1.
    sql: >
      select * from marts.breadth_daily where advance_share not between 0 and 1 or above_sma20_share not between 0 and 1
      or above_sma50_share not between 0 and 1 or above_sma200_share not between 0 and 1
method:
  - id: advance_decline
    version: 2
    formula: A, D, U are closes above, below, equal to the previous close; A/D line is the running sum of A - D
    parameters: eligible / (members + names of the list without a bar) >= coverage gate
    citation: ""
    oracle: ""
    deviations: a session below the gate is passed over
  - id: mcclellan
    version: 1
    formula: EMA(0.10) - EMA(0.05) of 1000 (A - D) / (A + D), first value as seed; summation = MO - 10 T10 + 20 T5 - 10 x_0
    parameters: alpha 0.10 and 0.05
    citation: S. and M. McClellan, Patterns for Profit, 1970
    oracle: pandas ewm(adjust=False)
    deviations: the customary +1000 is not added to the summation; a session on which nothing moved counts as 0
  - id: mcclellan_raw
    version: 1
    formula: EMA(0.10) - EMA(0.05) of A - D, first value as seed
    parameters: alpha 0.10 and 0.05
    citation: S. and M. McClellan, Patterns for Profit, 1970
    oracle: LEAN mcclellan_data.csv, its recursion to 1e-6
    deviations: LEAN's seed is not known and leaves a difference that dies out
  - id: above_sma
    version: 1
    formula: members with close > mean of the closes of the last n sessions, over members with such a mean
    parameters: n = 20, 50, 200; at most 4 % of the closes absent, one always allowed
    citation: ""
    oracle: pandas rolling
    deviations: null where under the coverage gate of the members listed for n sessions has a mean
  - id: new_highs_lows
    version: 1
    formula: close above (below) every close of the 251 sessions before
    parameters: 252 sessions, closes only
    citation: ""
    oracle: pandas rolling
    deviations: intraday highs and lows are a method of their own
  - id: trin
    version: 1
    formula: (A / D) / (UV / DV)
    parameters: null where D, UV or DV is 0
    citation: R. Arms, 1967
    oracle: LEAN arms_data.txt, wherever both are defined
    deviations: ""
  - id: universe_return
    version: 1
    formula: mean of 100 (C_t / C_t-1 - 1) over the eligible, equal or weighted by market cap
    parameters: cap of the session before; eligible with it / eligible >= coverage gate
    citation: ""
    oracle: worked by hand
    deviations: price returns; caps as the vendor states them, in steps of 10,000 USD
  - id: high_low_index
    version: 1
    formula: mean over 10 sessions of new highs / (new highs + new lows)
    parameters: 10 sessions, one may be absent
    citation: ""
    oracle: pandas rolling(10)
    deviations: null on a session without any new high or low, which the mean passes over
  - id: intraday_highs_lows
    version: 1
    formula: high above (low below) every high (low) of the 251 sessions before
    parameters: 252 sessions; members with them / members listed for 252 sessions >= coverage gate
    citation: ""
    oracle: pandas rolling
    deviations: above by more than a billionth, as splits leave the last digits open
  - id: zweig_thrust
    version: 1
    formula: EMA of A / (A + D), alpha 2/11, first value as seed; event where it passes .615 and was below .40 in the 10 sessions before
    parameters: alpha 2/11, .40, .615, 10 sessions
    citation: M. Zweig, Winning on Wall Street, 1986
    oracle: pandas ewm(adjust=False)
    deviations: "a session on which nothing moved counts as .5"
  - id: hindenburg_classic
    version: 1
    formula: >
      new highs and new lows each > 2.2 % of the eligible, barometer above its close of 50 sessions ago, McClellan oscillator < 0,
      new highs <= 2 x new lows; confirmed by another within 36 sessions
    parameters: 2.2 %, 50 sessions, 36 sessions
    citation: J. Miekka, 1995
    oracle: worked by hand
    deviations: 52-week highs and lows by close; ratio-adjusted oscillator; not defined without a barometer
  - id: hindenburg_morris
    version: 1
    formula: the same with 2.8 % of A + D; valid for 30 sessions
    parameters: 2.8 %, 30 sessions
    citation: G. Morris, The Complete Guide to Market Breadth Indicators, 2005
    oracle: worked by hand
    deviations: as the classic one
  - id: breadth_divergence
    version: 1
    formula: barometer's close the highest of 20 sessions, above_sma50_share below its value of 20 sessions ago
    parameters: 20 sessions; SPX, RUT, or the sector's ETF
    citation: ""
    oracle: worked by hand
    deviations: shares compared as products of whole numbers
evidence:
  rows:
    - dataset: equity_bars
      sql: >
        with days as (
        select session_date from lake.sessions where session_date < $session_date order by session_date desc limit 5
        ),
        caps as (
        select f.symbol, max_by(f.market_cap, f.session_date) / 1e9 as cap from marts.equity_facts as f
        semi join days as d on f.session_date = d.session_date where f.market_cap is not null group by f.symbol
        )
        select if(b.session_date = $session_date, 'close', 'close before') as role, b.*
        from lake.equity_bars as b cross join asked.base as w
        left join lake.series_rank as k on k.dataset = 'equity_bars' and b.source = k.source and b.basis = k.basis
        left join caps as c on b.symbol = c.symbol
        where b.is_final and b.session_date in ($session_date, w.base_date) and case
        when $universe in ('sp500', 'sp500_list', 'russell2000')
        then b.symbol in (select m.symbol from lake.memberships as m where m.universe = replace($universe, '_list', ''))
        when $universe like 'sector:%' then b.symbol in (select m.symbol from lake.memberships as m where m.sector = substr($universe, 8))
        when $universe like 'nasdaq_sector:%'
        then b.symbol in (select m.symbol from lake.securities as m where coalesce(m.sector, 'unknown') = substr($universe, 15))
        when $universe like 'cap:%' then substr($universe, 5) = case
        when c.cap is null then 'unknown' when c.cap < 0.5 then 'micro' when c.cap < 2 then 'small' when c.cap < 10 then 'mid'
        when c.cap < 50 then 'upper_mid' when c.cap < 200 then 'large' else 'mega' end
        else true end
        qualify row_number() over (partition by b.symbol, b.session_date order by k.rank nulls last, b.source, b.basis) = 1
        order by b.symbol, b.session_date desc
    - dataset: memberships
      sql: >
        select 'membership' as role, m.* from lake.memberships as m
        where m.effective_date <= $session_date and (m.end_date is null or m.end_date > $session_date)
        and (m.universe = replace($universe, '_list', '') or m.sector = substr($universe, 8) and $universe like 'sector:%')
        order by m.symbol, m.effective_date
*/
with point_in_time_sessions as (
    select distinct
        s.universe,
        s.session_date
    from intermediate.breadth_sums as s
    inner join intermediate.universe_knowledge as k
        on s.universe = k.universe and s.session_date >= k.valid_from and s.session_date < k.valid_to
),

breadth_measures as (
    select
        s.*,
        n.passed_over,
        m.ad_line,
        m.ratio_first,
        m.ratio_10,
        m.ratio_5,
        m.raw_10,
        m.raw_5,
        e.benchmark_index as barometer,
        e.record_high_share,
        e.high_low_index,
        e.zweig_ema,
        e.is_zweig_thrust,
        e.is_hindenburg_classic,
        e.is_hindenburg_classic_confirmed,
        e.is_hindenburg_morris,
        e.is_hindenburg_morris_valid,
        e.is_divergence,
        f.return_sum_e9,
        coalesce(f.eligible_with_cap, 0) as eligible_with_cap,
        f.cap_sum,
        f.cap_return_sum_e9,
        coalesce(f.intraday_members, 0) as intraday_members,
        f.intraday_highs_52w,
        f.intraday_lows_52w,
        s.universe = 'all'
        or starts_with(s.universe, 'nasdaq_sector:')
        or starts_with(s.universe, 'cap:')
        or k.universe is not null as is_point_in_time
    from intermediate.breadth_sums as s
    left join intermediate.net_advances as n on s.universe = n.universe and s.seq = n.seq
    left join intermediate.breadth_momentum as m on s.universe = m.universe and s.seq = m.seq
    left join intermediate.breadth_events as e on s.universe = e.universe and s.seq = e.seq
    left join intermediate.universe_flows as f on s.universe = f.universe and s.seq = f.seq
    left join point_in_time_sessions as k on s.universe = k.universe and s.session_date = k.session_date
),

defined_measures as (
    select
        session_date,
        universe,
        members,
        listed_without_bars,
        eligible,
        excluded_set_aside,
        excluded_no_close,
        excluded_no_previous_close,
        excluded_disagreement,
        case when is_defined then advances end as advances,
        case when is_defined then declines end as declines,
        case when is_defined then unchanged end as unchanged,
        case when is_defined then advances / eligible end as advance_share,
        cast(ad_line as bigint) as ad_line,
        ratio_10 - ratio_5 as mcclellan_oscillator,
        raw_10 - raw_5 as mcclellan_oscillator_raw,
        (ratio_10 - ratio_5) - 10 * ratio_10 + 20 * ratio_5 - 10 * ratio_first as mcclellan_summation,
        case
            when is_defined and sma20_members >= $coverage_gate * aged_20 then above_sma20 / nullif(sma20_members, 0)
        end as above_sma20_share,
        case
            when is_defined and sma50_members >= $coverage_gate * aged_50 then above_sma50 / nullif(sma50_members, 0)
        end as above_sma50_share,
        case
            when is_defined and sma200_members >= $coverage_gate * aged_200 then above_sma200 / nullif(sma200_members, 0)
        end as above_sma200_share,
        sma20_members,
        sma50_members,
        sma200_members,
        case
            when is_defined and range_52w_members > 0 and range_52w_members >= $coverage_gate * aged_252 then new_highs_52w
        end as new_highs_52w,
        case
            when is_defined and range_52w_members > 0 and range_52w_members >= $coverage_gate * aged_252 then new_lows_52w
        end as new_lows_52w,
        range_52w_members,
        case when is_defined then up_volume end as up_volume,
        case when is_defined then down_volume end as down_volume,
        case
            when is_defined and up_volume > 0 and down_volume > 0
                then (advances / nullif(declines, 0)) / (up_volume / down_volume)
        end as trin,
        case when is_defined then cast(return_sum_e9 as double) / eligible / 1e7 end as return_equal_weight_pct,
        case
            when is_defined and eligible_with_cap >= $coverage_gate * eligible
                then cast(cap_return_sum_e9 as double) / nullif(cast(cap_sum as double), 0) / 1e7
        end as return_cap_weight_pct,
        eligible_with_cap,
        record_high_share,
        high_low_index,
        case
            when is_defined and intraday_members > 0 and intraday_members >= $coverage_gate * aged_252 then intraday_highs_52w
        end as intraday_highs_52w,
        case
            when is_defined and intraday_members > 0 and intraday_members >= $coverage_gate * aged_252 then intraday_lows_52w
        end as intraday_lows_52w,
        intraday_members,
        zweig_ema,
        is_zweig_thrust,
        barometer,
        is_hindenburg_classic,
        is_hindenburg_classic_confirmed,
        is_hindenburg_morris,
        is_hindenburg_morris_valid,
        is_divergence,
        is_point_in_time,
        mark = 'missing' and is_defined as is_implied,
        passed_over,
        reason
    from breadth_measures
),

final as (
    select
        *,
        case
            when reason is null
                then nullif(
                    concat_ws(
                        '; ',
                        if(above_sma20_share is null, 'above_sma20_share: ' || sma20_members || ' members have a mean', null),
                        if(above_sma50_share is null, 'above_sma50_share: ' || sma50_members || ' members have a mean', null),
                        if(above_sma200_share is null, 'above_sma200_share: ' || sma200_members || ' members have a mean', null),
                        if(new_highs_52w is null, 'new_highs_52w, new_lows_52w: ' || range_52w_members || ' members have the range', null),
                        if(new_highs_52w + new_lows_52w = 0, 'record_high_share: no new high or low', null),
                        if(
                            high_low_index is null and new_highs_52w is not null,
                            'high_low_index: not 9 of 10 sessions have new highs or lows',
                            null
                        ),
                        if(
                            intraday_highs_52w is null,
                            'intraday_highs_52w, intraday_lows_52w: ' || intraday_members || ' members have 252 sessions of highs and lows',
                            null
                        ),
                        case
                            when trin is not null then null
                            when up_volume is null then 'trin: no volume'
                            else 'trin: nothing declined, or no volume on one side'
                        end,
                        if(
                            return_cap_weight_pct is null,
                            'return_cap_weight_pct: ' || eligible_with_cap || ' of ' || eligible || ' have a cap of the session before',
                            null
                        ),
                        case
                            when barometer is null then 'omens, is_divergence: no index stands for the universe, or it has no close'
                            when is_hindenburg_classic is null or is_divergence is null
                                then 'omens, is_divergence: no 52-week range, mean, or close of the index 20 and 50 sessions ago'
                        end
                    ),
                    ''
                )
        end as other_reasons
    from defined_measures
)

select *
from final
order by session_date, universe
