/*
description: >
  One row for each session of a stock's life, sorted by instrument and session: the close as given or implied, the close
  carried forward through splits, or the reason why there is none. Five sessions follow the last bar, in which the stock still
  counts as a member. Dense, so that a lag of n rows is a lag of n sessions.
grain: instrument_no x seq
materialized: table
publish: false
in_order: true
blocks: {by: seq, back: 8, ahead: 6, kept: false}
# what is read beside the bars of so many stocks stays in memory: a join that does not loses their order
shards: {of: intermediate.equity_series, by: instrument_no, at_most: 2500}
columns:
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Number of the session in the calendar."}
  - {name: series_no, type: BIGINT, unit: "", description: "Series of the bar; null where there is none."}
  - {name: age, type: INTEGER, unit: sessions, description: "Sessions since the first bar, which has 1."}
  - {name: market_age, type: INTEGER, unit: sessions, description: "The same, counted from the epoch of breadth on; 0 or less before it."}
  - {name: sessions_since_bar, type: INTEGER, unit: sessions, description: "Sessions since the last bar; 0 where there is one."}
  - {name: universe_set_id, type: BIGINT, unit: "", description: "Set of universes on that day."}
  - {name: fill, type: "ENUM('none', 'implied', 'set_aside', 'absent', 'held_back', 'repeated', 'not_traded')", unit: "", description: "none (a bar), implied, set_aside, absent; held_back (counts in later sessions alone), repeated or not_traded (the last close stands)."}
  - {name: close_e6, type: BIGINT, unit: "1e-6 USD", description: "Close as given or implied."}
  - {name: forward_close, type: DOUBLE, unit: "1e-6 USD of the first session's shares", description: "Close times the splits so far; whole unless split."}
  - {name: volume, type: BIGINT, unit: shares, description: "Shares traded."}
  - {name: market_cap, type: DOUBLE, unit: USD, description: "Market capitalisation as stated."}
  - {name: high_e6, type: BIGINT, unit: "1e-6 USD", description: "Highest price as given; null where the series has closes only."}
  - {name: low_e6, type: BIGINT, unit: "1e-6 USD", description: "Lowest price as given; null where the series has closes only."}
  - {name: multiplier_e9, type: BIGINT, unit: 1e-9, description: "((C-L)-(H-C))/(H-L), 0 where H = L; null without high and low."}
  - {name: split_ratio, type: DOUBLE, unit: "", description: "New shares per old share on the day of a split."}
  - {name: is_return_broken, type: BOOLEAN, unit: "", description: "No return may cross into this session."}
  - {name: is_mean_broken, type: BOOLEAN, unit: "", description: "No mean may cross into this session."}
  - {name: is_window_broken, type: BOOLEAN, unit: "", description: "A split was stated after its step: no return over more than one session may cross into this session."}
  - {name: base_close, type: DOUBLE, unit: "1e-6 USD of the first session's shares", description: "Base of the return into this session where another series than that of the session before has it: allowed even where the return is broken; else null."}
invariants:
  - description: Rows follow each other session by session, of those that the build reads.
    sql: >
      select instrument_no, seq from (select instrument_no, seq, age, lag(instrument_no) over () as i, lag(seq) over () as s, lag(age) over () as a
      from intermediate.panel) where (i = instrument_no and (seq - s <> age - a or seq <= s or (seq > s + 1 and s + 1 in (select r.seq from staging.sessions_in_reach as r)))) or age < 1
  - description: The rows of a stock stand together.
    sql: >
      select instrument_no from (select instrument_no, lag(instrument_no) over () as i from intermediate.panel)
      where i is distinct from instrument_no group by instrument_no having count(*) > 1
*/
with market_sessions as (
    select
        min(seq) as first_seq,
        max(seq) + 1 as until_seq
    from intermediate.session_marks
),

stocks as (
    select
        e.instrument_no,
        min(s.seq) as first_seq,
        min(m.first_seq) as first_market_seq,
        min(m.until_seq) as until_seq
    from intermediate.equity_series as e
    inner join staging.sessions as s on e.first_session = s.session_date
    cross join market_sessions as m
    where e.instrument_no between $shard_first and $shard_last
    group by e.instrument_no
),

bars_with_gaps as (
    select
        b.* exclude (seq, last_seq, next_seq),
        b.seq as bar_seq,
        s.first_seq,
        s.first_market_seq,
        -- a week: as long as a missing stock still counts as a member
        coalesce(b.next_seq, least(b.seq + 6, s.until_seq)) as until_seq
    from intermediate.panel_bars as b
    inner join stocks as s on b.instrument_no = s.instrument_no
),

-- a gap of two years may be one between two stretches of the sessions that this build reads
sessions_of_long_gaps as (
    select
        true as is_long,
        list(seq order by seq) as seqs
    from staging.sessions_in_reach
    union all
    select
        false as is_long,
        [] as seqs
),

sessions_up_to_next_bar as (
    select
        b.*,
        unnest(case
            when b.until_seq = b.bar_seq + 1 then [b.bar_seq]
            when not g.is_long then cast(range(b.bar_seq, b.until_seq) as integer[])
            else list_prepend(b.bar_seq, list_filter(g.seqs, lambda x: x > b.bar_seq and x < b.until_seq))
        end) as seq
    from bars_with_gaps as b
    inner join sessions_of_long_gaps as g on (b.until_seq - b.bar_seq > 504) = g.is_long
),

