"""Whether a figure is of the name beside it: the words between must be plain ones, and the name the subject of its clause."""

from __future__ import annotations

import re
from functools import lru_cache

from reports.factcheck.articles import lexicon
from reports.factcheck.articles.days import find_days
from reports.factcheck.articles.extremes import METRICS, phrases_of_extremes
from reports.factcheck.articles.numbers import Number
from reports.factcheck.articles.parts import part_around, split_parts
from reports.factcheck.articles.periods import find_periods
from reports.factcheck.articles.plain_words import (
    BASIS,
    begins_clause,
    is_plain,
    places_figure,
    without_reason,
)
from reports.factcheck.articles.runs import METRIC as RUN
from reports.factcheck.articles.sectors import METRICS as OF_SECTORS
from reports.factcheck.articles.sentences import Sentence
from reports.figures.entities import SECTOR, STOCK
from reports.figures.question import Mention

_MOVES = ("return_", "spread_", "change_points", "close", RUN, *METRICS)
# what may follow a name of which the figure stood before: "a 1.2 % gain in the S&P 500 capped the month"
_AFTER_NAME = re.compile(r"\s*($|[^\sA-Za-z-]|[a-z]+ed\b)")
# words set off by commas behind the subject, that hold no other name: "the S&P 500, the broad measure of stocks, rose"
_SET_OFF = re.compile(r"^,\s*(?:the|a|an|its|which|led|helped|dragged)\b[^,A-Z\d]*,(?=\s*[a-z])")

_WHICH = re.compile(r"^,?\s+which\b|^,")
# what the same company does besides: it closed at 230.10 dollars, up 1.1 %, and is up 30 % this year
_GOES_ON = re.compile(r",\s*(up|down)\s+$|\b(and|but)\b")
_NEXT_CLAUSE = re.compile(r"[,;]|\b(and|but|while|as|after|before)\b", re.IGNORECASE)
# no move of a price: a gain of 3 % market share, a loss of 5 % of the jobs
_A_PART = re.compile(r"\s*(of|more|fewer|less|market|share|stake)\b", re.IGNORECASE)
# "almost 0.7 %" is a number, "almost rose" is no move
_ALMOST = re.compile(r"\b(almost|nearly)\s+(an?\s+)?\$?\s*$", re.IGNORECASE)
_AMONG = re.compile(r"\b(?:[Aa]mong|on|of|in)\s+(?:the\s+)?([A-Z][\w-]+)")
_NEXT_WORD = re.compile(r"\s+([A-Za-z][\w-]*)")
_BEFORE_DAY = re.compile(
    r"\b((by|at|until|through|to) the close of|on|in|by"
    r"|for|until|till|through|to|after|following|(as )?of|ended|ending|截至)?\s*$",
    re.IGNORECASE,
)


def is_of_its_subject(s: Sentence, n: Number, metric: str) -> bool:
    """No word around the figure makes it one of another subject, or one on another basis than `metric` has."""
    if metric in OF_SECTORS:
        before = [(a, min(b, n.start)) for a, b in split_parts(s) if a <= n.start]
        is_of_market = all(_is_plain_between(s, a, b) for a, b in before if not _has_number(s, a, b))
        return is_of_market and _has_plain_basis(s, n)
    if not metric.startswith(_MOVES):
        return _is_of_plain_measure(s, n)
    after = s.name_after(n)
    if after is not None and lexicon.OF_WHAT.match(s.text[n.end : after.start]):
        start, end = part_around(s, n.start)
        tail = s.text[after.end : end]
        return _is_plain_between(s, start, n.start) and (
            _AFTER_NAME.match(tail) is not None or _is_plain_between(s, after.end, end)
        )
    name = _lead_of_spread(s, n) if metric.startswith("spread_") else s.name_before(n)
    if name is None:
        return False
    return (
        _is_subject(s, name, n)
        and _is_plain_to_figure(s, name, n)
        and _is_plain_behind(s, n, name)
        and _has_plain_basis(s, n)
    )


def _is_subject(s: Sentence, name: Mention, n: Number) -> bool:
    if _kind(name) == STOCK:
        return s.text[name.start] in "(（" or _moves_itself(s, name, n)
    start, _ = part_around(s, name.start)
    # of two names side by side the figure is of the last
    return begins_clause(_masked(s, start, name.start))


