"""Companies by their names: "Nvidia rose 3 %", "shares of Apple fell"; only where one symbol bears the name, and it moves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reports.factcheck.articles.short_names import short_names
from reports.figures import entities
from reports.figures.question import Mention
from warehouse.symbols import canonical_symbol

# what is no share of a company
_NO_SHARE = re.compile(
    r"\b(warrants?|units?|rights?|preferred|notes?|debentures?|bonds?|preference|funds?|etf|etn|acquisition)\b|%",
    re.IGNORECASE,
)
_AT_END = re.compile(
    r"[\s,-]+((class|series) [a-z]\b.*|(common|capital|ordinary|subordinate|voting|registered|american depositary)\b"
    r".*\b(stock|shares?|units?|interests?)\b.*|adrs?|ads|inc|incorporated|corp|corporation|company|co|plc|ltd|limited|llc|l\.?p|n\.?v|s\.?a"
    r"|ag|se|& co|and company)\.?$",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"\s*\((the|[A-Z]{2})\)", re.IGNORECASE)
_SHORTER = re.compile(r"(\.com| Groups?| Holdings?| Companies)$", re.IGNORECASE)
# names that are words: of them "shares" must be said
_ORDINARY_WORDS = """
    alight allot amplitude arch aware axis ball bandwidth banner block box buckle bullish bumble cactus carnival
    chase citizens coherent compass crane crescent deluxe discover dole dover elastic encore equity escalade
    exponent first flex fluent ford fox frontline gap happen harmonic harrow immersion inter interface intrusion
    ladder lemonade liberty lineage match merlin mosaic noodles nova opera oracle orion people perfect phoenix pool
    popular progress prospect quantum range ready reliance root sea shell signet snail snap spire sprint square stem
    strategy stride strive target team toast trinity unity universal upstart vantage vertex victory visa waters
    workday
"""
# these are markets and places besides
_MARKET_WORDS = """
    america asia atlantic banks bitcoin bonds brazil california canada china coffee copper corn cotton crude
    dogecoin dollar eastern energy ether ethereum euro europe exports federal finance futures gas germany global
    gold health housing imports india inflation international japan jobs lithium markets mexico national news
    northern oil options pacific palladium platinum profits retail sales shares silver solana southern sterling
    stocks sugar technology texas treasuries tron uranium wages western wheat yen
