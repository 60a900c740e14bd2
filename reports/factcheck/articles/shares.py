"""Whether a percentage is a share of stocks: 'of members trade above their 200-day average', not an index above its own."""

from __future__ import annotations

import re

from reports.factcheck.articles.numbers import Number
from reports.factcheck.articles.parts import part_around
from reports.factcheck.articles.sentences import Sentence
from reports.figures.question import Mention

_OF = re.compile(r"\s*(of\b|的)", re.IGNORECASE)
_STOCKS = re.compile(r"\b(their|share|percentage|proportion|breadth)\b|比例|占比|比重|成分股|个股|股票", re.IGNORECASE)
# as in: among S&P 500 stocks, 62 % were
_SET_OF_STOCKS = re.compile(r"\b(stocks|members|companies|issues|constituents)\b|成分股", re.IGNORECASE)


def is_share_of_stocks(s: Sentence, n: Number, measure: Mention) -> bool:
    """The name before the number is a set of stocks, or the words behind it, of its part and of the measure count stocks."""
    start, end = part_around(s, n.start)
    own = f"{s.text[start:end]} {s.text[measure.start : measure.end]}"
    name = s.name_before(n)
    of_stocks = name is not None and _SET_OF_STOCKS.search(s.text, name.start, n.start) is not None
    return of_stocks or _OF.match(s.text, n.end) is not None or _STOCKS.search(own) is not None
