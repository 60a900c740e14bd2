"""What comes nearest to a claim that cannot be checked: our own figures, named as what they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from reports.factcheck.claims import Claim
from reports.factcheck.ratings import Rating
from reports.figures.entities import ENTITIES, INDEX, SECTOR, THE_MARKET, Entity
from reports.figures.measure import Measure
from reports.figures.measures import MEASURES
from reports.figures.resolver import Figure, Warehouse, resolve_figure

DATASET_OF = {
    "marts.fundamental_growth": "fundamentals",
    "marts.equity_facts": "equity_bars",
    "marts.equities_latest": "equity_bars",
    "marts.breadth_daily": "equity_bars",
    "marts.flows_by_cap_band": "equity_bars",
    "marts.index_returns": "index_bars",
    "marts.index_spreads": "index_bars",
    "marts.index_statistics": "index_bars",
    "marts.sector_returns": "sector_bars",
    "marts.macro_daily": "macro_observations",
}
# A rating is published before the open or the evening before, and dated by vendors on either day.
_RATING_DAYS = 5
_BANDS = ("cap:micro", "cap:small", "cap:mid", "cap:upper_mid", "cap:large", "cap:mega")
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")


def defined_figures(warehouse: Warehouse, wanted: Sequence[tuple[Entity, Measure]], session: date) -> list[Figure]:
    """Those of the wanted figures that are defined."""
    found = [resolve_figure(warehouse, entity, measure, session) for entity, measure in wanted]
    return [one for one in found if one.value is not None]


def defined_figures_of(warehouse: Warehouse, entity: Entity, measure: Measure, session: date) -> list[Figure]:
    """The figure itself, where there is such a one."""
    return defined_figures(warehouse, [(entity, measure)], session) if measure.place_of(entity) else []


def policy_rate_figures(warehouse: Warehouse, claim: Claim) -> list[Figure]:
    """What was in force at the newest session: beside a forecast or an event of monetary policy."""
    names = {
        "policy_rate": ("fed_funds_target_low", "fed_funds_target_high"),
        "real_gdp_growth": ("real_gdp_growth_qoq",),
        "balance_sheet_runoff_end": ("fed_assets",),
    }.get(claim.metric, ())
    session = min(claim.session, warehouse.last_session)
    return defined_figures(warehouse, [(THE_MARKET, MEASURES[name]) for name in names], session)


def sector_rank_figures(warehouse: Warehouse, entity: Entity | None, session: date) -> list[Figure]:
    """Our rank and score of the sector."""
    if entity is None or entity.kind != SECTOR:
        return []
    return defined_figures(warehouse, [(entity, MEASURES["sector_rank"]), (entity, MEASURES["sector_score"])], session)


def flow_figures(warehouse: Warehouse, session: date) -> list[Figure]:
    """Our signed volume flow of each band."""
    measure = MEASURES["signed_volume_flow"]
    return defined_figures(warehouse, [(ENTITIES[band], measure) for band in _BANDS], session)


def first_index_session(warehouse: Warehouse, entity: Entity | None) -> date | None:
    """The first session of an index in the warehouse."""
    if entity is None or entity.kind != INDEX:
        return None
    rows = warehouse.con.execute(
        "select min(session_date)::varchar from marts.index_returns where index_id = ? and close is not null",
        [entity.id],
    ).fetchall()
    return date.fromisoformat(rows[0][0]) if rows[0][0] else None


def year_in(statement: str) -> int | None:
    """The earliest year that a statement names."""
    years = [int(year) for year in _YEAR.findall(statement)]
    return min(years) if years else None


def precedent_counts(warehouse: Warehouse, claim: Claim, entity: Entity | None) -> list[tuple[float, int, int]]:
    """How often the lead led its base year to date, around the claim's session: (over so many pp, session, matches)."""
    if entity is None:
        return []
    rows = warehouse.con.execute(
        """with place as (
            select count(distinct session_date) as session_no from marts.index_returns
            where year(session_date) = year($session) and session_date <= $session
        )
        select p.threshold, p.session_of_year, count(*) filter (where p.match_no is not null)
        from marts.precedents as p cross join place
        where p.session_date <= $session and p.measure = 'ytd_lead' and p.lead_id = $lead
            and p.base_id = coalesce(nullif($base, ''), p.base_id) and abs(p.session_of_year - place.session_no) <= 1
        group by p.threshold, p.session_of_year, p.base_id order by p.session_of_year, p.base_id, p.threshold limit 15""",
        {"session": claim.session, "lead": entity.id, "base": claim.other_entity},
    ).fetchall()
    return [(threshold, session_no, matches) for threshold, session_no, matches in rows]


def ratings_near(warehouse: Warehouse, symbol: str, firm: str, session: date) -> list[Rating]:
    """A firm's ratings of a stock by a session, the nearest day first; one of the next day where its instant is unknown."""
    rows = warehouse.con.execute(
        """select coalesce(rating_date, session_date)::varchar as day, action, to_grade, to_level, price_target_usd
        from marts.rating_actions
        where symbol = $symbol and lower(firm) = lower($firm) and coalesce(rating_date, session_date) >= $first
            and (
                coalesce(rating_date, session_date) <= $session
                or (coalesce(rating_date, session_date) = $next and extract(epoch from rated_at)::bigint % 86400 = 0)
            )
        order by abs(coalesce(rating_date, session_date) - $session), day""",
        {
            "symbol": symbol,
            "firm": firm,
            "session": session,
            "first": session - timedelta(days=_RATING_DAYS),
            "next": session + timedelta(days=1),
        },
    ).fetchall()
    return [Rating(date.fromisoformat(day), *rest) for day, *rest in rows]
