"""Sectors counted by which way they went: "seven of the 11 sectors rose", "all 11 sector funds closed lower"."""

from __future__ import annotations

import re
from functools import lru_cache

from reports.factcheck.articles.bound import Bound
from reports.factcheck.articles.numbers import BARE, Number
from reports.factcheck.articles.sentences import Sentence
from reports.factcheck.derived import SECTOR_FUNDS, SECTORS

METRICS = ("sectors_up", "sectors_down")
_ALL = 11
_CARDINALS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")
_SIZE = rf"(?:\d{{1,2}}|{'|'.join(_CARDINALS)})"
_WHOSE = r"(?:(?:the|its)\s+)?(?:S&P(?:\s*500)?(?:['\u2019]s)?(?:\s+index)?(?:['\u2019]s)?\s+)?"
_WHAT = (
    r"(?:(?:major|main|industry|GICS|S&P(?:\s*500)?)\s+)*"
    r"(?:(?P<funds>sector\s+(?:SPDR\s+)?(?:funds|ETFs|SPDRs)|Select\s+Sector\s+SPDRs?(?:\s+(?:funds|ETFs))?|sector\s+fund)"
    r"|sectors?|(?:industry|sector)\s+groups?)"
)
_UP = r"(?:rose|advanced|gained|climbed|(?:closed|ended|finished)\s+(?:higher|up|in\s+positive\s+territory|in\s+the\s+green))"
_DOWN = (
    r"(?:fell|declined|dropped|retreated|lost\s+ground"
    r"|(?:closed|ended|finished)\s+(?:lower|down|in\s+negative\s+territory|in\s+the\s+red))"
)
_END = r"(?=\s*(?:$|[.,;:)]|\b(?:as|with|while|and|but|led\s+by|amid)\b|(?:on\s+)?(?:Mon|Tues|Wednes|Thurs|Fri)day\b))"
_COUNT = re.compile(
    rf"(?:(?P<all_but>\ball\s+(?:{_SIZE}\s+)?but\s+(?P<but>{_SIZE})\s+of\s+)|(?P<all>\ball\s+(?:of\s+)?(?:the\s+)?(?:11|eleven)\s+(?:of\s+)?)"
    rf"|(?P<none>\b(?:none\s+of|no)\s+(?:the\s+)?(?:{_SIZE}\s+)?)|\b(?P<size>{_SIZE})\s+(?:(?:out\s+)?of\s+)?(?:(?:the\s+|its\s+)?(?:11|eleven)\s+)?)"
    rf"{_WHOSE}(?:(?:11|eleven)\s+)?{_WHAT}\s+(?:(?P<up>{_UP})|(?P<down>{_DOWN})){_END}",
    re.IGNORECASE,
)
_ZH_SIZE = r"\d{1,2}|[一二三四五六七八九十两]|十一"
_ZH_COUNT = re.compile(
    rf"(?:11|十一)[个大](?:板块|行业)(?P<funds>基金)?(?:中)?[,，]?\s*(?:有|仅有?|只有)?(?:(?P<all>全部|全线|均|悉数)|(?P<size>{_ZH_SIZE})[个只]?)"
    r"(?:收盘)?(?:(?P<up>上涨|收涨|收高|走高)|(?P<down>下跌|收跌|收低|走低))(?=\s*(?:$|[,，。;；、]))"
)
# a bound, or the whole of which another word says how many
_NOT_BEHIND = re.compile(
    r"(?:\b(?:at least|at most|more than|fewer than|less than|about|nearly|almost|roughly|up to|over|under|not|of|the|its|among"
    r"|all but)"
    r"|['\u2019]s|至少|超过|近|约)\s*$",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)
def counts_of_sectors(s: Sentence) -> dict[Number, Bound]:
    """Each count of sectors as a number that spans its words, with what it claims."""
    found = {}
    for match in (*_COUNT.finditer(s.text), *_ZH_COUNT.finditer(s.text)):
        size = _size_of(match)
        others = [n for n in s.numbers if not match.start() <= n.start < match.end()]
        # a bound or a denial beside the same number elsewhere would be taken for the count's
        if size is None or _NOT_BEHIND.search(s.text, 0, match.start()) or any(n.value == str(size) for n in others):
            continue
        number = Number(match.start(), match.end(), str(size), BARE, False, match[0].strip())
        entity = SECTOR_FUNDS if match["funds"] else SECTORS
        found[number] = Bound("number", entity, METRICS[0 if match["up"] else 1], str(size), "count")
    return found


def _size_of(match: re.Match[str]) -> int | None:
    groups = match.groupdict()
    if groups["all"]:
        return _ALL
    if groups.get("none"):
        return 0
    but, size = groups.get("but"), groups["size"]
    value = _parse_size(but or size or "")
    return None if value is None or value > _ALL else _ALL - value if but else value


def _parse_size(words: str) -> int | None:
    plain = words.casefold()
    if plain.isdecimal():
        return int(plain)
    if plain in _CARDINALS:
        return _CARDINALS.index(plain) + 1
    chinese = {"两": 2, "十一": 11, **{one: at + 1 for at, one in enumerate("一二三四五六七八九十")}}
    return chinese.get(plain)