"""
_ORDINARY = frozenset(_ORDINARY_WORDS.split())
_MARKETS = frozenset(_MARKET_WORDS.split())
_MOVE = (
    r"(?:rose|risen|gained|climbed|jumped|advanced|added|rallied|surged|soared|leaped|popped|fell|fallen|dropped|lost|declined|slid|slipped|sank"
    r"|shed|retreated|tumbled|plunged|slumped|dipped|eased|edged|inched|ticked|closed|ended|finished|settled|up|down|higher|lower)\b"
)
_MOVES = re.compile(rf"(?:,?\s+which)?,?\s+(?:(?:also|then|has|have|had|is|are|was|were|each|[a-z]+ly)\s+)*{_MOVE}")
_WORD = r"[A-Z0-9][\w.&'\u2019-]*"
_NAME = re.compile(rf"(?<![\w.&'\u2019$-]){_WORD}(?:\s+(?:{_WORD}|&|of|and|the|de))*")
_FORM = re.compile(r",?\s+(?:Inc|Incorporated|Corp|Corporation|Co|Company|PLC|plc|Ltd|N\.V|S\.A|SE)\b\.?")
_SHARES = re.compile(r"(?:['\u2019]s?)?\s+(?:stock|shares)\b")
_SHARES_AT_END = re.compile(r"\s(?:stock|shares)$")
_SHARES_OF = re.compile(r"\b(?:shares?|stock) (?:of|in) (?:the )?$", re.IGNORECASE)
# what may stand before the name of a company that is the subject
_BEFORE = re.compile(
    r"(?:^|[,;:(\u2013\u2014\"\u201c]|\b(?:as|while|and|but|with|after|because|when|where|though|although|whereas|meanwhile|elsewhere|maker"
    r"|[a-z]+maker|giant|retailer|company|lender|insurer|airline|drugmaker|carmaker|automaker|rival|peer))\s*(?:the )?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Companies:
    """The symbols of companies by their names in small letters; of a name that several bear there is none."""

    symbols: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_descriptions(cls, descriptions: Iterable[tuple[str, str]]) -> Companies:
        """The companies of (symbol, description) such as ("AAPL", "Apple Inc. Common Stock")."""
        bearers: dict[str, set[str]] = {}
        for symbol, description in descriptions:
            for name in _names_of_company(description):
                bearers.setdefault(name.casefold(), set()).add(symbol)
        alone = {name: next(iter(symbols)) for name, symbols in bearers.items() if len(symbols) == 1}
        alone |= short_names(alone, bearers)
        return cls({name: symbol for name, symbol in alone.items() if not entities.entities_named(name)})

    def find(self, text: str) -> list[Mention]:
        """The companies of which a text says that they moved, each as the stock; of others it tells something else."""
        found = []
        for match in _NAME.finditer(text) if self.symbols else ():
            one = self._company_at_end(text, match.start(), match.end())
            if one is not None:
                found.append(one)
        return found

    def _company_at_end(self, text: str, start: int, end: int) -> Mention | None:
        """The longest name that ends where words with capitals do, where it is the subject of a move."""
        words = [(m.start() + start, m[0]) for m in re.finditer(r"\S+", text[start:end])]
        for at, _ in words:
            for stop, has_form, has_shares in _ends_of_name(text, at, end):
                symbol = self.symbols.get(text[at:stop].casefold())
                if symbol is None or not _is_named_enough(
                    text[at:stop], has_form, has_shares or _is_of_shares(text, at)
                ):
                    continue
                tail = _end_of_subject(text, stop)
                if _MOVES.match(text, tail) and (_is_of_shares(text, at) or _BEFORE.search(text[:at])):
                    return Mention(at, tail, entities=(entities.stock_entity(canonical_symbol(symbol)),))
        return None


NO_COMPANIES = Companies()


def says_shares(text: str, mention: Mention) -> bool:
    """The text speaks of the shares of a company that it names, not only of the company."""
    return _SHARES_AT_END.search(text, mention.start, mention.end) is not None or _is_of_shares(text, mention.start)


def _ends_of_name(text: str, at: int, end: int) -> list[tuple[int, bool, bool]]:
    """Where the name from `at` may end: with its words, without an 's, or without its form; whether a form or shares follow."""
    ends = [end]
    if text[at:end].endswith(("'s", "\u2019s")):
        ends.append(end - 2)
    form = re.search(r"\s+(?:Inc|Corp|Co|Corporation|Company|Incorporated|PLC|Ltd)\.?$", text[at:end])
    if form:
        ends.append(at + form.start())
    return [
        (stop, (stop < end and bool(form)) or _FORM.match(text, stop) is not None, _says_shares(text, stop))
        for stop in ends
    ]


def _says_shares(text: str, stop: int) -> bool:
    form = _FORM.match(text, stop)
    return _SHARES.match(text, form.end() if form else stop) is not None


def _end_of_subject(text: str, stop: int) -> int:
    """Behind the form of the company and the word shares."""
    for cue in (_FORM, _SHARES):
        found = cue.match(text, stop)
        stop = found.end() if found else stop
    return stop


def _is_of_shares(text: str, at: int) -> bool:
    return _SHARES_OF.search(text, 0, at) is not None


def _is_named_enough(name: str, has_form: bool, says_shares: bool) -> bool:
    word = name.casefold()
    if word in _MARKETS:
        return has_form
    return has_form or says_shares or word not in _ORDINARY


def _names_of_company(description: str) -> Iterable[str]:
    """The names of a company by the description of its share: 'Apple', and 'Amazon' besides 'Amazon.com'."""
    if _NO_SHARE.search(description):
        return ()
    name, before = _IN_BRACKETS.sub("", description).strip(), ""
    while name != before:
        before = name
        name = _AT_END.sub("", name).strip(" ,.-&")
    shorter = _SHORTER.sub("", name)
    return {one for one in (name, shorter) if len(one) > 2}
