"""Claims on rising and falling stocks: their ratio, and counts of which a text does not say of which stocks they are."""

from __future__ import annotations

from dataclasses import replace

from reports.factcheck.claims import Claim
from reports.figures import entities
from reports.figures.entities import UNIVERSE, Entity
from reports.figures.measures import MEASURES
from reports.figures.resolver import Figure, Warehouse, resolve_figure

# the entity of a count whose text names no set of stocks
UNNAMED = "unnamed stocks"
# of how many stocks to how many others
RATIOS = {"advance_decline_ratio": ("advances", "declines"), "decline_advance_ratio": ("declines", "advances")}
_LARGE = 100
ALL = entities.ENTITIES["all"]


def is_of_unnamed_stocks(claim: Claim) -> bool:
    """The claim's text does not say of which stocks it is."""
    return claim.entity.casefold() == UNNAMED


def is_distinct_by_size(claim: Claim) -> bool:
    """The count is so large and exact that no other set of stocks is likely to have the same."""
    return claim.metric not in RATIOS and claim.stated_bound is None and (claim.number or 0.0) >= _LARGE


def of_all_stocks(claim: Claim) -> Claim:
    """The claim as one of all stocks."""
    return replace(claim, entity=ALL.id)


def counts_of_ratio(claim: Claim, warehouse: Warehouse) -> tuple[Figure, Figure] | None:
    """The two counts of a claimed ratio; None where its entity is no set of stocks."""
    named = entities.entities_named(claim.entity)
    entity: Entity | None = next((e for e in named if e.kind == UNIVERSE), None)
    if entity is None:
        return None
    first, second = (resolve_figure(warehouse, entity, MEASURES[name], claim.session) for name in RATIOS[claim.metric])
    return first, second
