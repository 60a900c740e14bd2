"""Words beside a claim's number that make it vague ("about 7") or a bound ("more than 7"), in English and Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reports.factcheck.articles.lexicon import DENIAL, DENIED_BEHIND, DENIED_CLAUSE, DOWN, UP
from reports.factcheck.articles.numbers import find_numbers
from reports.figures.question import normalise_text

AT_LEAST, AT_MOST = "at least", "at most"
_REACH = 26
_VAGUE = r"(\b(nearly|about|around|almost|roughly|some|close to|approximately|approx\.?)|近|约|大约|接近|将近|差不多)"
_VAGUE_BEFORE = re.compile(_VAGUE + r"\s*(a |the |为|达)?\s*$", re.IGNORECASE)
_VAGUE_AFTER = re.compile(r"\s*(左右|上下|前后|\bor so\b|\bor thereabouts\b)", re.IGNORECASE)
# the bound with a negation in it comes first: "no more than" holds "more than"; the last two leave the number itself out
_BOUNDS: tuple[tuple[str, bool, str, str], ...] = (
    (AT_MOST, False, r"\b(no|not) (more|higher|greater) than|\bat most|\bup to|\ba maximum of"
     r"|\bcapped at|≤|<=|不超过|不高于|不多于|至多|最多",
     r"以内|以下|或以下|\bor (less|lower|fewer)\b"),
    (AT_LEAST, False, r"\b(no|not) (less|fewer|lower) than|\bat least|\ba minimum of|≥|>=|不低于|不少于|至少|最少",
     r"以上|有余|\bor (more|higher|better)\b|(?<!\s)\+(?!\s*[\d$])|\bplus\b(?=\s*($|[^\w\s]))"),
    (AT_LEAST, True, r"\b(more|higher|greater) than|\bover|\babove|\bexceed(s|ed|ing)?"
     r"|\bin excess of|\bupwards? of|\bnorth of|\bbeyond|\bbetter than|\b(topp(ed|ing)|tops|surpass(es|ed|ing)?)|(?<![-=])>"
     r"|超过|逾|高于|多于|超", ""),
    (AT_MOST, True, r"\b(less|fewer|lower) than|\bunder|\bbelow"
     r"|\b(just )?shy of|\bsouth of|<|不到|不足|低于|少于", ""),
)  # fmt: skip
_DENIED = re.compile(
    r"\b(not(?! only| just| yet| until| since| surprisingly)|never|neither|nor|fail(s|ed|ing)? to|unable to)\b|n['\u2019]t\b"
    r"|未能|没有(?!悬念)|没能|并未|未曾|不曾|从未|尚未|并非|不是|无法|未(?=[涨跌上下收录触])",
    re.IGNORECASE,
)
# what was denied came about: "few thought that it would rise 0.5%, but it did"
_AFTER_ALL = re.compile(
    r",?\s*(?:but|yet|and) (?:it|they|that|this) (?:did|was|is|has|have)\b(?!n['\u2019]t| not)", re.IGNORECASE
)
_CLAUSE = re.compile(
    r"[,;:，；：、](?!\d)|\.(?=\s)|[。()（）\u2013\u2014]|\b(but|while|and|as|after|because|since|when|that|which|until|though)\b|而|但",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Bound:
    """The number is a bound of the value: on which `side` that lies, whether the number itself `is_outside`, and which way (1 up,
    -1 down, 0 unsaid) the value moved by the words before."""

    side: str
    is_outside: bool
    direction: int


@dataclass(frozen=True)
class Beside:
    """The words before and behind a place of a number, and whether it bears a sign there."""

    before: str
    behind: str
    is_signed: bool


def is_vague(statement: str, value: str) -> bool:
    """The statement says nearly, about or the like of `value`."""
    return any(
        _VAGUE_BEFORE.search(one.before) or _VAGUE_AFTER.match(one.behind) for one in places_of_number(statement, value)
    )


def is_denied(statement: str, value: str) -> bool:
    """The clause of the number says that it is not so: what is claimed then no rule can say."""
    for one in places_of_number(statement, value, reach=200):
        own = without_bounds(clause_before(one))
        if (
            _DENIED.search(own)
            or DENIAL.search(own)
            or (DENIED_CLAUSE.search(one.before) and not _AFTER_ALL.match(one.behind))
            or DENIED_BEHIND.match(one.behind)
        ):
            return True
    return False


def bound_in_statement(statement: str, value: str) -> Bound | None:
    """The bound that the statement makes of the signed `value` ("fell more than 2 %": at most -2); None where it is none."""
    for one in places_of_number(statement, value):
        found = _bound_in_words(one)
        if found is not None:
            side, is_outside = found
            direction = _direction(one.before)
            if value.startswith("-") and not one.is_signed:
                side = AT_MOST if side == AT_LEAST else AT_LEAST
            return Bound(side, is_outside, direction)
    return None


def _bound_in_words(beside: Beside) -> tuple[str, bool] | None:
    for side, is_outside, cue, behind in _BOUNDS:
        if re.search(rf"({cue})\s*(a |the |了)?\s*$", beside.before, re.IGNORECASE):
            return side, is_outside
        if behind and re.match(rf"\s*({behind})", beside.behind, re.IGNORECASE):
            return side, is_outside
    return None


def clause_before(beside: Beside) -> str:
    """The words before a place of a number, from the begin of its clause."""
    return _CLAUSE.split(beside.before)[-1] or ""


def without_bounds(text: str) -> str:
    """`text` without the words of bounds, some of which hold those of a direction."""
    for _, _, cue, _ in _BOUNDS:
        text = re.sub(cue, " ", text, flags=re.IGNORECASE)
    return text


def _direction(before: str) -> int:
    """Which way the value moved by the words before, those of a bound ("up to", "higher than") aside."""
    ups, downs = ([m.end() for m in cue.finditer(without_bounds(before))] for cue in (UP, DOWN))
    if not ups and not downs:
        return 0
    return 1 if max(ups, default=-1) > max(downs, default=-1) else -1


def places_of_number(statement: str, value: str, reach: int = _REACH) -> list[Beside]:
    """Where the statement holds the number; else where it holds one in words, and its end, behind which a number may be meant."""
    text = normalise_text(statement)
    if not value:
        return []
    size = abs(float(value))
    numbers = find_numbers(text, ())
    found = [n for n in numbers if n.value and abs(float(n.value)) == size] or [n for n in numbers if not n.value]
    places = [Beside(text[max(0, n.start - reach) : n.start], text[n.end : n.end + reach], n.is_signed) for n in found]
    return places or [Beside(text.rstrip()[-reach:], "", False)]
