"""The verdict on a claim: the warehouse's value beside the claimed one, within half a unit of the last digit given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from reports.factcheck import breadth, comparisons, derived, nearest
from reports.factcheck.claims import Claim
from reports.factcheck.ratings import differing_parts, stated_parts
from reports.factcheck.subjects import names_of_others
from reports.figures import entities
from reports.figures.entities import FUND, INDEX, PAIR, SECTOR, STOCK, Entity
from reports.figures.measure import Measure
from reports.figures.measures import MEASURES, NAMES
from reports.figures.resolver import Figure, Warehouse, resolve_figure
from warehouse.calendar import FIRST_DAY, LAST_DAY, is_session
from warehouse.errors import UsageError
from warehouse.symbols import canonical_symbol

CONFIRMED = "confirmed"
CONTRADICTED = "contradicted"
SELF_CONTRADICTORY = "self-contradictory"
NOT_CHECKABLE = "not checkable"
# what digits allow, in parts of the number: a round number that allows more is the value of many a session
_WIDE = 0.02


@dataclass(frozen=True)
class Reason:
    """Why, as a code of the catalogue of texts with its numbers and names."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """`reasons` say why and what else is known, most important first; `nearest` are figures that come closest to the claim."""

    claim: Claim
    verdict: str
    reasons: tuple[Reason, ...]
    found: Figure | None = None
    value: float | None = None
    difference: float | None = None
    tolerance: float | None = None
    nearest: tuple[Figure, ...] = ()


def check_claims(claims: Sequence[Claim], warehouse: Warehouse) -> list[Verdict]:
    """A verdict for each claim, in order; claims of one list may refute each other."""
    return [_check_claim(claim, claims, warehouse) for claim in claims]


def _check_claim(claim: Claim, claims: Sequence[Claim], warehouse: Warehouse) -> Verdict:
    if claim.kind == "unplaced":
        return _uncheckable_verdict(claim, Reason("unplaced", {"note": claim.note or claim.statement}))
    if breadth.is_of_unnamed_stocks(claim):
        return _check_unnamed_stocks(claim, claims, warehouse)
    if claim.metric in breadth.RATIOS and claim.kind == "number":
        return _check_ratio(claim, claims, warehouse)
    entity = entity_of_claim(claim)
    if claim.kind in ("event", "forecast"):
        return _uncheckable_verdict(claim, Reason(claim.kind), nearest.policy_rate_figures(warehouse, claim))
    is_rank = claim.kind == "rank" or claim.metric.startswith("rank")
    is_of_sector = entity is not None and entity.kind == SECTOR
    if "score" in claim.metric or (is_rank and is_of_sector and claim.metric not in MEASURES):
        return _uncheckable_verdict(
            claim, Reason("vendor_score"), nearest.sector_rank_figures(warehouse, entity, claim.session)
        )
    if claim.kind == "count":
        return _check_precedent_count(claim, entity, warehouse)
    if claim.kind == "band":
        return _uncheckable_verdict(claim, Reason("another_measure"), nearest.flow_figures(warehouse, claim.session))
    if claim.kind == "rating":
        return _check_rating(claim, entity, warehouse)
    if entity is not None and entity.kind == SECTOR and claim.metric.startswith("return_"):
        fund = Entity(f"fund:{entities.FUND_OF_SECTOR[entity.name]}", FUND)
        measure = measure_of_metric(claim.metric)
        # the mean return of a sector's stocks is no return of an index
        if measure is None or measure.place_of(fund):
            shown = nearest.defined_figures(warehouse, [(fund, measure)] if measure else [], claim.session)
            return _uncheckable_verdict(claim, Reason("another_sector_index", {"fund": fund.name}), shown)
    if derived.is_derived(claim, entity):
        return _check_derived(claim, entity, warehouse)
    return _check_number(claim, entity, claims, warehouse)


def _check_derived(claim: Claim, entity: Entity | None, warehouse: Warehouse) -> Verdict:
    """A figure that is made of published ones, which are shown."""
    made = derived.derive_figure(claim, entity, warehouse)
    if isinstance(made, derived.Missing):
        reason = Reason(made.code, made.values) if made.code else absence_reason(warehouse, made.parts[0])
        return _uncheckable_verdict(claim, reason, [one for one in made.parts if one.value is not None])
    if claim.is_denied:
        return _uncheckable_verdict(claim, Reason("denied"), made.parts)
    if others := names_of_others(claim, entity) if entity is not None else "":
        return _uncheckable_verdict(claim, Reason("of_another", {"named": others, "entity": claim.entity}), made.parts)
    value = comparisons.value_in_claim_unit(claim, made.found)
    if value is None:
        return _uncheckable_verdict(claim, Reason("another_unit", {"unit": claim.unit, "ours": made.unit}))
    verdict = _compare_with_warehouse(claim, (), made.found, value, warehouse, may_be_other_day=False)
    return replace(verdict, nearest=made.parts)


def _check_unnamed_stocks(claim: Claim, claims: Sequence[Claim], warehouse: Warehouse) -> Verdict:
    """A count of which the text does not say of which stocks it is: that of all stocks may confirm it, but not refute it."""
    of_all = _check_claim(breadth.of_all_stocks(claim), claims, warehouse)
    note = Reason("stocks_unnamed")
    if of_all.verdict == CONFIRMED and breadth.is_distinct_by_size(claim):
        return replace(of_all, claim=claim, reasons=(*of_all.reasons, note))
    return _uncheckable_verdict(claim, note, (*([of_all.found] if of_all.found else []), *of_all.nearest))


def _check_ratio(claim: Claim, claims: Sequence[Claim], warehouse: Warehouse) -> Verdict:
    """Rising stocks to falling ones, or the other way round: of the two counts, which are shown."""
    counts = breadth.counts_of_ratio(claim, warehouse)
    if counts is None:
        return _uncheckable_verdict(claim, Reason("unknown_entity", {"entity": claim.entity}))
    first, second = counts
    if claim.is_denied:
        return _uncheckable_verdict(claim, Reason("denied"), counts)
    if not isinstance(first.value, int | float) or not isinstance(second.value, int | float):
        return _uncheckable_verdict(claim, absence_reason(warehouse, first))
    if not second.value:
        return _uncheckable_verdict(claim, Reason("no_value", {"reason": second.value_text}), counts)
    ratio = Measure(claim.metric, "ratio", 2, {}, ())
    found = replace(first, measure=ratio, value=first.value / second.value)
    verdict = _compare_with_warehouse(claim, (), found, first.value / second.value, warehouse, may_be_other_day=False)
    return replace(verdict, nearest=counts)


def entity_of_claim(claim: Claim) -> Entity | None:
    """What the claim speaks of; None where the catalogue does not know it and it is no symbol either."""
    measure = measure_of_metric(claim.metric)
    if claim.metric.startswith("spread") or (measure is not None and PAIR in measure.places):
        # a pair may be named as one, too: RUT-SPX
        lead_name, _, base_name = (
            (claim.entity, "", claim.other_entity) if claim.other_entity else claim.entity.partition("-")
        )
        lead, base = entities.entities_named(lead_name), entities.entities_named(base_name)
        legs = [next((e for e in found if e.kind == INDEX), None) for found in (lead, base)]
        return entities.pair_entity(legs[0], legs[1]) if legs[0] and legs[1] else None
    found = entities.entities_named(claim.entity)
    if found and measure is not None:
        found = tuple(e for e in found if e.kind in measure.places or e.kind == SECTOR) or found
    if found:
        return found[0]
    try:
        return entities.stock_entity(canonical_symbol(claim.entity))
    except ValueError:
        # no spelling of a symbol
        return None


def measure_of_metric(metric: str) -> Measure | None:
    """The measure of a claim's `metric`, by its id or one of its names."""
    found = MEASURES.get(metric) or next(iter(NAMES.get(metric.casefold(), ())), None)
    return found or next(iter(NAMES.get(metric.replace("_", " ").casefold(), ())), None)


