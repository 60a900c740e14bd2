"""Which way a statement says that something moved or lay: a number without a sign is a size in that direction."""

from __future__ import annotations

import re

from reports.factcheck.articles.lexicon import BEAT, DOWN, GAIN_AFTER, LOSS_AFTER, TRAIL, UP
from reports.factcheck.hedges import Beside, clause_before, places_of_number, without_bounds
from reports.figures import entities
from reports.figures.entities import INDEX
from reports.figures.question import find_mentions, normalise_text

_MOVES = ("return_", "change_points")
_SPREADS = ("spread_",)
_LOSS = re.compile(
    r"\b(loss(es)?|tumbl(ed|es?)|plung(ed|es?)|slump(ed|s)?|dip(ped|s)?|eas(ed|es)|weak(er|ened))\b", re.IGNORECASE
)
# a move that was taken back, or turned: the number may be of either way
_TURNED = re.compile(
    r"\b(recover|recoup|eras|revers|trimm?|par(?=es?\b|ed\b|ing\b)|narrow|snapp?|rebound|bounc|wip)(e|es|ed|s|ing)?\b"
    r"|反弹|回升|转[升涨跌]|收复|收窄|抹去|回吐",
    re.IGNORECASE,
)
# what a turn ended with follows: "reversed its gains to fall 1.2 %"
_AFTER_ALL = re.compile(r"\b(?:then|before|to(?! date))\b", re.IGNORECASE)
# the move of a name stands before it: "losses in the S&P 500"
_MOVE_OF = re.compile(r"\b[a-z]+ (in|of|for|by) (the )?$", re.IGNORECASE)
_REACH = 200


def signed_value(statement: str, value: str, metric: str, entity: str, other: str) -> str:
    """The value with the sign that the statement gives it: 'lost more than 5 %' makes 5 a -5. As it is where it bears a sign,
    even a plus, and where the statement has no such words or is not clear."""
    if not value or value.startswith(("-", "+")) or not float(value):
        return value
    if metric.startswith(_MOVES):
        is_down = _is_fall(statement, value, entity)
    else:
        is_down = metric.startswith(_SPREADS) and _is_behind(statement, entity, other)
    return f"-{value}" if is_down else value


def _is_fall(statement: str, value: str, entity: str) -> bool:
    """The places of the number whose clause names the entity, else all its places, say that it is a fall."""
    named = {one.id for one in entities.entities_named(entity)} or {entity}
    places = [one for one in places_of_number(statement, value, reach=_REACH) if not one.is_signed]
    own = [one for one in places if _subject_start(clause_before(one), named) is not None] or places
    return bool(own) and all(_says_fall(one, named) for one in own)


def _says_fall(place: Beside, named: set[str]) -> bool:
    clause = clause_before(place)
    # what stands before the subject is the reason: "lower yields pushed the S&P 500"
    words = without_bounds(clause[_subject_start(clause, named) or 0 :])
    if _TURNED.search(words):
        words = _AFTER_ALL.split(words)[-1]
    if _TURNED.search(words) or GAIN_AFTER.match(place.behind):
        return False
    if LOSS_AFTER.match(place.behind):
        return True
    downs = [m.end() for cue in (DOWN, _LOSS) for m in cue.finditer(words)]
    return bool(downs) and max(downs) > max((m.end() for m in UP.finditer(words)), default=-1)


def _subject_start(clause: str, named: set[str]) -> int | None:
    """Where the last name of the entity in a clause begins, or the move of it; None where the clause does not name it."""
    found = [m.start for m in find_mentions(clause) if any(e.id in named for e in m.entities)]
    if not found:
        return None
    move = _MOVE_OF.search(clause[: found[-1]])
    return move.start() if move else found[-1]


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
