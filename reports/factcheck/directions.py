"""Which way a statement says that something moved or lay: a number without a sign is a size in that direction."""

from __future__ import annotations

import re

from reports.factcheck.articles.lexicon import BEAT, DOWN, GAIN_AFTER, LOSS_AFTER, TRAIL, UP
from reports.factcheck.hedges import clause_before, places_of_number, without_bounds
from reports.figures import entities
from reports.figures.entities import INDEX
from reports.figures.question import find_mentions, normalise_text

_MOVES = ("return_", "change_points")
_SPREADS = ("spread_",)
_LOSS = re.compile(
    r"\b(loss(es)?|tumbl(ed|es?)|plung(ed|es?)|slump(ed|s)?|dip(ped|s)?|eas(ed|es)|weak(er|ened))\b", re.IGNORECASE
)
_REACH = 200


def signed_value(statement: str, value: str, metric: str, entity: str, other: str) -> str:
    """The value with the sign that the statement gives it: 'lost more than 5 %' makes 5 a -5. Without such words as it is."""
    if not value or value.startswith(("-", "+")) or not float(value):
        return value
    if metric.startswith(_MOVES):
        is_down = _is_fall(statement, value)
    else:
        is_down = metric.startswith(_SPREADS) and _is_behind(statement, entity, other)
    return f"-{value}" if is_down else value


def _is_fall(statement: str, value: str) -> bool:
    """The clause of the number, or what stands behind it, says that it is a fall."""
    for one in places_of_number(statement, value, reach=_REACH):
        if one.is_signed or GAIN_AFTER.match(one.behind):
            continue
        if LOSS_AFTER.match(one.behind):
            return True
        own = without_bounds(clause_before(one))
        downs = [m.end() for cue in (DOWN, _LOSS) for m in cue.finditer(own)]
        if downs and max(downs) > max((m.end() for m in UP.finditer(own)), default=-1):
            return True
    return False


def _is_behind(statement: str, entity: str, other: str) -> bool:
    """The statement puts `entity` behind `other`, as the one that trails or as the one that the other beats."""
    text = normalise_text(statement)
    verbs = [(m.start(), cue is TRAIL) for cue in (BEAT, TRAIL) for m in cue.finditer(text)]
    if len(verbs) != 1:
        return False
    at, is_trail = verbs[0]
    named = [e.id for m in find_mentions(text) if m.end <= at for e in m.entities if e.kind == INDEX]
    lead = named[-1] if named else ""
    return bool(lead) and lead in _index_ids(entity if is_trail else other)


def _index_ids(name: str) -> set[str]:
    return {e.id for e in entities.entities_named(name) if e.kind == INDEX}