def _check_number(claim: Claim, entity: Entity | None, claims: Sequence[Claim], warehouse: Warehouse) -> Verdict:
    measure = measure_of_metric(claim.metric)
    if measure is None:
        return _uncheckable_verdict(claim, Reason("unknown_metric", {"metric": claim.metric}))
    if entity is None:
        return _uncheckable_verdict(claim, Reason("unknown_entity", {"entity": claim.entity}))
    if claim.is_denied:
        return _uncheckable_verdict(
            claim, Reason("denied"), nearest.defined_figures_of(warehouse, entity, measure, claim.session)
        )
    others = names_of_others(claim, entity)
    if others:
        return _uncheckable_verdict(claim, Reason("of_another", {"named": others, "entity": entity.id}))
    try:
        found = resolve_figure(warehouse, entity, measure, claim.session)
    except UsageError:
        return _uncheckable_verdict(claim, Reason("none_of_entity", {"entity": entity.id, "metric": measure.id}))
    refuted = comparisons.find_refuting_returns(claim, claims) if entity.kind == PAIR else None
    if refuted is not None:
        return Verdict(
            claim, SELF_CONTRADICTORY, (Reason("legs", refuted),), found, _figure_as_float(found), None, claim.half_unit
        )
    is_mirrored = False
    if entity.kind == PAIR and not found.key and measure.id.startswith("spread_"):
        mirrored = resolve_figure(warehouse, entities.reversed_pair(entity), measure, claim.session)
        found, is_mirrored = (mirrored, True) if mirrored.key else (found, False)
    if not isinstance(found.value, int | float):
        return _uncheckable_verdict(claim, absence_reason(warehouse, found))
    value = comparisons.value_in_claim_unit(claim, found)
    if value is None:
        return _uncheckable_verdict(claim, Reason("another_unit", {"unit": claim.unit, "ours": measure.unit}))
    if is_mirrored:
        return _check_reversed_spread(
            claim, claims, replace(found, entity=entity, value=-found.value), -value, warehouse
        )
    return _compare_with_warehouse(claim, claims, found, value, warehouse)


