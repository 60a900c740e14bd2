/*
description: >
  Analysts' ratings, each on the session in which it became known, with the stock that it is of. Of several sources of a firm's rating of a
  day, one is taken.
grain: symbol x firm x rated_at
materialized: table
publish: false
sessions: session_date
columns:
  - {name: symbol, type: VARCHAR, unit: "", description: "Symbol in canonical form."}
  - {name: firm, type: VARCHAR, unit: "", description: "Who rates."}
  - {name: rated_at, type: TIMESTAMP WITH TIME ZONE, unit: UTC, description: "When it was published; midnight UTC where only the day is known."}
  - {name: rating_date, type: DATE, unit: "", description: "Day of publication in New York."}
  - {name: given_action, type: VARCHAR, unit: "", description: "The vendor's action: up, down, init, main or reit; null where it gave none."}
  - {name: to_grade, type: VARCHAR, unit: "", description: "Grade in the firm's words."}
  - {name: price_target_usd, type: DOUBLE, unit: USD, description: "Price target."}
  - {name: source, type: VARCHAR, unit: "", description: "Who gave the row."}
  - {name: learnt_on, type: DATE, unit: "", description: "Day in New York on which the row became known."}
  - {name: session_date, type: DATE, unit: "", description: "First session that ended at or after publication."}
  - {name: seq, type: INTEGER, unit: sessions, description: "Its number."}
  - {name: from_grade, type: VARCHAR, unit: "", description: "Grade before, as given, else as the firm's rating before says."}
  - {name: instrument_id, type: VARCHAR, unit: "", description: "Stable id of the instrument; null where no stock of that symbol is known."}
*/
-- one source for each day of a firm: one that gives the action, else one that gives a target, else the first by name
with preferred_ratings as (
    select *
    from staging.rating_actions
    -- a row without a grade tells a target alone, which is no rating
    where to_grade is not null
    qualify
        source = first_value(source) over (
            partition by symbol, firm, rating_date
            order by (action is null)::integer, (price_target_usd is null)::integer, source
        )
),

-- midnight UTC of a day is the evening before in New York, when its last session has ended
published_ratings as (
    select
        k.*,
        greatest(coalesce(k.available_at, k.rated_at), cast(k.rating_date as timestamp) at time zone 'UTC') as known_from
    from preferred_ratings as k
),

ratings_by_session as (
    select
        p.symbol,
        p.firm,
        p.rated_at,
        p.rating_date,
        p.action as given_action,
        p.to_grade,
        p.price_target_usd,
        p.source,
        cast(p.known_at at time zone 'America/New_York' as date) as learnt_on,
        s.session_date,
        s.seq,
        coalesce(p.from_grade, lag(p.to_grade) over firm_ratings) as from_grade
    from published_ratings as p
    asof inner join staging.sessions as s on p.known_from <= s.close_at
    window firm_ratings as (partition by p.symbol, p.firm order by p.rated_at)
),

-- the stock that bore the symbol on that day; else, as vendors rate histories under today's symbol, the one that bore it when the
-- rating was learnt; else the first one after that day
final as (
    select
        d.*,
        i.instrument_id
    from ratings_by_session as d
    left join intermediate.symbol_bearers as i on d.symbol = i.symbol and d.rating_date < i.valid_to
    qualify row_number() over (
        partition by d.symbol, d.firm, d.rated_at
        order by
            case
                when not i.is_stock then 3
                when d.rating_date >= i.valid_from then 0
                when d.learnt_on >= i.valid_from and d.learnt_on < i.valid_to then 1
                else 2
            end,
            i.valid_from, i.instrument_id
    ) = 1
)

select *
from final
order by symbol, firm, rated_at
