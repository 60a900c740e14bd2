"""The parts of a sentence, and which words of time a number takes: those of its own part first, then those it inherits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from reports.factcheck.articles import lexicon
from reports.factcheck.articles.days import find_days, has_figure
from reports.factcheck.articles.numbers import Number
from reports.factcheck.articles.sentences import Sentence

T = TypeVar("T")
_BREAK = re.compile(
    r",(?!\d)|[;、()]|(?<!\d):(?!\d)|\b(and|but|while|whereas|though|although|after|before|as|leaving|bringing|putting|taking)\b"
    r"|[\u2013\u2014]| - |而|但|并|且|和|与|及",
    re.IGNORECASE,
)
_TO_A_DAY = re.compile(r"\s*(on\s+|of\s+|the\s+|follow|much\b|high\b|low\b|many\b|few\b|little\b)?", re.IGNORECASE)
# a part that begins so belongs to the number before it: "up 19.9 %, year to date"
_LEAD = re.compile(r"\s*(for|on|in|so far)?\s*", re.IGNORECASE)
_SHARES = re.compile(r"\s*(,|、|\band\b|和|与|及)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Span(Generic[T]):
    """What the words of a sentence from `start` to `end` mean."""

    start: int
    end: int
    value: T


@dataclass(frozen=True)
class Reading(Generic[T]):
    """What of `behind` and `before` stands in a number's own part; else what it inherits, and whether that is certain.

    `later` stands in the part behind, and may be of this number too.
    """

    before: tuple[T, ...] = ()
    behind: tuple[T, ...] = ()
    inherited: tuple[T, ...] = ()
    is_certain: bool = True
    later: tuple[T, ...] = ()


@lru_cache(maxsize=64)
def split_parts(s: Sentence) -> tuple[tuple[int, int], ...]:
    """Where the parts of a sentence begin and end: between commas and conjunctions, but not within a name, a day or a number."""
    days = find_days(s.text)
    whole = [*((m.start, m.end) for m in (*s.names, *s.measures)), *((d.start, d.end) for d in days)]
    # "fell after Wednesday" is one part, "rose after Wednesday's 1.1 % drop" is two
    of_before = [d.start for d in days if not has_figure(s.text, d)]
    ends = []
    for match in _BREAK.finditer(s.text):
        if any(a <= match.start() < b for a, b in whole):
            continue
        if match[1] and match[1].casefold() in ("after", "before", "as"):
            if not re.search(r"\w", s.text[match.end() :]):
                continue
            reach = _TO_A_DAY.match(s.text, match.end())
            at = reach.end() if reach else match.end()
            if reach and (reach[0].strip().casefold() not in ("", "on", "the") or at in of_before):
                continue
        ends.append(match.start())
    # the figure of a day has no part in that before it: "fell 1.2 % following Friday's 0.5 % gain"
    ends += [d.start for d in days if has_figure(s.text, d) and s.text[: d.start].strip()]
    ends = sorted(set(ends))
    starts = [0, *ends]
    return tuple(zip(starts, [*ends, len(s.text)], strict=True))


def part_around(s: Sentence, at: int) -> tuple[int, int]:
    """Where the part around a place of the sentence begins and ends."""
    return next((a, b) for a, b in split_parts(s) if a <= at < b)


def read_spans(s: Sentence, n: Number, spans: Sequence[Span[T]]) -> Reading[T]:
    """Which of the spans is of a number, by where they stand."""
    parts = split_parts(s)
    own = next(i for i, (a, b) in enumerate(parts) if a <= n.start < b)
    within = [sp for sp in spans if _is_in(sp, parts[own])]
    alike = [m for m in s.numbers if m.unit == n.unit and m is not n and _is_in(m, parts[own])]
    behind = [sp for sp in within if sp.start >= n.end and not any(n.end <= m.start < sp.start for m in alike)]
    before = [sp for sp in within if sp.end <= n.start]
    if not behind and not before and own + 1 < len(parts):
        behind = _of_next_part(s, parts[own + 1], spans)
    if behind or before:
        return Reading(tuple(sp.value for sp in before), tuple(sp.value for sp in behind))
    inherited, is_certain = _inherited(s, n, spans, parts, own)
    later = _shared_later(s, n, spans, parts, own)
    return Reading(inherited=inherited, is_certain=is_certain, later=later)


def _is_in(one: Span[T] | Number, part: tuple[int, int]) -> bool:
    return part[0] <= one.start < part[1]


def _of_next_part(s: Sentence, part: tuple[int, int], spans: Sequence[Span[T]]) -> list[Span[T]]:
    if any(_is_in(m, part) for m in s.numbers) or s.text[part[0]] not in ",(":
        return []
    lead = _LEAD.match(s.text, part[0] + 1)
    return [sp for sp in spans if _is_in(sp, part) and lead is not None and sp.start <= lead.end()][:1]


def _inherited(
    s: Sentence, n: Number, spans: Sequence[Span[T]], parts: Sequence[tuple[int, int]], own: int
) -> tuple[tuple[T, ...], bool]:
    """What the nearest part before says that names any; uncertain where it is of another number, and this one moves by itself."""
    for part in reversed(parts[:own]):
        found = [sp for sp in spans if _is_in(sp, part)]
        if found:
            first = next((m for m in s.numbers if _is_in(m, part) and m.unit == n.unit), None)
            is_opening = first is None or found[0].start < first.start
            values = (found[0] if is_opening else found[-1]).value
            return (values,), is_opening or not has_verb(s, parts[own])
    return (), True


def _shared_later(
    s: Sentence, n: Number, spans: Sequence[Span[T]], parts: Sequence[tuple[int, int]], own: int
) -> tuple[T, ...]:
    """What stands behind a number of the same unit in the next part, where that has another subject or no verb."""
    for part in parts[own + 1 :]:
        numbers = [m for m in s.numbers if _is_in(m, part) and m.unit == n.unit]
        if not _SHARES.match(s.text, part[0]) or not numbers:
            return ()
        has_subject = any(part[0] <= m.start < numbers[0].start for m in s.names)
        if has_verb(s, part) and not has_subject:
            return ()
        found = [sp.value for sp in spans if _is_in(sp, part) and sp.start >= numbers[0].end]
        if found:
            return (found[0],)
    return ()


def has_verb(s: Sentence, part: tuple[int, int]) -> bool:
    """The part says by itself which way something moved."""
    text = s.text[part[0] : part[1]]
    return bool(lexicon.UP.search(text) or lexicon.DOWN.search(text))


def names_subject(s: Sentence, n: Number) -> bool:
    """The number's own part names an entity before it."""
    start, _ = part_around(s, n.start)
    return any(start <= m.start < n.start for m in s.names)