def _moves_itself(s: Sentence, name: Mention, n: Number) -> bool:
    """The figure is of the very verb behind a company's name: 'the index rose as Apple fell, losing 1 %' is of the index."""
    between = _WHICH.sub("", s.text[name.end : n.start])
    if name is s.names[0]:
        between = _GOES_ON.sub("", between)
    return _NEXT_CLAUSE.search(between) is None and not _A_PART.match(s.text, n.end)


def _is_plain_to_figure(s: Sentence, name: Mention, n: Number) -> bool:
    text = _ALMOST.sub("", _masked(s, name.end, n.start))
    text = _WHICH.sub(" ", text) if _kind(name) == STOCK else text
    return is_plain(_SET_OFF.sub(" ", text), _kind(name))


def _is_plain_behind(s: Sentence, n: Number, name: Mention) -> bool:
    _, end = part_around(s, n.start)
    # what stands behind the words of an extreme is of that one
    end = min((at for at, _ in phrases_of_extremes(s) if at == n.end), default=end)
    text = without_reason(_masked(s, n.end, end))
    # Chinese says behind a figure what follows from it
    return is_plain(re.sub(r"[\u4e00-\u9fff]+", " ", text), _kind(name))


def _has_plain_basis(s: Sentence, n: Number) -> bool:
    """Neither the figure's own part and the next one nor those that open the sentence name another basis."""
    parts = split_parts(s)
    own = next(i for i, (a, b) in enumerate(parts) if a <= n.start < b)
    near = _masked(s, parts[own][0], parts[min(own + 1, len(parts) - 1)][1])
    opening = [_masked(s, a, b) for a, b in parts[:own] if not any(a <= m.start < b for m in s.names)]
    is_placed_plainly = all(is_plain(text) for text in opening if places_figure(text))
    return is_placed_plainly and not any(
        BASIS.search(text) for text in (near, *(_masked(s, a, b) for a, b in parts[:own]))
    )


def _is_of_plain_measure(s: Sentence, n: Number) -> bool:
    """Neither the measure nor its set of stocks is another one: 'Euro-zone GDP growth', 'advancers among NYSE stocks'."""
    start, end = part_around(s, n.start)
    others = [match[1] for match in _AMONG.finditer(_masked(s, start, end))]
    others += [match[1] for m in s.names if _kind(m) != STOCK and (match := _NEXT_WORD.match(s.text, m.end))]
    if not all(is_plain(word, SECTOR) for word in others):
        return False
    named = [m for m in s.measures if start <= m.start < end]
    return all(is_plain(word) for m in named if (word := _word_before(s, start, m.start)))


def _word_before(s: Sentence, start: int, at: int) -> str:
    found = re.search(r"([A-Z][\w.\u2019'-]*|\w+[\u2019']s|\w+-\w+)\s+$", s.text[start:at])
    return found[1] if found else ""


def _has_number(s: Sentence, start: int, end: int) -> bool:
    """A clause with a figure of its own tells another thing."""
    return any(start <= n.start < end for n in s.numbers)


def _is_plain_between(s: Sentence, start: int, end: int) -> bool:
    return is_plain(_masked(s, start, end))


def _lead_of_spread(s: Sentence, n: Number) -> Mention | None:
    verbs = [m.start() for cue in (lexicon.BEAT, lexicon.TRAIL) for m in cue.finditer(s.text, 0, n.start)]
    return next((m for m in reversed(s.names) if verbs and m.end <= max(verbs)), None)


def _kind(name: Mention) -> str:
    return name.entities[0].kind


def _masked(s: Sentence, start: int, end: int) -> str:
    """The words from `start` to `end` with blanks for names, measures, numbers, days and periods."""
    return _masked_text(s)[start:end]


@lru_cache(maxsize=64)
def _masked_text(s: Sentence) -> str:
    text = list(s.text)
    spans = [(m.start, m.end) for m in (*s.names, *s.measures)]
    spans += [(n.start, n.end) for n in s.numbers]
    spans += [(period.start, period.end) for period in find_periods(s)]
    spans += phrases_of_extremes(s)
    for day in find_days(s.text):
        before = _BEFORE_DAY.search(s.text, 0, day.start)
        spans.append((before.start() if before else day.start, day.end))
    for a, b in spans:
        text[a:b] = " " * (b - a)
    return "".join(text)
