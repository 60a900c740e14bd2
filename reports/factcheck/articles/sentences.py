"""A sentence taken apart: what it names, where, and the words around a number by which it is understood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.factcheck.articles import lexicon
from reports.factcheck.articles.companies import NO_COMPANIES, Companies, says_shares
from reports.factcheck.articles.numbers import Number, find_numbers
from reports.figures import entities
from reports.figures.entities import STOCK, Entity
from reports.figures.question import Mention, find_mentions, normalise_text
from warehouse.symbols import canonical_symbol

# the point of a month's short name ends no sentence
_NO_END = "".join(
    rf"(?<!\b{m}\.)" for m in ["Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec"]
)
_ENDS = re.compile(rf"(?<=[。!?；;])|(?<=[.!?;]){_NO_END}(?=\s+[A-Z0-9\"'(\u4e00-\u9fff])")
_CLAUSE = re.compile(r",(?!\d)|[，;；、]|\bwhile\b|\bwhereas\b|而")


@dataclass(frozen=True, eq=False)
class Sentence:
    """`text` with its names and numbers in order; `full_text` is the article's own sentence where `text` is a part of it.

    It equals itself alone, so that what is found in it can be kept by it.
    """

    text: str
    names: tuple[Mention, ...]
    measures: tuple[Mention, ...]
    numbers: tuple[Number, ...]
    full_text: str = ""
    companies: Companies = NO_COMPANIES

    def clause_around(self, at: int) -> str:
        """The part of the sentence between the commas around `at`."""
        begin = max((m.end() for m in _CLAUSE.finditer(self.text, 0, at)), default=0)
        end = next((m.start() for m in _CLAUSE.finditer(self.text, at)), len(self.text))
        return self.text[begin:end]

    def name_before(self, number: Number) -> Mention | None:
        """The last name before a number."""
        return next((m for m in reversed(self.names) if m.end <= number.start), None)

    def name_after(self, number: Number) -> Mention | None:
        """The first name behind a number, in the same clause."""
        found = next((m for m in self.names if m.start >= number.end), None)
        return found if found is not None and not _CLAUSE.search(self.text, number.end, found.start) else None

    def words_before_number(self, number: Number) -> str:
        """The words between the name or number before a number and the number itself."""
        ends = [m.end for m in self.names if m.end <= number.start] + [
            n.end for n in self.numbers if n.end <= number.start
        ]
        return self.text[max(ends, default=0) : number.start]

    def entity_of_mention(self, mention: Mention | None, *kinds: str) -> Entity | None:
        """What a name means, where it can be of one of `kinds`."""
        if mention is None:
            return None
        return next((e for kind in kinds for e in mention.entities if e.kind == kind), None)


def split_sentences(text: str, companies: Companies = NO_COMPANIES) -> Iterator[tuple[int, Sentence]]:
    """The sentences of a text with the number of their paragraph; full-width signs read as ordinary ones."""
    for number, paragraph in enumerate(re.split(r"\n\s*\n|\n", normalise_text(text))):
        for piece in _ENDS.split(paragraph):
            if piece.strip():
                yield number, parse_sentence(piece.strip(), companies)


def parse_sentence(text: str, companies: Companies = NO_COMPANIES) -> Sentence:
    """A text as one sentence, its signs as ordinary ones; `companies` are known by name."""
    tickers = [
        Mention(m.start(), m.end(), entities=(entities.stock_entity(canonical_symbol(m[1])),))
        for m in lexicon.TICKER.finditer(text)
    ]
    firms = [(m.start(), m.end()) for m in lexicon.FIRM.finditer(text)]
    found = find_mentions(text)
    named = [m for m in companies.find(text) if not _overlaps(m, tickers)]
    # a research house rates others, but its shares are its own
    houses = [Mention(a, b) for a, b in firms]
    named = [m for m in named if not _overlaps(m, houses) or says_shares(text, m)]
    names = [m for m in found if m.entities and not _overlaps(m, [*tickers, *named])]
    names = sorted([*names, *tickers, *named], key=lambda m: m.start)
    measures = [m for m in found if m.measures and not _overlaps(m, named)]
    taken = [*((m.start, m.end) for m in names), *((m.start, m.end) for m in measures), *firms]
    return Sentence(text, tuple(names), tuple(measures), tuple(find_numbers(text, taken)), companies=companies)


def _overlaps(one: Mention, others: Sequence[Mention]) -> bool:
    return any(other.start < one.end and one.start < other.end for other in others)


def is_stock(mention: Mention | None) -> bool:
    return mention is not None and any(e.kind == STOCK for e in mention.entities)
