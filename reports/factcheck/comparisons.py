"""Numbers held against each other: units, tolerance, what the other claims of a file imply."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from reports.factcheck.claims import Claim
from reports.factcheck.hedges import AT_LEAST
from reports.figures import entities
from reports.figures.entities import INDEX, Entity
from reports.figures.measures import MEASURES
from reports.figures.resolver import Figure, Warehouse, resolve_figure

# A hair for numbers that are halves in decimal but not in binary: 8.25 against 8.2 +- 0.05.
_HAIR = 1e-9
_NEIGHBOURS = 5
# unit of a claim -> units of the warehouse that it can be held against, with the factor from ours to the claim's
_FACTORS: dict[tuple[str, str], float] = {
    ("pct", "share"): 100.0,
    ("share", "pct"): 0.01,
    ("pp", "pct"): 1.0,
    ("pct", "pp"): 1.0,
    ("usd", "points"): 1.0,
    ("points", "usd"): 1.0,
    ("count", "stocks"): 1.0,
    ("count", "sessions"): 1.0,
    ("count", "shares"): 1.0,
}


def is_within_tolerance(stated: float, value: float, tolerance: float) -> bool:
    """`stated` is `value` as far as its digits go."""
    return abs(stated - value) <= tolerance + _HAIR * max(1.0, abs(value))


def is_within_bound(bound: str, stated: float, value: float) -> bool:
    """`value` lies on the side of `stated` that a bound allows; no digits widen it."""
    hair = _HAIR * max(1.0, abs(value))
    return value >= stated - hair if bound == AT_LEAST else value <= stated + hair


def value_in_claim_unit(claim: Claim, found: Figure) -> float | None:
    """The figure's value in the claim's unit; None where the two units cannot be compared."""
    if not isinstance(found.value, int | float):
        return None
    ours = found.measure.unit
    if claim.unit in ("", ours):
        return float(found.value)
    factor = _FACTORS.get((claim.unit, ours))
    return None if factor is None else found.value * factor


def find_refuting_returns(claim: Claim, claims: Sequence[Claim]) -> dict[str, object] | None:
    """The two return claims that refute a spread claim of the same file and session, with what follows from them."""
    metric = claim.metric.replace("spread_", "return_")
    legs = [_find_claim(name, metric, claim.session, claims) for name in (claim.entity, claim.other_entity)]
    lead, base = legs
    if lead is None or base is None or lead.number is None or base.number is None or claim.number is None:
        return None
    follows = lead.number - base.number
    if is_within_tolerance(claim.number, follows, claim.half_unit + lead.half_unit + base.half_unit):
        return None
    return {
        "follows": follows,
        "lead": lead.claim_id,
        "base": base.claim_id,
        "others": _spreads_over_others(claim, metric, claims),
    }


def _spreads_over_others(claim: Claim, metric: str, claims: Sequence[Claim]) -> str:
    """What follows against further indices that the statement names, as 'COMP 6.4': '' where it names one alone."""
    from reports.figures.question import find_mentions, normalise_text

    named = {e.id for m in find_mentions(normalise_text(claim.statement)) for e in m.entities if e.kind == INDEX}
    lead = _find_claim(claim.entity, metric, claim.session, claims)
    found = []
    for other in sorted(named - {claim.entity, claim.other_entity}):
        base = _find_claim(other, metric, claim.session, claims)
        if lead is not None and base is not None and lead.number is not None and base.number is not None:
            found.append(f"{other} {lead.number - base.number:.1f}")
    return ", ".join(found)


def return_implied_by_close(claim: Claim, claims: Sequence[Claim], warehouse: Warehouse) -> dict[str, object] | None:
    """The return that the same file's close of the same index implies, where it is another than the return claimed."""
    index = next((e for e in entities.entities_named(claim.entity) if e.kind == INDEX), None)
    level = _find_claim(claim.entity, "close", claim.session, claims)
    if (
        index is None
        or level is None
        or level.number is None
        or claim.number is None
        or not claim.metric.startswith("return_")
    ):
        return None
    base = _base_close(warehouse, index, claim)
    if base is None:
        return None
    implied = 100 * (level.number / base - 1)
    if is_within_tolerance(claim.number, implied, claim.half_unit):
        return None
    return {"implied": implied, "level": level.value, "claim": level.claim_id}


def _base_close(warehouse: Warehouse, index: Entity, claim: Claim) -> float | None:
    """The close against which the return is taken, from the warehouse's own close and return."""
    close = resolve_figure(warehouse, index, MEASURES["close"], claim.session).value
    change = (
        resolve_figure(warehouse, index, MEASURES[claim.metric], claim.session).value
        if claim.metric in MEASURES
        else None
    )
    if not isinstance(close, int | float) or not isinstance(change, int | float):
        return None
    return close / (1 + change / 100)


def find_matching_session(claim: Claim, found: Figure, warehouse: Warehouse) -> date | None:
    """One of the five sessions on either side on which the claim would have been right; None without."""
    if found.measure.unit not in ("points", "pct", "pp", "usd") or claim.number is None:
        return None
    days = warehouse.con.execute(
        f"""select distinct session_date::varchar from {found.table}
        where session_date between $day - interval 10 day and $day + interval 10 day and session_date <> $day order by 1""",
        {"day": claim.session},
    ).fetchall()
    near = sorted((date.fromisoformat(day) for (day,) in days), key=lambda day: (abs(day - claim.session), day))
    for day in near[: 2 * _NEIGHBOURS]:
        other = value_in_claim_unit(claim, resolve_figure(warehouse, found.entity, found.measure, day))
        if other is not None and is_within_tolerance(claim.number, other, claim.half_unit):
            return day
    return None


def _find_claim(entity: str, metric: str, session: date, claims: Sequence[Claim]) -> Claim | None:
    ids = {e.id for e in entities.entities_named(entity) if e.kind == INDEX} or {entity}
    for one in claims:
        is_same_measure = (one.kind, one.metric, one.session) == ("number", metric, session)
        if is_same_measure and (one.entity in ids or ids & {e.id for e in entities.entities_named(one.entity)}):
            return one
    return None
