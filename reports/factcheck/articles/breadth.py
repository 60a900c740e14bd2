"""Rising and falling stocks in words: "advancers led decliners 317 to 180", "317 stocks rose and 180 fell", "by 3 to 1"."""

from __future__ import annotations

import re
from functools import lru_cache

from reports.factcheck.articles.bound import Bound, Context
from reports.factcheck.articles.numbers import BARE, STOCKS, Number
from reports.factcheck.articles.periods import find_periods
from reports.factcheck.articles.sentences import Sentence
from reports.factcheck.breadth import RATIOS, UNNAMED
from reports.figures.entities import MARKET, UNIVERSE

_THINGS = r"(?:stocks|shares|issues|names|members|companies|constituents|components|ones)"
_RISERS = rf"(?:advancers|gainers|risers|winners|(?:advancing|rising|gaining|winning) {_THINGS})"
_FALLERS = rf"(?:decliners|losers|fallers|laggards|(?:declining|falling|losing) {_THINGS})"
_MORE = r"(?:led|leading|beat|beating|outnumber(?:ed|ing|s)?|outpac(?:ed|ing)|topped|exceeded|swamped|dominated|were ahead of)"
_FEWER = r"(?:trailed|trailing|lagged|were outnumbered by)"
_SMALL = r"\d[\d,]*(?:\.\d+)?"
_SET = rf"(?:\s+(?:on|in|of|among|across|within)\s+[^,;\d]*?(?:(?:S&P|Russell)\s+\d+)?(?:\s+{_THINGS})?)?"
_PAIR = re.compile(
    rf"\b(?:(?P<up>{_RISERS})|(?P<down>{_FALLERS})){_SET}\s+(?:(?P<more>{_MORE})|{_FEWER})\s+(?:the\s+)?(?:{_RISERS}|{_FALLERS})"
    rf"{_SET},?\s*(?P<by>\bby\s+)?(?:an?\s+)?(?:(?:about|nearly|roughly|more than|almost|over)\s+)?(?:an?\s+)?"
    rf"(?P<first>{_SMALL})\s*(?:-?to-?|:|-|\u2013|versus|vs\.?)\s*(?P<second>{_SMALL})(?P<ratio>[ -](?:ratio|margin))?",
    re.IGNORECASE,
)
_END = r"(?=\s*(?:$|[,.;:]|(?:but|while|versus|vs|against|as|on|in(?! excess)|compared|for the day)\b"
_END += r"|and (?:(?:about|only|just|some|the) )?(?:\d|other)))"
_UP_VERB = r"(?:rose|rising|advanced|advancing|gained|gaining|climbed|climbing|were up|(?:closed|ended|finished) (?:higher|up))"
_DOWN_VERB = (
    r"(?:fell|falling|declined|declining|dropped|dropping|lost ground|losing|were down"
    r"|(?:closed|ended|finished) (?:lower|down))"
)
_FLAT_VERB = r"(?:(?:were|was|ended|closed|finished) (?:unchanged|flat)|unchanged)"
# behind the number and, where it has no unit, what is counted
_VERB = re.compile(
    rf"\s*(?P<things>{_THINGS}\b)?(?P<where>\s*(?:of|in|on|from|among)\s+the\s+)?\s*(?P<also>{_THINGS}\b)?\s*"
    rf"(?:(?P<up>{_UP_VERB})|(?P<down>{_DOWN_VERB})|(?P<flat>{_FLAT_VERB})){_END}",
    re.IGNORECASE,
)
_OTHER_SETS = re.compile(
    r"\b(NYSE|New York Stock Exchange|Big Board|Amex|Arca|exchanges?|Nasdaq|Dow|ETFs?|funds?|bonds?|options?|sectors?"
    r"|industr(?:y|ies)|groups?|markets (?:in|of)|Europe\w*|Asia\w*|Toronto|TSX|London|Tokyo)\b"
    r"|纽交所|纽约证券交易所|交易所|纳斯达克|沪|深|港|A股|板块|行业|基金",
    re.IGNORECASE,
)
_ZH_MOVES = "(?:(?P<up>上涨|走高|收涨)|(?P<down>下跌|走低|收跌)|(?P<flat>平盘|持平))"
_ZH_BEFORE = re.compile(rf"{_ZH_MOVES}的?(?:股票|个股|公司|家数)?数?[有为达共]?\s*$")
_ZH_BEHIND = re.compile(rf"\s*(?:股票|个股)?\s*(?:收盘)?{_ZH_MOVES}(?=\s*(?:$|[,，。;；、]))")
_MEASURES = {"up": "advances", "down": "declines", "flat": "unchanged"}


