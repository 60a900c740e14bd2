/*
description: >
  Which names say that a security is no common stock: the one list of excluding phrases, with the names saved from them.
  What names cannot tell stays a stock: blank-check companies, and closed-end funds with none of these words.
grain: name
materialized: table
publish: false
columns:
  - {name: name, type: VARCHAR, unit: "", description: "Name of a security, as given."}
  - {name: exclusion, type: VARCHAR, unit: "", description: "What the name says it is instead; null for a stock."}
*/
with security_names as (
    select distinct
        trim(name) as name,
        lower(trim(name)) as n
    from staging.securities
),

final as (
    select
        name,
        case
            when regexp_matches(n, '\bwarrants?\b') then 'warrant'
            when regexp_matches(n, '\bunits?\b') then 'unit'
            when regexp_matches(n, '\b(rights?|contingent value)\b') then 'right'
            when regexp_matches(n, '\b(when.issued|ex-distribution)\b') then 'when issued'
            when
                regexp_matches(n, '\b(depositary|depository|adrs?|adss?|gdrs?|new york registry)\b')
                and not regexp_matches(n, '^ads-tec')
                then 'depositary share'
            when
                regexp_matches(n, '\b(preferred|preference|perpetual|cumulative|mandatory convertible)\b')
                and not regexp_matches(n, '^preferred (bank|apartment)')
                then 'preferred'
            when
                regexp_matches(n, '\b(capital trust|trust securities|trust [ivx]+|certificates?|strats|synthetic fixed)\b')
                then 'trust preferred'
            when
                regexp_matches(n, '\b(notes?|debentures?|bonds?|obligations?|subordinated|etns?|etracs)\b')
                or regexp_matches(n, '\bdue\b.*\b20[0-9]{2}\b|%|\b(fixed|floating).rate\b')
                then 'debt'
            when regexp_matches(n, '\b(funds?|etfs?|municipals?|closed.end)\b') then 'fund'
            when
                regexp_matches(n, '\b(bitcoin|ether|ethereum|solana|xrp|physical|bullion|gold|silver|platinum)\b.*\btrust\b')
                then 'fund'
            -- investment trusts by what they say they hold, unless it is real estate or the trust is a bank
            when
                regexp_matches(
                    n,
                    '\b(income|term|equity|credit|multimarket|multi-media|micro-cap|small-cap|value|dividend|premium|allocation'
                    || '|opportunity|opportunities|utility|universal|focus|securities|sciences|technology|resources)\b.*\btrust\b'
                )
                and not regexp_matches(
                    n,
                    '\b(reit|real estate|realty|mortgage|property|properties|lodging|hospitality|industrial|residential|apartment'
                    || '|office|health realty|bank|bancorp|bancorporation|bancshares|trust (corporation|corp|company|co))\b'
                )
                then 'fund'
        end as exclusion
    from security_names
)

select
    name,
    exclusion
from final
order by name
