"""Words beside a claim's number that make it vague ("about 7") or a bound ("more than 7"), in English and Chinese."""

from __future__ import annotations

import re

from reports.factcheck.articles.numbers import find_numbers
from reports.figures.question import normalise_text

AT_LEAST, AT_MOST = "at least", "at most"
_REACH = 26

_VAGUE_BEFORE = re.compile(
    r"(\b(nearly|about|around|almost|roughly|some|close to|approximately|approx\.?)"
    r"|近|约|大约|接近|将近|差不多)\s*(a |the |为|达)?\s*$",
    re.IGNORECASE,
)
_VAGUE_AFTER = re.compile(r"\s*(左右|上下|前后|\bor so\b|\bor thereabouts\b)", re.IGNORECASE)
_VAGUE = re.compile(
    r"\b(nearly|about|around|almost|roughly|some|close to|approximately)\b|近|约|左右|大约|接近", re.IGNORECASE
)
# the bound with a negation in it comes first: "no more than" holds "more than"
_BOUNDS: tuple[tuple[str, str, str], ...] = (
    (AT_MOST, r"\b(no|not) (more|higher|greater) than|\bat most|\bup to|不超过|不高于|不多于|至多|最多",
     r"以内|以下|或以下|\bor (less|lower)\b"),
    (AT_LEAST, r"\b(no|not) (less|fewer|lower) than|\bat least|不低于|不少于|至少|最少",
     r"以上|有余|\bor (more|higher|better)\b"),
    (AT_LEAST, r"\b(more|higher|greater) than|\bover|\babove|\bexceed(s|ed|ing)?|超过|逾|高于|多于|超", "以上"),
    (AT_MOST, r"\b(less|fewer|lower) than|\bunder|\bbelow|不到|不足|低于|少于", "以下"),
)  # fmt: skip


def is_vague(statement: str, value: str) -> bool:
    """The statement says nearly, about or the like: of `value` where it holds that number, else anywhere."""
    beside = _words_beside_value(statement, value)
    if not beside:
        return _VAGUE.search(statement) is not None
    return any(_VAGUE_BEFORE.search(before) or _VAGUE_AFTER.match(after) for before, after, _ in beside)


def bound_in_statement(statement: str, value: str) -> str:
    """AT_LEAST, AT_MOST or '': the side of the signed `value` that the statement allows ("fell more than 2 %": at most -2)."""
    beside = _words_beside_value(statement, value)
    is_size = value.startswith("-")
    if not beside:
        side = next((side for side, cue, _ in _BOUNDS if re.search(cue, statement, re.IGNORECASE)), "")
    else:
        side = next((found for before, after, _ in beside if (found := _bound_in_words(before, after))), "")
        is_size = is_size and not any(is_signed for *_, is_signed in beside)
    if side and is_size:
        return AT_MOST if side == AT_LEAST else AT_LEAST
    return side


def _bound_in_words(before: str, after: str) -> str:
    for side, cue, behind in _BOUNDS:
        if re.search(rf"({cue})\s*(a |the |了)?\s*$", before, re.IGNORECASE):
            return side
        if re.match(rf"\s*({behind})", after, re.IGNORECASE):
            return side
    return ""


def _words_beside_value(statement: str, value: str) -> list[tuple[str, str, bool]]:
    """The words before and behind each place where the statement holds the number, and whether it bears a sign there."""
    text = normalise_text(statement)
    if not value:
        return []
    size = abs(float(value))
    return [
        (text[max(0, n.start - _REACH) : n.start], text[n.end : n.end + _REACH], n.is_signed)
        for n in find_numbers(text, ())
        if n.value and abs(float(n.value)) == size
    ]
