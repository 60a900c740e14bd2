"""A question in words, "RUT ytd 2026-01-23" or "罗素2000年初至今", taken apart into entity, measure and session."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches

from reports.figures import entities, measures
from reports.figures.entities import INDEX, PAIR, Entity
from reports.figures.measure import Measure
from reports.figures.measures import MEASURES
from warehouse.errors import UsageError
from warehouse.symbols import canonical_symbol

# words that carry no meaning of their own in a question
_FILLERS = frozenset(
    [
        *(
            "of",
            "the",
            "for",
            "on",
            "at",
            "in",
            "as",
            "what",
            "was",
            "is",
            "were",
            "how",
            "much",
            "many",
            "s",
            "a",
            "an",
        ),
        *("and", "by", "minus", "vs", "versus", "against", "over", "less", "to", "than", "return", "index", "sector"),
        *("value", "did", "do", "it"),
        *("的", "是", "多少", "在", "指数", "板块", "为", "于", "日", "相对", "对", "与", "和", "减", "比"),
    ]
)
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_CHINESE_DAY = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日?")
_ENGLISH_DAY = re.compile(r"\b([A-Z][a-z]{2,8})\.? (\d{1,2}),? (\d{4})\b|\b(\d{1,2}) ([A-Z][a-z]{2,8})\.? (\d{4})\b")
# stock:A, as an answer names it: also for symbols that are words, and for those of an index
_STOCK = re.compile(r"\bstock:([A-Za-z0-9./^-]+)", re.IGNORECASE)
# of two indices: their difference, not each for itself
_AND = re.compile(r"\band\b|和|与|、|,", re.IGNORECASE)
_DIFFERENCE = re.compile(
    r"\b(minus|vs|versus|against|less|over|than|to|relative|spread|outperformance\w*|spread_\w+)\b|相对|对|减|比|差|跑赢|跑输",
    re.IGNORECASE,
)
_EXAMPLES = ("all", "sp500", "cap:small", "SPX", "sector:Energy", "fund:XLE")
_TICKER = re.compile(r"\$?([A-Z][A-Z0-9]{0,5}(?:[./^-][A-Z]{1,2})?)(?![A-Za-z0-9])")
# characters: each word that is not known is held against all names
_LONGEST = 1_000
_WORD = re.compile(r"[A-Za-z0-9&/%.'-]+|[^\W\d_a-zA-Z]+|\S")


@dataclass(frozen=True)
class Question:
    """What is asked; `session` None: the newest one."""

    entity: Entity
    measure: Measure
    session: date | None


@dataclass(frozen=True)
class Mention:
    """A name found in a text, from `start` to `end`, with all that it may mean."""

    start: int
    end: int
    entities: tuple[Entity, ...] = ()
    measures: tuple[Measure, ...] = ()


def normalise_text(text: str) -> str:
    """Full-width letters and signs as ordinary ones, and one kind of blank; as long as the text where that is possible."""
    return unicodedata.normalize("NFKC", text).replace("\u2212", "-")


def extract_day(text: str) -> tuple[date | None, str]:
    """The first day that a text names, and the text without it. Raises UsageError for a day that there is not."""
    for pattern in (_ISO, _CHINESE_DAY, _ENGLISH_DAY):
        match = pattern.search(text)
        if match is None:
            continue
        try:
            day = (
                _parse_english_day(match) if pattern is _ENGLISH_DAY else date(*(int(part) for part in match.groups()))
            )
        except ValueError:
            if pattern is _ENGLISH_DAY:
                continue
            raise UsageError(f"{match[0]} is not a day of the calendar") from None
        return day, f"{text[: match.start()]} {text[match.end() :]}"
    return None, text


def _parse_english_day(match: re.Match[str]) -> date:
    month, day, year = (match[1], match[2], match[3]) if match[1] else (match[5], match[4], match[6])
    for form in ("%b", "%B"):
        try:
            return datetime.strptime(f"{month} {day} {year}", f"{form} %d %Y").date()
        except ValueError:
            continue
    raise ValueError(match[0])


def _names_pattern(names: Sequence[str]) -> re.Pattern[str]:
    """All names, the longest first; a name of letters does not begin or end within a word."""
    parts = []
    for name in sorted(names, key=lambda n: (-len(n), n)):
        before = r"(?<![A-Za-z0-9])" if re.match(r"[A-Za-z0-9]", name) else ""
        after = r"(?![A-Za-z0-9])" if re.search(r"[A-Za-z0-9]$", name) else ""
        parts.append(f"{before}{re.escape(name)}{after}")
    return re.compile("|".join(parts), re.IGNORECASE)


_ENTITY = _names_pattern(tuple(entities.NAMES))
_MEASURE = _names_pattern(tuple(measures.NAMES))


def find_mentions(text: str) -> list[Mention]:
    """Entities and measures that a text names, in its order; where two overlap the longer one counts."""
    found = [
        *(Mention(m.start(), m.end(), entities=entities.NAMES[m[0].casefold()]) for m in _ENTITY.finditer(text)),
        *(Mention(m.start(), m.end(), measures=measures.NAMES[m[0].casefold()]) for m in _MEASURE.finditer(text)),
    ]
    kept: list[Mention] = []
    for one in sorted(found, key=lambda m: (m.start - m.end, m.start)):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda m: m.start)


def parse_question(text: str) -> Question:
    """The question of `text`. Raises UsageError that names what is not understood, with near misses; nothing is guessed."""
    if len(text) > _LONGEST:
        raise UsageError(f"the question has {len(text):,} characters; ask one figure, in at most {_LONGEST:,}")
    day, rest = extract_day(normalise_text(text))
    stocks = [(_stock_entity(name),) for name in _STOCK.findall(rest)]
    rest = _STOCK.sub(" ", rest)
    found = find_mentions(rest)
    named = [*stocks, *(m.entities for m in found if m.entities)]
    asked = [m.measures for m in found if m.measures]
    unknown = []
    for word in _words_outside_mentions(rest, found):
        ticker = _TICKER.fullmatch(word)
        if word.casefold() in _FILLERS or not re.search(r"\w", word):
            continue
        if ticker:
            named.append((_stock_entity(ticker[1]),))
        else:
            unknown.append(word)
    if unknown:
        raise UsageError(f"not understood: {', '.join(unknown)}{_near_misses(unknown, is_whose=bool(named))}")
    if not asked:
        raise UsageError(f"{text!r} names no measure; ask for one of {', '.join(sorted(MEASURES))}")
    if not named:
        if not any(m.place_of(entities.THE_MARKET) for options in asked for m in options):
            raise UsageError(f"{text!r} does not say of whom; ask it of {_examples_of(asked)}")
        return Question(entities.THE_MARKET, _choose_measure(asked, (entities.THE_MARKET,), text), day)
    return _choose_question(named, asked, day, text)


def parse_entity_and_measure(entity: str, measure: str) -> tuple[Entity, Measure]:
    """What `entity` (RUT, RUT-SPX, sector:Energy, stock:ALL) and `measure` (return_ytd) name.

    Raises UsageError as `parse_question` does.
    """
    meant = measures.NAMES.get(" ".join(measure.split()).casefold(), ())
    options = entities.entities_named(entity)
    # ALL is a symbol besides a set of stocks, which has no close
    if not any(m.place_of(e) for e in options for m in meant) and _TICKER.fullmatch(entity.strip()):
        options = (_stock_entity(entity),)
    if not options or not meant:
        asked = parse_question(f"{entity} {measure}")
        return asked.entity, asked.measure
    chosen = _choose_measure([meant], options, f"{entity} {measure}")
    return _choose_entity(options, chosen), chosen


def _stock_entity(symbol: str) -> Entity:
    try:
        return entities.stock_entity(canonical_symbol(symbol))
    except ValueError as error:
        raise UsageError(str(error)) from error


def _choose_question(
    named: Sequence[tuple[Entity, ...]], asked: Sequence[tuple[Measure, ...]], day: date | None, text: str
) -> Question:
    """The entity and the measure that fit each other; two indices are a pair."""
    indices = [e for options in named for e in options if e.kind == INDEX]
    if len(named) == 2 and len(indices) == 2:
        if _AND.search(text) and not _DIFFERENCE.search(text):
            raise UsageError(f"{text!r} names two indices; ask for one, or for one minus the other")
        wanted = [m for options in asked for m in options]
        _choose_measure(asked, (*indices, entities.pair_entity(*indices)), text)
        spreads = [MEASURES[name] for m in wanted if (name := m.id.replace("return_", "spread_")) in MEASURES]
        of_pairs = [m for m in spreads if PAIR in m.places]
        periods = {m.id for m in of_pairs}
        chosen = MEASURES["spread_1d"] if "spread_1d" in periods else of_pairs[0] if of_pairs else None
        if chosen is None:
            raise UsageError(f"{text!r}: of two indices there are spread_1d, spread_ytd and outperformance_streak")
        return Question(entities.pair_entity(*indices), chosen, day)
    if len(named) > 1:
        names = ", ".join("/".join(e.id for e in options) for options in named)
        raise UsageError(f"{text!r} names several: {names}; ask for one, or for two indices")
    measure = _choose_measure(asked, named[0], text)
    return Question(_choose_entity(named[0], measure), measure, day)


def _choose_entity(options: Sequence[Entity], measure: Measure) -> Entity:
    """The one that has the measure; where a band of market cap has it, too, the band: small caps are asked for like mid caps."""
    fitting = [e for e in options if measure.place_of(e)]
    return next((e for e in fitting if e.id.startswith("cap:")), fitting[0])


def _choose_measure(asked: Sequence[tuple[Measure, ...]], of: Sequence[Entity], text: str) -> Measure:
    """The only measure that one of the entities `of` has."""
    fitting = {m.id: m for options in asked for m in options if any(m.place_of(e) for e in of)}
    if len(fitting) == 1:
        return next(iter(fitting.values()))
    if not fitting:
        there = ", ".join(sorted({name for e in of for name in measures.measures_of(e)}))
        raise UsageError(f"{text!r}: that measure is none of {'/'.join(e.id for e in of)}; it has {there}")
    raise UsageError(f"{text!r} names several measures: {', '.join(fitting)}; ask for one")


def _examples_of(asked: Sequence[tuple[Measure, ...]]) -> str:
    """Entities that have a measure, one or two of each kind."""
    known = (*(entities.ENTITIES[name] for name in _EXAMPLES), entities.stock_entity("AAPL"))
    found = [e.id for e in known if any(m.place_of(e) for options in asked for m in options)]
    found += ["RUT-SPX"] if any(PAIR in m.places for options in asked for m in options) else []
    return f"{', '.join(found)} or another"


def _words_outside_mentions(text: str, found: Sequence[Mention]) -> list[str]:
    pieces, at = [], 0
    for mention in found:
        pieces.append(text[at : mention.start])
        at = mention.end
    pieces.append(text[at:])
    return [word.strip(".,;:?!'\"，。？") for piece in pieces for word in _WORD.findall(piece)]


def _near_misses(unknown: Sequence[str], *, is_whose: bool) -> str:
    """Names near the unknown words; a symbol in small letters is near the symbol where nothing says whose is asked."""
    names = [*entities.NAMES, *measures.NAMES]
    close = [near for word in unknown for near in get_close_matches(word.casefold(), names, n=3, cutoff=0.6)]
    if not is_whose:
        close += [f"{word.upper()} (a symbol has capitals)" for word in unknown if _TICKER.fullmatch(word.upper())]
    example = "; ask an entity, a measure and a day, such as 'RUT ytd 2026-01-23'"
    return f"; near: {', '.join(dict.fromkeys(close))}" if close else example
