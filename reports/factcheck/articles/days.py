"""The day that a number of a sentence is of: a weekday or a date beside it, else the last one that the sentence names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from reports.factcheck.articles.numbers import MONTH, Number
from reports.factcheck.articles.sentences import Sentence

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = re.compile(
    r"(?P<iso>\d{4}-\d{1,2}-\d{1,2})"
    r"|(?:(?P<zh_year>\d{4})年)?(?P<zh_month>\d{1,2})月(?P<zh_day>\d{1,2})日"
    rf"|\b(?P<month>{MONTH})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>\d{{4}}))?"
    rf"|\b(?P<day2>\d{{1,2}})\s+(?P<month2>{MONTH})(?:\s+(?P<year2>\d{{4}})\b)?"
    r"|\b(?P<weekday>Mon|Tues|Wednes|Thurs|Fri)day(?:'s)?\b|周(?P<zh_weekday>[一二三四五])(?!年)|星期(?P<zh_long>[一二三四五])",
    re.IGNORECASE,
)
_CUT = re.compile(r",(?!\s*\d{4}\b)|[;、]|\band\b|\bbut\b|\bwhile\b|而|，|；", re.IGNORECASE)
_HALF_A_YEAR = timedelta(days=183)
_WEEKDAYS = {"mon": 0, "tues": 1, "wednes": 2, "thurs": 3, "fri": 4, "一": 0, "二": 1, "三": 2, "四": 3, "五": 4}


@dataclass(frozen=True)
class Day:
    """A day as an article names it: a weekday (0 is Monday), or month and day with or without a year (0)."""

    weekday: int = -1
    year: int = 0
    month: int = 0
    day: int = 0

    def date_for_session(self, session: date) -> date | None:
        """The day meant by an article of `session`: the last such weekday or date by then; None for a later day or none."""
        if self.weekday >= 0:
            return session - timedelta(days=(session.weekday() - self.weekday) % 7)
        try:
            found = date(self.year or session.year, self.month, self.day)
            if not self.year and found - session > _HALF_A_YEAR:
                found = date(session.year - 1, self.month, self.day)
        except ValueError:
            # no day of the calendar
            return None
        return found if found <= session else None


def day_named(s: Sentence, n: Number) -> Day | None:
    """The day behind the number, before the next number or clause; else the last one before it in the sentence."""
    cut = _CUT.search(s.text, n.end)
    behind = _DAY.search(s.text, n.end, cut.start() if cut else len(s.text))
    if behind is not None and not any(
        n.end <= other.start < behind.start() for other in s.numbers if other.unit == n.unit
    ):
        return _parse_day_match(behind)
    before = list(_DAY.finditer(s.text, 0, n.start))
    return _parse_day_match(before[-1]) if before else None


def last_day_named(s: Sentence) -> Day | None:
    """The last day that a sentence names."""
    found = list(_DAY.finditer(s.text))
    return _parse_day_match(found[-1]) if found else None


def _parse_day_match(match: re.Match[str]) -> Day:
    word = match["weekday"] or match["zh_weekday"] or match["zh_long"]
    if word:
        return Day(weekday=_WEEKDAYS[word.casefold()])
    if match["iso"]:
        year, month, day = (int(part) for part in match["iso"].split("-"))
        return Day(year=year, month=month, day=day)
    if match["zh_month"]:
        return Day(year=int(match["zh_year"] or 0), month=int(match["zh_month"]), day=int(match["zh_day"]))
    name = (match["month"] or match["month2"]).casefold()[:3]
    year, day = int(match["year"] or match["year2"] or 0), int(match["day"] or match["day2"])
    return Day(year=year, month=_MONTHS.index(name) + 1, day=day)
