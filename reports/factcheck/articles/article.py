"""An article as a claims file: its figures with what they are of, and those that could not be placed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from reports.factcheck.articles.bindings import bind_number
from reports.factcheck.articles.bound import Bound, Context
from reports.factcheck.articles.companies import NO_COMPANIES, Companies
from reports.factcheck.articles.days import Day
from reports.factcheck.articles.doubts import is_in_doubt, names_another_time
from reports.factcheck.articles.extremes import phrases_of_extremes
from reports.factcheck.articles.layout import split_article
from reports.factcheck.articles.lexicon import CLOSES, UNCOUNTED
from reports.factcheck.articles.numbers import Number
from reports.factcheck.articles.pairs import is_unpaired
from reports.factcheck.articles.periods import (
    day_named,
    find_periods,
    is_to_date,
    last_day_named,
    last_period_named,
    stretch_named,
    takes_period_of_context,
)
from reports.factcheck.articles.runs import METRIC as RUN
from reports.factcheck.articles.runs import bind_run, runs_in
from reports.factcheck.articles.sectors import METRICS as OF_SECTORS
from reports.factcheck.articles.sectors import counts_of_sectors
from reports.factcheck.articles.sentences import Sentence, is_stock
from reports.factcheck.articles.stretches import Stretch
from reports.factcheck.articles.subjects import is_of_its_subject
from reports.factcheck.claims import COLUMNS
from reports.factcheck.directions import signed_value

UNPLACED = "unplaced"
_SHOWN = 160
# a line of more numbers is a strip of prices or a block without its marks, not a sentence
_MOST_NUMBERS = 60
_OF_ONE_DAY = ("return_1d", "change_points", "spread_1d", RUN, *OF_SECTORS)


@dataclass(frozen=True)
class Found:
    """One figure of an article; `bound` is None where the words do not say what it is."""

    sentence: str
    text: str
    bound: Bound | None
    day: Day | None = None
    stretch: Stretch | None = None

    def session_for(self, session: date) -> date | None:
        """The session that the figure is of in an article of `session`; None where the words name none that is clear."""
        if self.bound is None or self.bound.session is not None:
            return None if self.bound is None else self.bound.session
        found = self.day.date_for_session(session) if self.day else session
        return found if found is None or self.stretch is None or self.stretch.holds(found) else None


def find_claims(article: str, companies: Companies = NO_COMPANIES) -> list[Found]:
    """The figures of an article in its order, stocks by the names of `companies` too. What is said twice stands once."""
    found: list[Found] = []
    seen: set[tuple[tuple[str, ...], Day | None]] = set()
    context, paragraph = Context(), -1
    for number, scope, sentence in split_article(article, companies):
        if number != paragraph:
            context, paragraph = Context(scope.period, scope.day, scope.is_other_time), number
        for one in _claims_of_sentence(sentence, context):
            key = _claim_key(one)
            # a repeat may leave the day out, but not name another
            if (key, one.day) not in seen and not (one.day is None and any(key == k for k, _ in seen)):
                seen.add((key, one.day))
                found.append(one)
        _carry_context(sentence, context)
    return found


def _carry_context(sentence: Sentence, context: Context) -> None:
    """What the sentences behind this one, in its paragraph, inherit: its period, its day, or that it spoke of another time."""
    period = last_period_named(sentence)
    if period or names_another_time(sentence):
        context.period, context.is_other_time = period, not period
        context.stretch = stretch_named(sentence)
        context.is_to_date = is_to_date(sentence.text)
    context.day = last_day_named(sentence) or context.day


def _claims_of_sentence(sentence: Sentence, context: Context) -> list[Found]:
    if len(sentence.numbers) > _MOST_NUMBERS:
        return [Found(sentence.full_text or sentence.text, number.text, None) for number in sentence.numbers]
    found = []
    phrases = [*runs_in(sentence), *counts_of_sectors(sentence)]
    numbers = [*(n for n in sentence.numbers if not _is_within(n.start, phrases)), *phrases]
    for number in sorted(numbers, key=lambda n: n.start):
        bound = _bind(sentence, number, context)
        if bound is None or bound.metric:
            if bound is not None and _is_doubtful(sentence, number, bound, context):
                bound = None
            bound = _with_name_of_company(sentence, bound)
            day = day_named(sentence, number) or context.day
            if bound is not None and day is not None and day.is_end and bound.metric in _OF_ONE_DAY:
                bound = None
            found.append(
                Found(
                    sentence.full_text or sentence.text,
                    number.text,
                    bound,
                    day if bound and bound.kind == "number" else None,
                    _stretch_of(sentence, bound, context),
                )
            )
    if sentence.names or sentence.measures:
        found += [
            Found(sentence.full_text or sentence.text, m[0].strip(), None)
            for m in UNCOUNTED.finditer(sentence.text)
            if not any(start <= m.start() < end for start, end in phrases_of_extremes(sentence))
            and not any(n.start < m.end() and m.start() < n.end for n in phrases)
        ]
    return found


def _bind(sentence: Sentence, number: Number, context: Context) -> Bound | None:
    if number in runs_in(sentence):
        return bind_run(sentence, number)
    if (count := counts_of_sectors(sentence).get(number)) is not None:
        periods = {one.value for one in find_periods(sentence)} or {context.period}
        return None if periods - {"", "1d"} else count
    return bind_number(sentence, number, context) if number.value else None


def _is_within(at: int, spans: Sequence[Number]) -> bool:
    return any(one.start <= at < one.end for one in spans)


def _with_name_of_company(sentence: Sentence, bound: Bound | None) -> Bound | None:
    """The claim with a note where the article names a company, and the symbol was found by that name."""
    if bound is None or bound.kind != "number":
        return bound
    named = [m for m in sentence.names if is_stock(m) and m.entities[0].name == bound.entity]
    if not named or any(sentence.text[m.start] in "(（" for m in named):
        return bound
    return replace(bound, note=f"{sentence.text[named[0].start : named[0].end]}: {bound.entity} by its name")


def _stretch_of(sentence: Sentence, bound: Bound | None, context: Context) -> Stretch | None:
    """The month or the year by its name that a return to date is of."""
    if bound is None or bound.metric not in ("return_mtd", "return_ytd"):
        return None
    found = stretch_named(sentence) or context.stretch
    is_of_month = bound.metric == "return_mtd"
    return found if found is not None and bool(found.month) is is_of_month else None


def _is_doubtful(sentence: Sentence, number: Number, bound: Bound, context: Context) -> bool:
    if is_unpaired(sentence, number) or is_in_doubt(sentence, number, bound.kind, bound.metric):
        return True
    if bound.kind == "number" and not is_of_its_subject(sentence, number, bound.metric):
        return True
    words = sentence.words_before_number(number)
    if context.is_to_date and not is_to_date(words) and takes_period_of_context(sentence, number, bound, context):
        return True
    is_of_day = bound.metric in _OF_ONE_DAY
    names_time = last_period_named(sentence) or last_day_named(sentence) or CLOSES.search(sentence.text)
    return context.is_other_time and is_of_day and not names_time


def _claim_key(one: Found) -> tuple[str, ...]:
    if one.bound is None:
        return ("", one.text)
    b = one.bound
    return (b.kind, b.entity, b.metric, b.value, b.other)


def to_claims_csv(found: Sequence[Found], session: date, note: str = "") -> str:
    """The claims file as CSV, with the rows of `claim_rows`; `note` stands in each placed one that has none of its own."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in claim_rows(found, session):
        is_free = row["kind"] == "number" and not row["note"]
        writer.writerow({**row, "note": note} if is_free else row)
    return out.getvalue()


def claim_rows(found: Sequence[Found], session: date) -> Iterator[dict[str, str]]:
    """The rows of the claims file. A figure that could not be placed, or whose day is unclear, has kind UNPLACED and no metric:
    a person fills it in."""
    for number, one in enumerate(found, 1):
        b = one.bound
        row = {"claim_id": f"a{number:02d}", "statement": one.sentence[:_SHOWN], "session_date": session.isoformat()}
        day = one.session_for(session)
        if b is None or day is None:
            yield {**row, "kind": UNPLACED, "note": f"what is {one.text!r}?"}
        else:
            value = _final_value(b, row["statement"])
            of = {"kind": b.kind, "entity": b.entity, "metric": b.metric, "value": value, "unit": b.unit}
            yield {**row, **of, "session_date": day.isoformat(), "other_entity": b.other, "note": b.note}


def _final_value(b: Bound, statement: str) -> str:
    """The value with the sign found here: a plus where a reader of the statement alone might take it for a fall."""
    is_clear = signed_value(statement, b.value, b.metric, b.entity, b.other) == b.value
    return b.value if is_clear else f"+{b.value}"