def _check_reversed_spread(
    claim: Claim, claims: Sequence[Claim], found: Figure, value: float, warehouse: Warehouse
) -> Verdict:
    """A spread whose pair is stored the other way round: its negative counts, and a note says so."""
    verdict = _compare_with_warehouse(claim, claims, found, value, warehouse)
    note = Reason("other_way_round", {"pair": entities.reversed_pair(found.entity).id})
    # other sessions were compared with the pair as the claim names it, which is not stored
    reasons = [reason for reason in verdict.reasons if reason.code != "value_of_other_session"]
    return replace(verdict, reasons=(*reasons, note))


def absence_reason(warehouse: Warehouse, found: Figure) -> Reason:
    """Why a figure has no value: of a day without trading, a day to come, an unknown symbol, or a missing dataset."""
    if found.key:
        return Reason("no_value", {"reason": found.reason or ""})
    day, last = found.session, warehouse.last_session
    if day > LAST_DAY:
        return Reason("after_calendar", {"session": day.isoformat(), "last": LAST_DAY.isoformat()})
    if day < FIRST_DAY:
        return Reason("before_calendar", {"session": day.isoformat(), "first": FIRST_DAY.isoformat()})
    if not is_session(day):
        return Reason("closed_day", {"session": day.isoformat()})
    if day > last:
        return Reason("after_last_session", {"session": day.isoformat(), "last": last.isoformat()})
    if found.entity.kind == STOCK and not warehouse.knows_symbol(found.entity.name):
        return Reason("unknown_symbol", {"symbol": found.entity.name})
    return Reason(
        "no_data", {"reason": found.reason or "", "dataset": nearest.DATASET_OF.get(found.table, found.table)}
    )


