"""An article as a claims file: its figures with what they are of, and those that could not be placed."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.factcheck.articles.bindings import Bound, Context, bind, period_of
from reports.factcheck.articles.sentences import Sentence, sentences
from reports.factcheck.claims import COLUMNS
from reports.figures.question import day_of, plain
from warehouse.errors import UsageError

_SHOWN = 160


@dataclass(frozen=True)
class Found:
    """One figure of an article; `bound` is None where the words do not say what it is."""

    sentence: str
    text: str
    bound: Bound | None


def find_claims(article: str) -> list[Found]:
    """The figures of an article in its order. What is said twice stands once."""
    found: list[Found] = []
    seen: set[tuple[str, ...]] = set()
    context, paragraph = Context(), -1
    for number, sentence in sentences(article):
        if number != paragraph:
            context, paragraph = Context(), number
        for one in _of_sentence(sentence, context):
            key = _key(one)
            if key not in seen:
                seen.add(key)
                found.append(one)
        context.period = period_of(sentence) or context.period
    return found


def _of_sentence(sentence: Sentence, context: Context) -> list[Found]:
    found = []
    for number in sentence.numbers:
        bound = bind(sentence, number, context)
        if bound is None or bound.metric:
            found.append(Found(sentence.text, number.text, bound))
    return found


def _key(one: Found) -> tuple[str, ...]:
    if one.bound is None:
        return ("", one.text)
    b = one.bound
    return (b.kind, b.entity, b.metric, b.value, b.other)


def session_of(article: str, named: date | None) -> date:
    """The session an article speaks of: the one named, else the first day in its text. Raises UsageError where there is none."""
    found = named or day_of(plain(article))[0]
    if found is None:
        raise UsageError("the article names no day; say which session it speaks of with --session 2026-01-23")
    return found


def as_claims_file(found: Sequence[Found], session: date) -> str:
    """The claims file as CSV. A figure that could not be placed has kind `unplaced` and no metric: a person fills it in."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for number, one in enumerate(found, 1):
        b = one.bound
        row = {"claim_id": f"a{number:02d}", "statement": one.sentence[:_SHOWN], "session_date": session.isoformat()}
        if b is None:
            writer.writerow({**row, "kind": "unplaced", "note": f"what is {one.text!r}?"})
        else:
            day = (b.session or session).isoformat()
            of = {"kind": b.kind, "entity": b.entity, "metric": b.metric, "value": b.value, "unit": b.unit}
            writer.writerow({**row, **of, "session_date": day, "other_entity": b.other, "note": b.note})
    return out.getvalue()
