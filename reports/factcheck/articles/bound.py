"""What a number of a sentence is found to claim, and what the sentences before it have said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reports.factcheck.articles.days import Day
from reports.factcheck.articles.stretches import Stretch


@dataclass(frozen=True)
class Bound:
    """A claim without its id: what the number is of, and what it is."""

    kind: str
    entity: str
    metric: str
    value: str
    unit: str
    other: str = ""
    session: date | None = None
    note: str = ""


@dataclass
class Context:
    """What the sentences before have said, within a paragraph: the period of returns, the day, another time than these."""

    period: str = ""
    day: Day | None = None
    is_other_time: bool = False
    stretch: Stretch | None = None
    # by "is up 19 % this year", "has gained": "fell 0.9 %" behind it may be of the day
    is_to_date: bool = False
