"""The period that a return in a sentence is of: the day, the week, the month, the quarter or the year so far."""

from __future__ import annotations

from reports.factcheck.articles import lexicon as words
from reports.factcheck.articles.numbers import Number
from reports.factcheck.articles.sentences import Sentence


def nearest_period(s: Sentence, n: Number) -> str:
    """The period whose words stand nearest before the number in the sentence, else behind it in its clause."""
    before = [(m.end(), name) for name, cue in words.PERIODS for m in cue.finditer(s.text, 0, n.start)]
    own = next((name for name, cue in words.PERIODS_BEHIND if cue.match(s.text, n.end)), "")
    if own:
        return own
    following = next((other.start for other in s.numbers if other.start >= n.end and other.unit == n.unit), None)
    tail = s.text[n.end : following].split("，")[0].split(",")[0]
    behind = [(m.start(), name) for name, cue in words.PERIODS for m in cue.finditer(tail)]
    near = [
        name
        for end, name in sorted(before)
        if not any(end < other.start < n.start and other.unit == n.unit for other in s.numbers)
    ]
    if near:
        return near[-1]
    if behind:
        return min(behind)[1]
    return max(before)[1] if before else ""


def last_period_named(s: Sentence) -> str:
    """The last period that a sentence names."""
    found = [(m.end(), name) for name, cue in words.PERIODS for m in cue.finditer(s.text)]
    return max(found)[1] if found else ""