listed_sessions as (
    select
        b.instrument_no,
        b.seq,
        b.seq - b.bar_seq as sessions_since_bar,
        b.first_seq,
        b.first_market_seq,
        b.seq = b.bar_seq as has_bar,
        if(has_bar, b.series_no, null) as series_no,
        if(has_bar, b.close_e6, null) as close_e6,
        if(has_bar, b.volume, null) as volume,
        if(has_bar, b.market_cap, null) as market_cap,
        if(has_bar, b.high_e6, null) as high_e6,
        if(has_bar, b.low_e6, null) as low_e6,
        if(has_bar, b.multiplier_e9, null) as multiplier_e9
    from sessions_up_to_next_bar as b
    left join staging.sessions_in_reach as r on b.seq = r.seq
    where b.seq = b.bar_seq or r.seq is not null
),

early_splits as (
    select distinct
        instrument_no,
        day_seq as seq
    from intermediate.stated_splits
    where status = 'early'
),

-- of each span the stretches of 64 sessions that lie in it, and the sessions of those that it begins or ends in: with one row
-- to be found for each session the order of the bars stays
span_of_stretches as (
    select
        instrument_no,
        unnest(range(
            from_seq // 64 + 1, least(to_seq // 64, (select max(m.seq) // 64 + 1 from staging.sessions as m))
        )) as stretch,
        universe_set_id,
        factor
    from intermediate.stock_spans
    where instrument_no between $shard_first and $shard_last
),

span_of_sessions as (
    select
        instrument_no,
        unnest(range(from_seq, least(to_seq, (from_seq // 64 + 1) * 64))) as seq,
        universe_set_id,
        factor
    from intermediate.stock_spans
    where instrument_no between $shard_first and $shard_last
    union all
    select
        instrument_no,
        unnest(range(greatest(to_seq // 64, from_seq // 64 + 1) * 64, to_seq)) as seq,
        universe_set_id,
        factor
    from intermediate.stock_spans
    where to_seq < 2147483647 and instrument_no between $shard_first and $shard_last
),

bars_with_rules as (
    select
        r.instrument_no,
        r.seq,
        r.series_no,
        r.seq - r.first_seq + 1 as age,
        r.seq - greatest(r.first_seq, r.first_market_seq) + 1 as market_age,
        r.sessions_since_bar,
        coalesce(p.universe_set_id, q.universe_set_id) as universe_set_id,
        cast(
            case
                when m.close_e6 is not null then 'implied'
                when a.is_absent then 'set_aside'
                when a.rule = 'unexplained_step' then 'held_back'
                when a.rule = 'repeated_bar' then 'repeated'
                when a.rule = 'not_traded' then 'not_traded'
                when r.has_bar then 'none'
                else 'absent'
            end as enum('none', 'implied', 'set_aside', 'absent', 'held_back', 'repeated', 'not_traded')
        ) as fill,
        case when m.close_e6 is not null then m.close_e6 when not coalesce(a.is_absent, false) then r.close_e6 end as close_e6,
        case when not coalesce(a.is_absent or a.rule = 'repeated_bar', false) then r.volume end as volume,
        case when not coalesce(a.is_absent, false) then r.market_cap end as market_cap,
        case when not coalesce(a.is_absent, false) then r.high_e6 end as high_e6,
        case when not coalesce(a.is_absent, false) then r.low_e6 end as low_e6,
        case when not coalesce(a.is_absent or a.rule = 'repeated_bar', false) then r.multiplier_e9 end as multiplier_e9,
        coalesce(p.factor, q.factor) as factor,
        x.numerator / x.denominator as split_ratio,
        coalesce(u.is_return_broken, false) or coalesce(not j.is_proven, false) or coalesce(a.is_broken, false)
        or coalesce(x.is_new_piece, false) as is_return_broken,
        coalesce(u.is_mean_broken, false) or coalesce(not j.is_proven, false) or coalesce(a.is_broken, false)
        or coalesce(x.is_new_piece, false) or y.seq is not null as is_mean_broken,
        coalesce(u.rule = 'early_split', false) or y.seq is not null as is_window_broken,
        case when not coalesce(u.is_return_broken, false) then j.step end as step
    from listed_sessions as r
    left join span_of_stretches as p on r.instrument_no = p.instrument_no and r.seq // 64 = p.stretch
    left join span_of_sessions as q on r.instrument_no = q.instrument_no and r.seq = q.seq
    left join intermediate.implied_closes as m on r.instrument_no = m.instrument_no and r.seq = m.seq
    left join intermediate.excluded_bars as a on r.series_no = a.series_no and r.seq = a.seq
    left join intermediate.suspects as u on r.series_no = u.series_no and r.seq = u.seq
    left join intermediate.series_joints as j on r.instrument_no = j.instrument_no and r.seq = j.seq
    -- a split whose step came before its stated day, and was shown as it was
    left join early_splits as y on r.instrument_no = y.instrument_no and r.seq = y.seq
    left join intermediate.splits as x on r.instrument_no = x.instrument_no and r.seq = x.seq
    where p.instrument_no is not null or q.instrument_no is not null
),

adjusted_bars as (
    select
        *,
        -- rounded to 44 bits (x * 513 keeps nine of the 53): sums of 200 such values and products with 200 stay exact
        close_e6 * factor * 513 - (close_e6 * factor * 513 - close_e6 * factor) as forward_close
    from bars_with_rules
),

final as (
    select
        instrument_no,
        seq,
        series_no,
        age,
        market_age,
        sessions_since_bar,
        universe_set_id,
        fill,
        close_e6,
        forward_close,
        volume,
        market_cap,
        high_e6,
        low_e6,
        multiplier_e9,
        split_ratio,
        is_return_broken,
        is_mean_broken,
        is_window_broken,
        forward_close / step as base_close
    from adjusted_bars
)

select *
from final