def bind_breadth(s: Sentence, n: Number, context: Context) -> Bound | None:
    """The count of rising or falling stocks that a number is, or their ratio; without a metric for the 1 of "3 to 1"."""
    metric = counts_in_words(s).get(n.start)
    universe = _universe_of(s)
    periods = {one.value for one in find_periods(s)} or {context.period}
    if metric is None or universe is None or periods - {"", "1d"}:
        return None
    unit = "" if not metric else "ratio" if metric in RATIOS else "stocks"
    return Bound("number", universe, metric, n.value, unit)


@lru_cache(maxsize=64)
def counts_in_words(s: Sentence) -> dict[int, str]:
    """The measure of each number that counts rising or falling stocks in the words known here, by where it begins."""
    found: dict[int, str] = {}
    for match in _PAIR.finditer(s.text):
        found |= _counts_of_pair(match)
    has_stocks = any(UNIVERSE in {e.kind for e in m.entities} for m in s.names)
    for n in s.numbers:
        if n.unit in (BARE, STOCKS) and n.start not in found and n.value.isdigit():
            metric, says_stocks = _metric_by_verb(s, n)
            # "180 fell" counts stocks where the number before did
            if metric and (says_stocks or has_stocks or found):
                found[n.start] = metric
    return found


def _counts_of_pair(match: re.Match[str]) -> dict[int, str]:
    """The two numbers behind 'led' or 'trailed'; none where they say the other than the verb."""
    first, second = (float(match[name].replace(",", "")) for name in ("first", "second"))
    lead, other = ("advances", "declines") if match["up"] else ("declines", "advances")
    if (first > second) is not bool(match["more"]):
        return {}
    if second == 1 or match["ratio"] or "." in f"{match['first']}{match['second']}":
        ratio = next(name for name, pair in RATIOS.items() if pair == (lead, other))
        return {match.start("first"): ratio, match.start("second"): ""} if second == 1 else {}
    return {} if match["by"] else {match.start("first"): lead, match.start("second"): other}


def _metric_by_verb(s: Sentence, n: Number) -> tuple[str, bool]:
    """The measure by the verb beside a count, '' without, and whether stocks are said to be counted."""
    rest = _without_names(s)
    english = _VERB.match(rest, n.end)
    found = english or _ZH_BEHIND.match(rest, n.end) or _ZH_BEFORE.search(rest, 0, n.start)
    if found is None:
        return "", False
    kind = next(name for name in _MEASURES if found[name])
    says_stocks = english is not None and bool(english["things"] or english["also"])
    return _MEASURES[kind], n.unit == STOCKS or says_stocks


def _without_names(s: Sentence) -> str:
    """The text with blanks for names of sets of stocks, of which "stocks" stays."""
    text = list(s.text)
    for m in s.names:
        if any(e.kind == UNIVERSE for e in m.entities):
            end = m.end - 6 if s.text[m.start : m.end].casefold().endswith("stocks") else m.end
            text[m.start : end] = " " * (end - m.start)
    return "".join(text)


def _universe_of(s: Sentence) -> str | None:
    """The set of stocks that a sentence names, UNNAMED where it names none; None where it names another one than is known."""
    sets = {next((e.id for e in m.entities if e.kind == UNIVERSE), "") for m in s.names if not _is_market(m.entities)}
    if len(sets) > 1 or "" in sets:
        return None
    if _OTHER_SETS.search(_without_names(s)):
        return None
    return sets.pop() if sets else UNNAMED


def _is_market(named: tuple[object, ...]) -> bool:
    return all(getattr(e, "kind", "") == MARKET for e in named)
