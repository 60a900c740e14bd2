"""The period that a return in a sentence is of, and its day: what its own part of the sentence says, else what it inherits."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from reports.factcheck.articles import lexicon as words
from reports.factcheck.articles.bound import Bound, Context
from reports.factcheck.articles.days import Day, find_days, one_day
from reports.factcheck.articles.extremes import Extreme, extreme_of
from reports.factcheck.articles.numbers import Number
from reports.factcheck.articles.parts import Span, names_subject, read_spans
from reports.factcheck.articles.sentences import Sentence
from reports.factcheck.articles.stretches import Stretch, find_stretches

UNCLEAR = "unclear"
# "has gained 8 %" is a move over the period that the clause before names
_TO_DATE = re.compile(r"\b(has|have|is|are|now|remains?|stands?)\b|以来|迄今|累计|年内|月内", re.IGNORECASE)
_ON = re.compile(r"\s*(?:on\s+)?", re.IGNORECASE)
_PERFECT = re.compile(r"\b(has|have)\b", re.IGNORECASE)


def find_period(s: Sentence, n: Number) -> str:
    """The period whose words stand behind the number in its own part, else before it there, else one that it inherits.

    '' where the sentence names none, UNCLEAR where the one that it names may be of another number.
    """
    own = next((name for name, cue in words.PERIODS_BEHIND if cue.match(s.text, n.end)), "")
    if own:
        return own
    found = read_spans(s, n, find_periods(s))
    if found.behind or found.before:
        return found.behind[0] if found.behind else found.before[-1]
    if found.inherited:
        is_day_of_another = found.inherited[0] == "1d" and names_subject(s, n)
        is_perfect = found.inherited[0] != "1d" and _PERFECT.search(s.words_before_number(n)) is not None
        return found.inherited[0] if found.is_certain or is_day_of_another or is_perfect else UNCLEAR
    return UNCLEAR if found.later and found.later[0] != "1d" else ""


def is_to_date(text: str) -> bool:
    """Whether the verb tells what has come about by now, as "is up" and "has gained" do; "fell" tells what happened."""
    return _TO_DATE.search(text) is not None


def takes_period_of_context(s: Sentence, n: Number, bound: Bound, context: Context) -> bool:
    """Whether the period of a return is that of a sentence before."""
    is_of_context = context.period not in ("", "1d") and bound.metric.endswith(f"_{context.period}")
    return is_of_context and not find_period(s, n)


def last_period_named(s: Sentence) -> str:
    """The last period that a sentence names."""
    found = find_periods(s)
    return max((one.end, one.value) for one in found)[1] if found else ""


@lru_cache(maxsize=64)
def find_periods(s: Sentence) -> tuple[Span[str], ...]:
    """The words of periods in a sentence, in order."""
    found = {(m.start(), m.end()): name for name, cue in words.PERIODS for m in cue.finditer(s.text)}
    found |= {(one.start, one.end): one.period for one in find_stretches(s.text)}
    # "with earnings for the year due" names none
    for name, cue in words.PERIODS_BEHIND:
        for m in cue.finditer(s.text):
            if not s.text[: m.start()].strip(" ,") or s.text[: m.start()].endswith(",") or _ends_number(s, m.start()):
                found[m.start(), m.end()] = name
    return tuple(Span(start, end, name) for (start, end), name in sorted(found.items()))


def _ends_number(s: Sentence, at: int) -> bool:
    return any(n.end == at for n in s.numbers)


def stretch_named(s: Sentence) -> Stretch | None:
    """The month or the year by its name that a return of the sentence is of; the last where there are several."""
    found = find_stretches(s.text)
    return found[-1].stretch if found else None


def day_named(s: Sentence, n: Number) -> Day | None:
    """The day of a number: named in its own part, else inherited; the session alone where it may be another number's."""
    days = [Span(one.start, one.end, one.day) for one in find_days(s.text)]
    if (extreme := extreme_of(s, n)) is not None:
        days = [one for day in days for one in _day_of_distance(s, extreme, day)]
    found = read_spans(s, n, days)
    if found.behind or found.before:
        return one_day((*found.behind, *found.before))
    shared = found.inherited or found.later
    is_sure = found.inherited and found.is_certain
    return (shared[0] if is_sure else replace(shared[0], may_be_session=True)) if shared else None


def _day_of_distance(s: Sentence, extreme: Extreme, day: Span[Day]) -> list[Span[Day]]:
    """A day behind an extreme is of the extreme ("below its record close, set on Oct. 19"); one right behind it may be either."""
    if day.start < extreme.start:
        return [day]
    if _ON.fullmatch(s.text, extreme.end, day.start) is None:
        return []
    return [replace(day, value=replace(day.value, may_be_session=True))]


def last_day_named(s: Sentence) -> Day | None:
    """The last day that a sentence names."""
    found = find_days(s.text)
    return found[-1].day if found else None
