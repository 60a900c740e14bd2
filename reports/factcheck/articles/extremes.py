"""How far an index stands from its highest or lowest close: "3 % below its record close", "up 12 % from its October low"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reports.factcheck.articles import lexicon
from reports.factcheck.articles.bound import Bound
from reports.factcheck.articles.days import MONTHS
from reports.factcheck.articles.numbers import MONTH, PCT, Number
from reports.factcheck.articles.sentences import Sentence
from reports.factcheck.articles.signs import signed_number
from reports.figures.entities import INDEX

_HIGH = (
    r"(?:record|all[- ]time)\s+(?P<record>closing\s+high|high|close|peak)(?:\s+close)?"
    r"|(?P<high>52[- ]week\s+(?:closing\s+)?high)"
)
_LOW = r"(?P<low>52[- ]week\s+(?:closing\s+)?low)"
_MONTH = (
    rf"(?P<month>{MONTH})(?:\s+(?P<year>20\d\d))?\s+(?:closing\s+)?"
    r"(?:(?P<month_high>high|peak)|(?P<month_low>low|trough|bottom))"
)
# what may follow: the day of the extreme, or another thought; "to its November low" ends a stretch
_TAIL = (
    r"(?=\s*(?:$|[,.;:)\u2013\u2014]|(?:and|but|while|as|after|despite|amid|thanks|on|set|reached|hit|made|in)\b"
    rf"|of\s+(?:{MONTH}|\d)))"
)
_BEHIND = re.compile(
    r"\s*(?P<way>(?:below|under|off|from|since|away from|lower than|above|higher than)\s+)(?:its|the|their|an?)\s+"
    rf"(?:{_HIGH}|{_LOW}|{_MONTH})\b{_TAIL}",
    re.IGNORECASE,
)
_ZH_BEFORE = re.compile(
    r"[较距离比自从](?:其)?(?:(?P<record>历史(?:收盘)?(?:新高|高点|最高)|纪录(?:收盘)?高[点位])|(?P<high>52周(?:收盘)?高点)|(?P<low>52周(?:收盘)?低点)"
    r"|(?:(?P<year>20\d\d)年)?(?P<month>\d{1,2})月(?:收盘)?(?:(?P<month_high>高[点位]|最高[点位])|(?P<month_low>低[点位]|最低[点位])))"
    r"(?!盘中)[^,，。;；\d至到]{0,6}$"
)
_NAMES = {
    "record": "from_record_close",
    "high": "from_high_52w",
    "low": "from_low_52w",
    "month_high": "from_high_month",
    "month_low": "from_low_month",
}
METRICS = tuple(_NAMES.values())
_BELOW = ("below", "under", "off", "lower than")
_ABOVE = ("above", "higher than")


# what happened may have happened before: "fell 4 % from its October peak" and came back; "has fallen" has not
_HAPPENED = re.compile(
    r"\b(fell|rose|dropped|declined|slid|sank|slipped|tumbled|plunged|retreated|lost|gained|climbed|jumped|advanced|rallied|surged)\b",
    re.IGNORECASE,
)
_BY_NOW = re.compile(r"\b(has|have|having|is|are|it['\u2019]s|now)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Extreme:
    """What a distance is of: its measure, the month of it as "Oct" or "Oct 2022" where it has one, which way the words say that
    it goes (1 above, -1 below, 0 unsaid), and where they begin and end."""

    metric: str
    month: str
    side: int
    start: int
    end: int


def extreme_of(s: Sentence, n: Number) -> Extreme | None:
    """The extreme that a distance is of; None where the number is none, or on the wrong side."""
    if n.unit != PCT:
        return None
    found = _BEHIND.match(s.text, n.end) or _ZH_BEFORE.search(s.text, 0, n.start)
    if found is None:
        return None
    kind = next(name for name in _NAMES if found[name])
    way = (found.groupdict().get("way") or "").strip().casefold()
    side = -1 if way in _BELOW else 1 if way in _ABOVE else 0
    # no close is above the record, and none below the low of all of the days
    if not found["month"] and side == (-1 if kind == "low" else 1):
        return None
    return Extreme(_NAMES[kind], _month_of(found), side, found.start(), found.end())


def _month_of(found: re.Match[str]) -> str:
    if not found["month"]:
        return ""
    name = found["month"]
    if name.isdigit():
        name = MONTHS[int(name) - 1] if 1 <= int(name) <= 12 else ""
    return f"{name[:3].title()} {found['year'] or ''}".strip()


def phrases_of_extremes(s: Sentence) -> list[tuple[int, int]]:
    """Where the words of such distances stand."""
    return [(found.start, found.end) for n in s.numbers if (found := extreme_of(s, n))]


def bind_distance(s: Sentence, n: Number, _: object) -> Bound | None:
    """How far an index stands from its record close, or from its highest or lowest close of 52 weeks or of a month."""
    found, index = extreme_of(s, n), s.entity_of_mention(s.name_before(n), INDEX)
    if found is None or index is None:
        return None
    words_of_move = s.words_before_number(n)
    if found.month and _HAPPENED.search(words_of_move) and not _BY_NOW.search(words_of_move):
        return None
    usual = 1 if "_low_" in found.metric else -1
    says_way = any(cue.search(words_of_move) for cue in (lexicon.UP, lexicon.DOWN))
    said = (-1 if signed_number(s, n).startswith("-") else 1) if says_way else 0
    if {said, found.side} >= {1, -1} or (not found.month and said == -usual):
        return None
    is_below = (said or found.side or usual) < 0
    value = f"-{n.value}" if is_below else n.value
    return Bound("number", index.id, found.metric, value.replace("--", "-"), "pct", other=found.month)
