"""Runs of sessions in one direction: "fell for a fifth straight session", "has risen five days in a row"; of indices alone."""

from __future__ import annotations

import re
from functools import lru_cache

from reports.factcheck.articles import lexicon
from reports.factcheck.articles.bound import Bound
from reports.factcheck.articles.numbers import SESSIONS, Number
from reports.factcheck.articles.sentences import Sentence
from reports.figures.entities import INDEX

METRIC = "run_sessions"
_CARDINALS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ORDINALS = (
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
)
_ZH_DIGITS = "一二三四五六七八九十"
_ZH_COUNT = rf"(?P<count>\d{{1,2}}|[{_ZH_DIGITS}两])"
_DAYS = r"(?:trading\s+)?(?:sessions?|days?)"
_ROW = r"(?:straight|consecutive)"
_COUNT = rf"(?P<count>\d{{1,2}}|{'|'.join(_CARDINALS)})"
_NTH = rf"(?:an?|its|the)\s+(?P<nth>\d{{1,2}}(?:st|nd|rd|th)|{'|'.join(_ORDINALS)})[- ]{_ROW}"
_FALL = r"(?:fell|fallen|dropped|declined|slid|slipped|sank|retreated|lost\s+ground|(?:closed|ended|finished)\s+(?:lower|down))"
_RISE = r"(?:rose|risen|gained|climbed|advanced|(?:closed|ended|finished)\s+(?:higher|up))"
_VERB = rf"\b(?:(?P<down>{_FALL})|(?P<up>{_RISE}))"
# the day of the article ends such a run; what goes on may tell of another
_END = r"(?=\s*(?:$|[,.;:)]|(?:as|amid|while|and|but)\b|(?:on\s+)?(?:Mon|Tues|Wednes|Thurs|Fri)day\b))"
_AT_END = r"(?=\s*(?:$|[.;)]|,\s*(?:the|its|a)\s|(?:as|amid)\b))"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_VERB}\s+for\s+{_NTH}\s+{_DAYS}{_END}",
        rf"{_VERB}\s+(?:for\s+)?{_COUNT}\s+(?:{_ROW}\s+{_DAYS}|{_DAYS}\s+in\s+a\s+row){_AT_END}",
        rf"\b(?:posted|notched|logged|recorded|registered|booked|suffered)\s+{_NTH}\s+"
        rf"(?:daily\s+(?:(?P<down>loss|decline|drop)|(?P<up>gain|rise|advance))"
        rf"|(?:day|session)\s+of\s+(?:(?P<losses>losses|declines)|gains)){_END}",
        rf"\bextend(?:ed|s|ing)\s+(?:its|the|a)\s+(?:(?P<down>losing)|(?P<up>winning))\s+(?:streak|run)\s+to\s+{_COUNT}\s+{_DAYS}{_AT_END}",
        rf"连续?(?:(?P<up>涨)|(?P<down>跌)){_ZH_COUNT}(?:个?交易日|日|天)(?=\s*(?:$|[,。;、]))",
        rf"连续第?{_ZH_COUNT}(?:个?交易日|日|天)(?:收盘)?(?:(?P<up>上涨|收涨|收高|走高)|(?P<down>下跌|收跌|收低|走低))(?=\s*(?:$|[,。;、]))",
    )
)  # fmt: skip
_BREAK = re.compile(r"[,;]|\b(and|but|while|as|after|before|had)\b|曾|此前|之前", re.IGNORECASE)


@lru_cache(maxsize=64)
def runs_in(s: Sentence) -> tuple[Number, ...]:
    """The words of each run as a number of sessions, a falling run negative; its text is the words."""
    found = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(s.text):
            groups = match.groupdict()
            is_fall = bool(groups["down"] or groups.get("losses"))
            size = _size_of(groups.get("count") or groups.get("nth") or "")
            value = f"-{size}" if is_fall else str(size)
            at = next((match.start(name) for name in ("count", "nth") if groups.get(name)), match.start())
            text = s.text[at if match[0].isascii() else match.start() : match.end()]
            found.append(Number(match.start(), match.end(), value, SESSIONS, True, text))
    return tuple(sorted(found, key=lambda n: n.start))


def bind_run(s: Sentence, run: Number) -> Bound | None:
    """The run of an index whose name stands before the words, with none of another thing or another number between."""
    name = s.name_before(run)
    index = s.entity_of_mention(name, INDEX)
    if name is None or index is None or _BREAK.search(s.text, name.end, run.start) or not int(run.value):
        return None
    others = [n for n in s.numbers if not run.start <= n.start < run.end]
    # a bound or a denial beside the same number elsewhere would be taken for the run's
    if any(name.end <= n.start < run.start or n.value.lstrip("-") == run.value.lstrip("-") for n in others):
        return None
    if lexicon.FORECAST.search(s.text, name.end, run.start):
        return None
    return Bound("number", index.id, METRIC, run.value, SESSIONS)


def _size_of(words: str) -> int:
    plain = words.casefold()
    if digits := re.match(r"\d+", plain):
        return int(digits[0])
    if plain in _CARDINALS:
        return _CARDINALS.index(plain) + 1
    if plain in _ORDINALS:
        return _ORDINALS.index(plain) + 2
    return 2 if plain == "两" else _ZH_DIGITS.find(plain) + 1
