"""The day of an article: on a line of its own at its head, opening its text, or named as today. No other date is its day."""

from __future__ import annotations

import re
from datetime import date, timedelta

from reports.factcheck.articles.days import find_days
from reports.figures.question import extract_day, normalise_text
from warehouse.errors import UsageError

HEAD_LINES, _MOST_WORDS, _OPENING = 5, 8, 60
_TODAY = re.compile(r"\btoday is\b|\btoday,(?=\s*[A-Z\d])|今天是|今日是", re.IGNORECASE)
# before a date that is another one than the article's
_OTHER_BEFORE = re.compile(
    r"\b(since|from|until|till|before|after|by|in|between|founded|last|ago|as of)\b|[自从由至到]", re.IGNORECASE
)
_OTHER_BEHIND = re.compile(r"\s*(以来|之?前|之?后|起|至|到|-\s*\d|to\b|through\b)", re.IGNORECASE)
# the time of day beside a date
_TIME = re.compile(
    r"[,|]?\s*(?:\bat\s+)?(?<![\d.,])\d{1,2}(?::\d\d){1,2}(?:\s*[ap]\.?m\b\.?)?(?:\s*\(?\b(?:ET|EST|EDT|GMT|UTC|[CMP][SD]?T)\b\)?)?"
    r"|[,|]?\s*(?:\bat\s+)?(?<![\d.,])\d{1,2}\s*[ap]\.?m\b\.?(?:\s*\(?\b(?:ET|EST|EDT|GMT|UTC)\b\)?)?",
    re.IGNORECASE,
)
# a line other than the first opens with its day behind these alone: "NEW YORK, Jan. 23", "By A. Writer | Jan. 23"
_HEAD_BEFORE = re.compile(
    r"(?:(?-i:[A-Z][A-Z.]+(?:[ -][A-Z][A-Z.]+)*)\s*[,/(|-]*\s*(?:\(?(?:Reuters|AP|Wire|Xinhua)\)?\s*[-,|]*\s*)?"
    r"|(?:(?:first |last )?(?:published|updated|posted)|by\b[^.;!?\d]{1,40}[,|-])(?:\s+(?:on|at))?\s*:?\s*"
    r"|[\u4e00-\u9fff]{2,6}[,讯电:\s]*)?(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,?\s*)?",
    re.IGNORECASE,
)
_HEAD_BEHIND = re.compile(r"\s*(?:$|[(|\u2013\u2014/]|-(?!\s*\d)|[电讯])")

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
_PLACE = r"[A-Z][A-Z.'\u2019]+(?:[ /-]+[A-Z][A-Z.'\u2019]+)*(?:,\s*[A-Z][A-Za-z.]+)?"
_WRITTEN_DAY = (
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,?\s*)?"
    rf"(?:{_MONTH}\s+\d{{1,2}}|\d{{1,2}}\s+{_MONTH}|\d{{4}}-\d\d-\d\d)(?:st|nd|rd|th)?(?:,?\s*(?:19|20)\d\d)?"
)
_AGENCY = r"\((?:[A-Z][A-Za-z.&]*\s?){1,4}\)"
# "NEW YORK, Nov. 27, 2026 (Reuters) - " before the first words of a text; of a place alone it is no sign
_INLINE = re.compile(
    rf"\s*(?P<place>{_PLACE}[\s,/|]*)?(?P<agency>{_AGENCY}[\s,/|\u2013\u2014-]*)?\(?{_WRITTEN_DAY}\)?[\s,/|]*(?P<by>{_AGENCY}\s*)?"
    rf"[-\u2013\u2014|:]+\s+(?!{_MONTH}\s+\d)(?=[A-Z\"'\u201c])"
    r"|\s*[(\u3010]?[\u4e00-\u9fff]{0,10}(?:(?:19|20)\d\d年)?\d{1,2}月\d{1,2}日(?P<wire>电|讯|消息)[)\u3011]?[\s,:]*"
)


_DAY_ALONE = re.compile(rf"{_WRITTEN_DAY}|\d{{1,2}}月\d{{1,2}}日(?:\s*\(?(?:周|星期)[一二三四五六日]\)?)?")
# 2,026 points and 2026.5 are no years, nor is the Russell 2000
_YEAR = re.compile(
    r"(?<!Russell )(?<!罗素)(?<![\d.,$])((?:19|20)\d\d)(?!\d|[.,]\d|\s*(?:%|points?\b|点|stocks\b|指数))"
)
_HALF_A_YEAR = timedelta(days=183)


