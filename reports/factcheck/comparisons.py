"""Numbers held against each other: units, tolerance, what the other claims of a file imply."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from reports.factcheck.claims import Claim
from reports.factcheck.hedges import AT_LEAST, Bound
from reports.figures import entities
from reports.figures.entities import INDEX, Entity
from reports.figures.measures import MEASURES
from reports.figures.resolver import Figure, Warehouse, resolve_figure

# A hair for numbers that are halves in decimal but not in binary: 8.25 against 8.2 +- 0.05.
_HAIR = 1e-9
_NEIGHBOURS = 5
_EXTREME = re.compile(r"\b(record|all[- ]time|52[- ]week) (high|peak|low)\b|高点|新高|最高|低点", re.IGNORECASE)
_CLOSE_OF_EXTREME = re.compile(r"\bclos(e|es|ed|ing)\b|收盘", re.IGNORECASE)
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


def is_within_bound(bound: Bound, stated: float, value: float) -> bool:
    """`value` lies on the side of `stated` that a bound allows, and moved the way that its words say; no digits widen it."""
    return not _moved_otherwise(bound, stated, value) and _is_on_side(bound, stated, value)


def may_be_of_session_extreme(claim: Claim, value: float) -> bool:
    """The claim is farther than `value` from a record high or the like of which the statement does not say that it is a close.

    The highest and the lowest prices of a session lie beyond its close.
    """
    if not claim.metric.startswith(("from_record", "from_high", "from_low")) or _CLOSE_OF_EXTREME.search(
        claim.statement
    ):
        return False
    stated = claim.number or 0.0
    # a month behind may have a low above today's close, or a high below it
    if claim.metric.endswith("_month"):
        return stated > value if claim.metric == "from_low_month" else stated < value
    return _EXTREME.search(claim.statement) is not None and abs(stated) > abs(value)


def reason_of_bound(bound: Bound, stated: float, value: float) -> str:
    """The code of why a bound does not hold."""
    if not _is_on_side(bound, stated, value):
        return "on_bound" if is_within_tolerance(stated, value, 0.0) else "beyond"
    return "other_direction"


def _is_on_side(bound: Bound, stated: float, value: float) -> bool:
    hair = _HAIR * max(1.0, abs(value))
    above = value - stated if bound.side == AT_LEAST else stated - value
    return above > hair if bound.is_outside else above >= -hair


def _moved_otherwise(bound: Bound, stated: float, value: float) -> bool:
    """The words say rose and the value fell, or the other way round."""
    return value * bound.direction < 0 < stated * bound.direction


def value_in_claim_unit(claim: Claim, found: Figure) -> float | None:
    """The figure's value in the claim's unit; None where the two units cannot be compared."""
    if not isinstance(found.value, int | float):
        return None
    ours = found.measure.unit
    # without a unit a share is meant as it is shown, in percent, unless it is a fraction
    unit = "pct" if (claim.unit, ours) == ("", "share") and abs(claim.number or 0.0) > 1 else claim.unit
    if unit in ("", ours):
        return float(found.value)
    factor = _FACTORS.get((unit, ours))
    return None if factor is None else found.value * factor


def find_refuting_returns(claim: Claim, claims: Sequence[Claim]) -> dict[str, object] | None:
    """The two return claims that refute a spread claim of the same file and session, with what follows from them."""
    metric = claim.metric.replace("spread_", "return_")
    legs = [_find_claim(name, metric, claim.session, claims) for name in (claim.entity, claim.other_entity)]
    lead, base = legs
    stated, first, second = _exact_percents(claim), _exact_percents(lead), _exact_percents(base)
    if lead is None or base is None or stated is None or first is None or second is None:
        return None
    follows = first[0] - second[0]
    if is_within_tolerance(stated[0], follows, stated[1] + first[1] + second[1]):
        return None
    return {
        "follows": follows,
        "lead": lead.claim_id,
        "base": base.claim_id,
        "others": _spreads_over_others(claim, metric, claims),
    }


def _exact_percents(claim: Claim | None) -> tuple[float, float] | None:
    """The number and what its digits allow, in percent or points; None where it is a bound, or in no such unit."""
    if claim is None or claim.number is None or claim.stated_bound is not None or claim.is_denied:
        return None
    factor = {"pct": 1.0, "pp": 1.0, "": 1.0, "share": 100.0}.get(claim.unit)
    return None if factor is None else (factor * claim.number, factor * claim.half_unit)


def _spreads_over_others(claim: Claim, metric: str, claims: Sequence[Claim]) -> str:
    """What follows against further indices that the statement names, as 'COMP 6.4': '' where it names one alone."""
    from reports.figures.question import find_mentions, normalise_text

    named = {e.id for m in find_mentions(normalise_text(claim.statement)) for e in m.entities if e.kind == INDEX}
    lead = _find_claim(claim.entity, metric, claim.session, claims)
    found = []
    for other in sorted(named - {claim.entity, claim.other_entity}):
        base = _find_claim(other, metric, claim.session, claims)
        first, second = _exact_percents(lead), _exact_percents(base)
        if first is not None and second is not None:
            found.append(f"{other} {first[0] - second[0]:.1f}")
    return ", ".join(found)


def return_implied_by_close(claim: Claim, claims: Sequence[Claim], warehouse: Warehouse) -> dict[str, object] | None:
    """The return that the same file's close of the same index implies, where it is another than the return claimed."""
    index = next((e for e in entities.entities_named(claim.entity) if e.kind == INDEX), None)
    level = _find_claim(claim.entity, "close", claim.session, claims)
    if (
        index is None
        or level is None
        or level.number is None
        or level.stated_bound is not None
        or level.is_denied
        or not claim.metric.startswith("return_")
    ):
        return None
    stated = _exact_percents(claim)
    base = _base_close(warehouse, index, claim)
    if base is None or stated is None:
        return None
    implied = 100 * (level.number / base - 1)
    if is_within_tolerance(stated[0], implied, stated[1]):
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
