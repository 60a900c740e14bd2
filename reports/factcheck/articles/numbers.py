"""Numbers of a text with their units, as written: dates, years, reference marks and names that hold digits are none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

PCT, PP, POINTS, USD, TIMES, SESSIONS, STOCKS, BARE = "pct", "pp", "points", "usd", "count", "sessions", "stocks", ""

# a whole name or its abbreviation: "declined" is no December, "may" no May
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|(?-i:Mar(?:ch)?|May)|Apr(?:il)?|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_NOT_NUMBERS = re.compile(
    r"\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}([/.])\d{1,2}\1\d{4}|\bon the \d{1,2}(st|nd|rd|th)\b"
    r"|(?<!\d)\d{1,2}\s*月(?!\s*\d)|\d{4}\s*年(\s*\d{1,2}\s*月(\s*\d{1,2}\s*日)?)?|\d{1,2}\s*月\s*\d{1,2}\s*日"
    rf"|\b{MONTH}\s+\d{{1,2}}(st|nd|rd|th)?(,?\s+\d{{4}})?\b|\b\d{{1,2}}\s+{MONTH}(\s+\d{{4}}\b)?"
    r"|((?<=past )|(?<=last )|(?<=previous ))\d+ (trading )?(sessions|trading days)\b|(?<=[去近])\d+个?交易日"
    r"|\[\d+\]|\b(19|20)\d\d(?!\d|[.,]\d|\s*(%|points|点|亿|美元|billion))s?\b|\b\d+\s*-?\s*(day|week|month|quarter|year)\b|\d+\s*(日|周)(均线|线|新高|新低|高点|低点)|\d{1,2}:\d\d|\bQ[1-4]\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?P<sign>[+-])?\s?(?P<dollar>US\$|\$)?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)")
_UNITS: tuple[tuple[re.Pattern[str], str, int], ...] = (
    (
        re.compile(
            r"\s*(个百分点|percentage[- ]points?|pp\b|points? ahead|points? behind|points? more)", re.IGNORECASE
        ),
        PP,
        0,
    ),
    (re.compile(r"\s*(%|％|percent\b|per cent\b)", re.IGNORECASE), PCT, 0),
    (re.compile(r"\s*(万亿美元|trillion( dollars| USD)?|tn\b)", re.IGNORECASE), USD, 12),
    (re.compile(r"\s*(亿美元)"), USD, 8),
    # without a currency, where nothing else is counted
    (re.compile(r"\s*万亿(?=\s*([,，。;；、)）]|$))"), USD, 12),
    (re.compile(r"\s*亿(?=\s*([,，。;；、)）]|$))"), USD, 8),
    (re.compile(r"\s*(billion( dollars| USD)?|bn\b|B\b)", re.IGNORECASE), USD, 9),
    (re.compile(r"\s*(million( dollars| USD)?|mn\b)", re.IGNORECASE), USD, 6),
    (re.compile(r"\s*(万美元)"), USD, 4),
    (re.compile(r"\s*(美元|dollars?\b|USD\b)", re.IGNORECASE), USD, 0),
    (re.compile(r"\s*(个?交易日|sessions?\b|trading days?\b)", re.IGNORECASE), SESSIONS, 0),
    (
        re.compile(r"\s*(只(股票|个股)?|家(股票|公司)?|stocks?\b|issues?\b|advancers?\b|decliners?\b)", re.IGNORECASE),
        STOCKS,
        0,
    ),
    (re.compile(r"\s*(点(?!\d)|points?\b)", re.IGNORECASE), POINTS, 0),
    (re.compile(r"\s*(次|(other )?times\b|occasions\b)", re.IGNORECASE), TIMES, 0),
)
# Shares written in words: found, so that they are listed, but not read.
_WORDS = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|half|quarter|third|a|an|and|of"
    r"|tenths?|point|hundredths?)"
)
_IN_WORDS = re.compile(
    rf"\b(?!(?:a|an|and|of|point)\b){_WORDS}(?:[ -]{_WORDS})*[ -](?:percent|per cent|percentage points?)\b"
    r"|百分之[零〇一二两三四五六七八九十百点半]+|(?<=[涨跌升降约近逾过超达了])[一二两三四五六七八九半]成[一二三四五六七八九半]?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Number:
    """`value` is the plain number with its digits as written (34亿 is 3400000000), `text` the words of the article.

    A number in words has no value.
    """

    start: int
    end: int
    value: str
    unit: str
    is_signed: bool
    text: str


def find_numbers(text: str, taken: Sequence[tuple[int, int]]) -> list[Number]:
    """The numbers of `text` outside the spans `taken` by names, in order."""
    closed = [*taken, *((m.start(), m.end()) for m in _NOT_NUMBERS.finditer(text))]
    found = []
    for match in _NUMBER.finditer(text):
        start, end = match.start("digits"), match.end()
        if any(a < end and start < b for a, b in closed) or re.match(r"[A-Za-z_]", text[start - 1 : start]):
            continue
        unit, power, stop = _find_unit(text, end)
        if match["dollar"]:
            unit = USD
        value = match["digits"].replace(",", "")
        if power:
            value = format(Decimal(value).scaleb(power).to_integral_value(), "f")
        # a hyphen between two words or numbers is no sign
        is_signed = match["sign"] is not None and not re.match(r"[\w%]", text[match.start() - 1 : match.start()] or " ")
        sign = "-" if is_signed and match["sign"] == "-" else ""
        begin = match.start() if is_signed else match.start("dollar") if match["dollar"] else start
        found.append(Number(begin, stop, sign + value, unit, is_signed, text[begin:stop]))
    found += [Number(m.start(), m.end(), "", PCT, False, m[0]) for m in _IN_WORDS.finditer(text)]
    return sorted(found, key=lambda n: n.start)


def _find_unit(text: str, end: int) -> tuple[str, int, int]:
    for pattern, unit, power in _UNITS:
        match = pattern.match(text, end)
        if match:
            return unit, power, match.end()
    return BARE, 0, end
