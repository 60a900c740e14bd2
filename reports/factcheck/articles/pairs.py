"""Lists of names with lists of figures, "A and B rose 0.7% and 0.9%, respectively": a sentence for each pair."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from reports.factcheck.articles.numbers import PCT, POINTS, PP, Number
from reports.factcheck.articles.sentences import Sentence, parse_sentence
from reports.figures.question import Mention

_BETWEEN = re.compile(r"\s*(,|、|和|与|及|以及|\band\b|\bthe\b|\bindex\b|指数|\s)*\s*", re.IGNORECASE)
_LISTED = re.compile(r"\s*(?:,?\s*\band\b|[,、和与及])\s*", re.IGNORECASE)
_PAIRED = re.compile(r",?\s*\b(respectively|in that order)\b|分别|依次", re.IGNORECASE)


def split_pairs(s: Sentence) -> Iterator[Sentence]:
    """The sentence itself, or one for each name of a list with its figure; each keeps the words of the article as `full_text`.

    Names and figures of different number stay as they are.
    """
    names, at = _list_before_figures(s), _figures(s)
    if len(names) < 2 or len(at) != len(names):
        yield s
        return
    first, last = names[0].start, names[-1].end
    for name, (start, end) in zip(names, at, strict=True):
        head, gap, tail = s.text[:first], s.text[last : at[0][0]], s.text[at[-1][1] :]
        text = f"{head}{s.text[name.start : name.end]}{gap}{s.text[start:end]}{tail}"
        yield replace(parse_sentence(_PAIRED.sub("", text), s.companies), full_text=s.text)


def is_unpaired(s: Sentence, n: Number) -> bool:
    """The sentence pairs names and figures, but not one by one: whose the figures of a list are is not sure."""
    if _PAIRED.search(s.text) is not None:
        return True
    return n.unit in (PCT, PP, POINTS) and any(
        n in pair and pair[0].unit == pair[1].unit and _LISTED.fullmatch(s.text, pair[0].end, pair[1].start)
        for pair in pairwise(s.numbers)
    )


def _figures(s: Sentence) -> list[tuple[int, int]]:
    """The figures of one unit that stand side by side; () where others stand between."""
    numbers = list(s.numbers)
    if len(numbers) < 2 or len({n.unit for n in numbers}) > 1 or not numbers[0].unit:
        return []
    gaps = pairwise(numbers)
    return [(n.start, n.end) for n in numbers] if all(_is_list(s, a.end, b.start) for a, b in gaps) else []


def _list_before_figures(s: Sentence) -> Sequence[Mention]:
    """The last names before the first figure that stand side by side."""
    names = [m for m in s.names if s.numbers and m.end <= s.numbers[0].start]
    at = len(names) - 1
    while at > 0 and _is_list(s, names[at - 1].end, names[at].start):
        at -= 1
    return names[at:] if names else []


def _is_list(s: Sentence, start: int, end: int) -> bool:
    return _BETWEEN.fullmatch(s.text, start, end) is not None
