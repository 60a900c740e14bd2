"""The day that a number of a sentence is of: a date or a weekday in its own part of the sentence, else in one before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from reports.factcheck.articles.numbers import MONTH

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_ZH_WEEKDAYS = "一二三四五六日"
_DAY = re.compile(
    r"(?P<iso>\d{4}-\d{1,2}-\d{1,2})"
    r"|(?<![\d./])(?P<first>\d{1,2})(?P<mark>[/.])(?P<second>\d{1,2})(?P=mark)(?P<year3>\d{4})(?!\d)"
    r"|(?:(?P<zh_year>\d{4})年)?(?P<zh_month>\d{1,2})月(?P<zh_day>\d{1,2})日"
    rf"|\b(?P<month>{MONTH})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>\d{{4}})\b)?"
    rf"|\b(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month2>{MONTH})(?:,?\s+(?P<year2>\d{{4}})\b)?"
    r"|(?<=\bon the )(?P<nth>\d{1,2})(?:st|nd|rd|th)\b"
    r"|\b(?P<weekday>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?-i:Mon|Tues?|Wed|Thu(?:rs?)?|Fri)\b\.?)(?:['\u2019]s\b)?"
    r"|(?:周|星期)(?P<zh_weekday>[一二三四五六日])(?!年)",
    re.IGNORECASE,
)
# between the two names of one day: "Wednesday, Nov. 18", "Nov. 18, a Wednesday", 11月18日(周三)
_SAME_DAY = re.compile(r"\s*,?\s*(?:\(|a\s+|the\s+)?", re.IGNORECASE)
# a day by which something else is placed: its own figure is another one
_OTHER_BEFORE = re.compile(r"(\b(before|after|by|since|from|between|following)\s+(the\s+)?|[自从由])$", re.IGNORECASE)
_EVENT_BEFORE = re.compile(r"\b(before|after|since|following|ahead of|until)\s+(the\s+)?$", re.IGNORECASE)
_EVENT_BEHIND = re.compile(r"\s+(?!session\b|close\b|trading\b)[a-z]", re.IGNORECASE)
_END_BEFORE = re.compile(r"(\b(until|till|through|to)\s+(the\s+)?|(?<!截)至|到)$", re.IGNORECASE)
# the close of a day is of that day: "by Friday's close"
_TO_CLOSE = re.compile(r"(\b(by|until|till|through)\s+(the\s+)?|[至到])$", re.IGNORECASE)
_CLOSE_BEHIND = re.compile(r"\s*(close\b|收盘)", re.IGNORECASE)
# a day whose figure follows: "after Thursday's 1.1 % drop"
_WITH_FIGURE = re.compile(r"(?<=['\u2019]s)\s+[+-]?\d[\d.]*\s?(%|percent\b|points?\b)", re.IGNORECASE)
_JOINED = re.compile(r"\s*(?:,?\s*\b(?:and|or|to|through)\b(?:\s+on)?|[&\u2013-]|[和与及至到、])\s*", re.IGNORECASE)
_OTHER_BEHIND = re.compile(r"\s*(之?前|之?后|以[前后来]|起|[至到]|当周|当月)")
_HALF_A_YEAR = timedelta(days=183)


@dataclass(frozen=True)
class Day:
    """A day as an article names it: month and day with or without a year (0), a day of the month alone (month 0), a weekday
    (0 is Monday, -1 none), or a date with its weekday.

    `is_unclear`: what the words name is no one day. `is_end`: it ends a stretch ("through Friday"). `may_be_session`: the words
    may leave the day out as well, so that it holds only where it is the article's own.
    """

    weekday: int = -1
    year: int = 0
    month: int = 0
    day: int = 0
    is_unclear: bool = False
    is_end: bool = False
    may_be_session: bool = False

    def date_for_session(self, session: date) -> date | None:
        """The day meant by an article of `session`: the last such day by then; None where that is later, none or unclear."""
        found = None if self.is_unclear else self._last_such_day(session)
        if found is None or found > session or (self.may_be_session and found != session):
            return None
        return found if self.weekday in (-1, found.weekday()) else None

    def _last_such_day(self, session: date) -> date | None:
        if not self.day:
            return session - timedelta(days=(session.weekday() - self.weekday) % 7)
        try:
            if not self.month:
                before = session.replace(day=1) - timedelta(days=1)
                return (session if self.day <= session.day else before).replace(day=self.day)
            found = date(self.year or session.year, self.month, self.day)
            is_past = not self.year and found - session > _HALF_A_YEAR
            return date(session.year - 1, self.month, self.day) if is_past else found
        except ValueError:
            # no day of the calendar
            return None


@dataclass(frozen=True)
class NamedDay:
    """A day in a text, from `start` to `end`."""

    start: int
    end: int
    day: Day


@lru_cache(maxsize=64)
def find_days(text: str) -> tuple[NamedDay, ...]:
    """The days that a text names, in its order; a date and its weekday are one. Days by which an event is named are none."""
    found: list[NamedDay] = []
    for match in _DAY.finditer(text):
        one = _parse_day_match(match)
        last = found[-1] if found else None
        if last is not None and _SAME_DAY.fullmatch(text, last.end, match.start()) and _fit(last.day, one):
            found[-1] = NamedDay(last.start, match.end(), _merge(last.day, one))
        else:
            found.append(NamedDay(match.start(), match.end(), one))
    several = {one for pair in pairwise(found) if _is_joined(text, *pair) for one in pair}
    return tuple(
        replace(one, day=Day(is_unclear=True)) if one in several else _in_its_words(text, one)
        for one in found
        if not _is_of_event(text, one)
    )


def _is_joined(text: str, first: NamedDay, second: NamedDay) -> bool:
    """A figure "on Monday and Tuesday" is of neither day alone."""
    is_whose = text[: second.end].endswith(("'s", "\u2019s"))
    return not is_whose and _JOINED.fullmatch(text, first.end, second.start) is not None


def one_day(days: Sequence[Day]) -> Day | None:
    """The one day that is meant where several names stand; an unclear one where they differ, None without any."""
    distinct = set(days)
    return None if not distinct else distinct.pop() if len(distinct) == 1 else Day(is_unclear=True)


def _in_its_words(text: str, one: NamedDay) -> NamedDay:
    before = text[max(0, one.start - 24) : one.start]
    if has_figure(text, one) or (_TO_CLOSE.search(before) and _CLOSE_BEHIND.match(text, one.end)):
        return one
    if _OTHER_BEFORE.search(before) or _OTHER_BEHIND.match(text, one.end):
        return replace(one, day=Day(is_unclear=True))
    return replace(one, day=replace(one.day, is_end=True)) if _END_BEFORE.search(before) else one


def has_figure(text: str, one: NamedDay) -> bool:
    """The figure of the day stands behind it, as in 'Thursday's 1.1 % drop'."""
    return _WITH_FIGURE.match(text, one.end) is not None