def dateline_of(line: str, is_first: bool) -> str:
    """The place, day and agency that a line opens with, which are no part of its first sentence; '' where it opens with none.

    A day alone is a dateline on the first line of a text; further down it is that of the sentence behind it.
    """
    found = _INLINE.match(line)
    if found is None or not (is_first or any(found.group("place", "agency", "by", "wire"))):
        return ""
    return found[0]


def session_of_article(article: str, named: date | None, last_session: date | None = None) -> date:
    """The session an article speaks of: the one named, else its dateline; one without a year is in the last half year by
    `last_session`, where nothing in the text speaks against it. Raises UsageError where there is none that is clear."""
    lines = [_TIME.sub("", line).strip() for line in normalise_text(article).split("\n") if line.strip()]
    found = named or _day_called_today(lines) or next(filter(None, map(_day_of_head, lines[:HEAD_LINES])), None)
    found = found or (_day_that_opens(lines[0]) if lines else None)
    found = found or next(filter(None, map(_day_of_dateline, lines[:HEAD_LINES])), None)
    found = found or (_day_of_last_months(lines, last_session) if last_session else None)
    if found is None:
        raise UsageError("the article has no dateline; say which session it speaks of with --session 2026-01-23")
    return found


def has_year(article: str) -> bool:
    """The article's own words say of which year it is."""
    try:
        session_of_article(article, None)
    except UsageError:
        return False
    return True


def _day_of_last_months(lines: list[str], last: date) -> date | None:
    """The day of a dateline without a year, in the half year before `last`; None where a year or weekday of the text differs."""
    heads = [
        line if _DAY_ALONE.fullmatch(line) else dateline_of(line, not at) for at, line in enumerate(lines[:HEAD_LINES])
    ]
    named = [one.day for head in heads for one in find_days(head) if one.day.month and one.day.day]
    if not named or named[0].year:
        return None
    found = named[0].date_for_session(last)
    if found is None or last - found > _HALF_A_YEAR:
        return None
    text = "\n".join(lines)
    years = {int(year) for year in _YEAR.findall(text)}
    weekdays = {one.day.weekday for one in find_days(text)} - {-1}
    is_of_other_year = bool(years) and max(years) != found.year
    return None if is_of_other_year or (weekdays and found.weekday() not in weekdays) else found


def _day_called_today(lines: list[str]) -> date | None:
    for line in lines:
        for match in _TODAY.finditer(line):
            day = _day_that_opens(line[match.end() :].strip(" ,:"), reach=16)
            if day is not None:
                return day
    return None


def _day_of_head(line: str) -> date | None:
    """The day of a line that has few words beside it and is no sentence."""
    day, rest = extract_day(line)
    is_sentence = re.search(r"[.!?;。!?]$", line) or re.search(r"\d", rest) or len(rest.split()) > _MOST_WORDS
    return None if day is None or is_sentence else _day_that_opens(line, reach=len(line))


def _day_of_dateline(line: str) -> date | None:
    """The day that a line opens with, behind a place, an author or the like, where a mark sets it off from the text."""
    day, rest = extract_day(line)
    before, behind = _around_day(line, rest)
    is_set_off = _HEAD_BEFORE.fullmatch(before) and _HEAD_BEHIND.match(behind)
    return day if day is not None and is_set_off else None


def _around_day(text: str, rest: str) -> tuple[str, str]:
    """What stands before the day and behind it: the first is what the text and the rest begin with alike."""
    at = next((i for i, (a, b) in enumerate(zip(text, rest, strict=False)) if a != b), min(len(text), len(rest)))
    return text[:at], rest[at:].lstrip()


def _day_that_opens(text: str, reach: int = _OPENING) -> date | None:
    """The day that stands near the begin of a text, unless the words beside it make it another one than the text's."""
    day, rest = extract_day(text)
    if day is None:
        return None
    before, behind = _around_day(text, rest)
    if len(before) > reach or _OTHER_BEFORE.search(before) or _OTHER_BEHIND.match(behind):
        return None
    return day
