"""A month or a year by its name as the period to date of a return: "has fallen 1.2 % in November", "so far in 2026"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from reports.factcheck.articles.days import MONTHS
from reports.factcheck.articles.numbers import MONTH

_NAMED = rf"(?P<month>{MONTH})(?!\s+\d{{1,2}}\b)(?:,?\s+(?P<of_year>20\d\d))?(?![\d/])|(?P<year>20\d\d)(?![\d-]|[.,]\d)"
_ZH_NAMED = r"(?:(?P<zh_of_year>20\d\d)年)?(?P<zh_month>\d{1,2})月(?:份)?(?!\s*\d)|(?P<zh_year>20\d\d)年(?!\s*\d)"
_TO_DATE = re.compile(
    rf"\b(?P<so_far>so far\s+)?(?:in|for|this)\s+(?:{_NAMED})(?P<to_date>\s+(?:so far|to date)\b)?"
    rf"|(?<![自从由\d年])(?:{_ZH_NAMED})(?P<since>以来|至今|迄今)",
    re.IGNORECASE,
)
# "has fallen", "is down": up to the day of the article; "fell in November" may be of the whole month
_UP_TO_NOW = re.compile(
    r"\b(?:has|have|it['\u2019]s|is|are)\s+(?:now\s+)?(?:[a-z]+ly\s+)?(?:risen|fallen|gained|lost|climbed|dropped|declined|advanced|added|shed"
    r"|slid|slipped|sunk|jumped|rallied|returned|retreated|up|down|higher|lower)\b(?:(?!\b(?:and|but|while|as|after|before)\b)[^,;])*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Stretch:
    """The month, or the year where `month` is 0, that a period is to be of; `year` is 0 where only the month is named."""

    year: int
    month: int

    def holds(self, day: date) -> bool:
        """The day lies in it, so that a return of it to that day is one to date."""
        return self.month in (0, day.month) and self.year in (0, day.year)


@dataclass(frozen=True)
class NamedStretch:
    """A stretch in a text, from `start` to `end`, with the period that it is to date."""

    start: int
    end: int
    stretch: Stretch
    period: str


def find_stretches(text: str) -> tuple[NamedStretch, ...]:
    """The months and years to date that a text names, in its order; one of which the whole may be meant is none."""
    found = []
    for match in _TO_DATE.finditer(text):
        is_to_date = match["so_far"] or match["to_date"] or match["since"]
        if not is_to_date and not _UP_TO_NOW.search(text, 0, match.start()):
            continue
        year = int(match["year"] or match["of_year"] or match["zh_year"] or match["zh_of_year"] or 0)
        month = MONTHS.index(match["month"].casefold()[:3]) + 1 if match["month"] else int(match["zh_month"] or 0)
        found.append(NamedStretch(match.start(), match.end(), Stretch(year, month), "mtd" if month else "ytd"))
    return tuple(found)