def _is_of_event(text: str, one: NamedDay) -> bool:
    """'before Wednesday's decision' names no day of the figure."""
    is_whose = text[: one.end].endswith(("'s", "\u2019s"))
    before = text[max(0, one.start - 24) : one.start]
    return is_whose and bool(_EVENT_BEFORE.search(before) and _EVENT_BEHIND.match(text, one.end))


def _fit(first: Day, second: Day) -> bool:
    """One is a weekday and the other a date."""
    return (first.weekday < 0) != (second.weekday < 0) and bool(first.day) != bool(second.day)


def _merge(first: Day, second: Day) -> Day:
    dated, weekday = (first, second) if first.day else (second, first)
    return replace(dated, weekday=weekday.weekday)


def _parse_day_match(match: re.Match[str]) -> Day:
    if match["weekday"]:
        return Day(weekday=_WEEKDAYS[match["weekday"].casefold()[:3]])
    if match["zh_weekday"]:
        return Day(weekday=_ZH_WEEKDAYS.index(match["zh_weekday"]))
    if match["iso"]:
        year, month, day = (int(part) for part in match["iso"].split("-"))
        return Day(year=year, month=month, day=day)
    if match["first"]:
        return _parse_day_in_figures(int(match["first"]), int(match["second"]), int(match["year3"]))
    if match["nth"]:
        return Day(day=int(match["nth"]))
    if match["zh_month"]:
        return Day(year=int(match["zh_year"] or 0), month=int(match["zh_month"]), day=int(match["zh_day"]))
    name = (match["month"] or match["month2"]).casefold()[:3]
    year, day = int(match["year"] or match["year2"] or 0), int(match["day"] or match["day2"])
    return Day(year=year, month=MONTHS.index(name) + 1, day=day)


def _parse_day_in_figures(first: int, second: int, year: int) -> Day:
    """Of 11/18/2026 and 18.11.2026 only one number can be the month; where both can, the day is unclear."""
    if first != second and max(first, second) <= 12:
        return Day(is_unclear=True)
    return Day(year=year, month=min(first, second), day=max(first, second))