def _compare_with_warehouse(
    claim: Claim,
    claims: Sequence[Claim],
    found: Figure,
    value: float,
    warehouse: Warehouse,
    *,
    may_be_other_day: bool = True,
) -> Verdict:
    stated, bound = claim.number or 0.0, claim.stated_bound
    difference, tolerance = stated - value, 0.0 if bound else claim.half_unit
    notes = []
    is_wide = tolerance > max(0.5, _WIDE * abs(stated))
    is_right = (
        comparisons.is_within_bound(bound, stated, value)
        if bound
        else comparisons.is_within_tolerance(stated, value, tolerance)
    )
    if is_right:
        verdict, reasons = CONFIRMED, [Reason("within", {"value": found.value_text})]
        if is_wide:
            notes.append(Reason("wide", {"tolerance": f"{tolerance:,.12g}"}))
    elif comparisons.may_be_of_session_extreme(claim, value):
        verdict, reasons = NOT_CHECKABLE, [Reason("extreme_of_session", {"value": found.value_text})]
    else:
        code = comparisons.reason_of_bound(bound, stated, value) if bound else "differs"
        verdict, reasons = CONTRADICTED, [Reason(code, {"value": found.value_text})]
        is_sought = may_be_other_day and not (bound or is_wide)
        other = None if not is_sought else comparisons.find_matching_session(claim, found, warehouse)
        if other is not None:
            notes.append(Reason("value_of_other_session", {"session": other.isoformat()}))
    implied = comparisons.return_implied_by_close(claim, claims, warehouse)
    if implied is not None:
        notes.append(Reason("level_implies", implied))
    return Verdict(claim, verdict, (*reasons, *notes), found, value, difference, tolerance)


def _check_precedent_count(claim: Claim, entity: Entity | None, warehouse: Warehouse) -> Verdict:
    reasons = [Reason("no_definition")]
    first = nearest.first_index_session(warehouse, entity)
    year = nearest.year_in(claim.statement)
    if entity is not None and first is not None and year is not None and year < first.year:
        reasons.insert(0, Reason("before_history", {"entity": entity.id, "year": year, "first": first.isoformat()}))
    grid = nearest.precedent_counts(warehouse, claim, entity)
    if grid:
        reasons.append(Reason("grid", {"counts": grid}))
    return Verdict(claim, NOT_CHECKABLE, tuple(reasons))


def _check_rating(claim: Claim, entity: Entity | None, warehouse: Warehouse) -> Verdict:
    """The target, the action and the grade that the claim states against the firm's rating; all that is stated must hold."""
    symbol = entity.name if entity is not None else claim.entity
    ratings = nearest.ratings_near(warehouse, symbol, claim.other_entity, claim.session)
    if not ratings:
        values = {"dataset": "rating_actions", "firm": claim.other_entity, "symbol": symbol}
        return _uncheckable_verdict(claim, Reason("no_rating", values))
    rating, target = ratings[0], ratings[0].target
    stated = stated_parts(f"{claim.statement} ; {claim.note}")
    reasons = [Reason("rating_is", {"action": rating.action, "grade": rating.grade, "day": rating.day.isoformat()})]
    is_refuted = bool(differing_parts(stated, rating))
    is_open = "" in stated.values() or not (stated or claim.value)
    if claim.number is not None and target is None:
        reasons.append(Reason("no_target", {"dataset": "rating_actions", "day": rating.day.isoformat()}))
        is_open = True
    if claim.number is None or target is None:
        return Verdict(claim, _rating_verdict(is_refuted, is_open), tuple(reasons))
    reasons.insert(0, Reason("target", {"target": target, "day": rating.day.isoformat()}))
    is_refuted |= not comparisons.is_within_tolerance(claim.number, target, claim.half_unit)
    verdict = _rating_verdict(is_refuted, is_open)
    return Verdict(claim, verdict, tuple(reasons), None, target, claim.number - target, claim.half_unit)


def _rating_verdict(is_refuted: bool, is_open: bool) -> str:
    return CONTRADICTED if is_refuted else NOT_CHECKABLE if is_open else CONFIRMED


def _uncheckable_verdict(claim: Claim, reason: Reason, shown: Sequence[Figure] = ()) -> Verdict:
    return Verdict(claim, NOT_CHECKABLE, (reason,), nearest=tuple(shown))


def _figure_as_float(found: Figure) -> float | None:
    return float(found.value) if isinstance(found.value, int | float) else None


def session_of_verdict(verdict: Verdict) -> date:
    """The session that the verdict speaks of."""
    return verdict.found.session if verdict.found else verdict.claim.session
