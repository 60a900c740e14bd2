"""One move in several figures, as news agencies write it: 'rose 31.85 points, or 0.53 %, to 6,034.66'."""

from __future__ import annotations

import re

from reports.factcheck.articles.numbers import BARE, PCT, POINTS, Number
from reports.factcheck.articles.sentences import Sentence

_OR = re.compile(r"\s*[,(]?\s*(?:(?:or|或|即)(?:\s+(?:about|roughly|nearly))?)?\s*", re.IGNORECASE)
_TO = re.compile(r"\s*[,)]?\s*(?:to|至|[,，]?报)\s*", re.IGNORECASE)
_LEAST_LEVEL = 100


def same_move_before(s: Sentence, n: Number) -> Number | None:
    """The number before that says the same move in the other unit: points or percent; None where there is none."""
    before = _number_before(s, n)
    if before is None or {before.unit, n.unit} != {POINTS, PCT}:
        return None
    return before if _OR.fullmatch(s.text, before.end, n.start) else None


def same_move_behind(s: Sentence, n: Number) -> Number | None:
    """The number behind that says the same move in the other unit; None where there is none."""
    behind = next((m for m in s.numbers if m.start >= n.end), None)
    return behind if behind is not None and same_move_before(s, behind) is n else None


def is_level_after_move(s: Sentence, n: Number) -> bool:
    """The number is where a move in points or percent, which stands directly before it, led to."""
    before = _number_before(s, n)
    return (
        before is not None
        and before.unit in (POINTS, PCT)
        and n.unit in (BARE, POINTS)
        and not n.is_signed
        and float(n.value or 0) >= _LEAST_LEVEL
        and _TO.fullmatch(s.text, before.end, n.start) is not None
    )


def _number_before(s: Sentence, n: Number) -> Number | None:
    at = s.numbers.index(n)
    return s.numbers[at - 1] if at else None
