"""How far an index stands from its highest or lowest close: "3 % below its record close", "up 12 % from its 52-week low"."""

from __future__ import annotations

import re

from reports.factcheck.articles import lexicon
from reports.factcheck.articles.bound import Bound
from reports.factcheck.articles.numbers import PCT, Number
from reports.factcheck.articles.sentences import Sentence
from reports.factcheck.articles.signs import signed_number
from reports.figures.entities import INDEX

_HIGH = (
    r"(?:record|all[- ]time)\s+(?P<record>closing\s+high|high|close|peak)(?:\s+close)?"
    r"|(?P<high>52[- ]week\s+(?:closing\s+)?high)"
)
_LOW = r"(?P<low>52[- ]week\s+(?:closing\s+)?low)"
_BEHIND = re.compile(
    r"\s*(?P<way>(?:below|under|off|from|away from|lower than|above|higher than)\s+)(?:its|the|their|an?)\s+"
    rf"(?:{_HIGH}|{_LOW})\b",
    re.IGNORECASE,
)
_ZH_BEFORE = re.compile(
    r"[较距离比](?:其)?(?:(?P<record>历史(?:收盘)?(?:新高|高点|最高)|纪录(?:收盘)?高[点位])|(?P<high>52周(?:收盘)?高点)|(?P<low>52周(?:收盘)?低点))"
    r"[^,，。;；\d]{0,6}$"
)
_NAMES = {"record": "from_record_close", "high": "from_high_52w", "low": "from_low_52w"}
METRICS = tuple(_NAMES.values())
_BELOW = ("below", "under", "off", "lower than")
_ABOVE = ("above", "higher than")


def extreme_of(s: Sentence, n: Number) -> tuple[str, int, int] | None:
    """The measure of a distance and where the words of it begin and end; None where the number is none, or on the wrong side."""
    if n.unit != PCT:
        return None
    found = _BEHIND.match(s.text, n.end)
    if found is not None:
        kind = next(name for name in _NAMES if found[name])
        wrong = _BELOW if kind == "low" else _ABOVE
        return None if found["way"].strip().casefold() in wrong else (_NAMES[kind], found.start(), found.end())
    found = _ZH_BEFORE.search(s.text, 0, n.start)
    return (_NAMES[next(name for name in _NAMES if found[name])], found.start(), found.end()) if found else None


def phrases_of_extremes(s: Sentence) -> list[tuple[int, int]]:
    """Where the words of such distances stand."""
    return [(found[1], found[2]) for n in s.numbers if (found := extreme_of(s, n))]


def bind_distance(s: Sentence, n: Number, _: object) -> Bound | None:
    """How far an index stands from its record close, or from its highest or lowest close of 52 weeks."""
    found, index = extreme_of(s, n), s.entity_of_mention(s.name_before(n), INDEX)
    if found is None or index is None:
        return None
    metric, is_down = found[0], signed_number(s, n).startswith("-")
    words_of_move = s.words_before_number(n)
    if is_down is metric.endswith("low_52w") and any(cue.search(words_of_move) for cue in (lexicon.UP, lexicon.DOWN)):
        return None
    return Bound("number", index.id, metric, n.value if metric.endswith("low_52w") else f"-{n.value}", "pct")
