"""What a number of a sentence claims, by rules; None where the words do not say it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from reports.factcheck.articles import lexicon as words
from reports.factcheck.articles.bound import Bound, Context
from reports.factcheck.articles.breadth import bind_breadth
from reports.factcheck.articles.extremes import bind_distance, extreme_of
from reports.factcheck.articles.moves import is_level_after_move, same_move_before, same_move_behind
from reports.factcheck.articles.numbers import BARE, PCT, POINTS, PP, TIMES, USD, Number
from reports.factcheck.articles.parts import part_around
from reports.factcheck.articles.periods import UNCLEAR, find_period
from reports.factcheck.articles.runs import METRIC as RUN
from reports.factcheck.articles.sentences import Sentence, is_stock
from reports.factcheck.articles.shares import is_share_of_stocks
from reports.factcheck.articles.signs import is_in_list, signed_number
from reports.figures.entities import FUND, INDEX, MARKET, SECTOR, STOCK, UNIVERSE, Entity
from reports.figures.measure import Measure
from reports.figures.question import Mention

# units of a measure that a number of this unit can be of
_UNIT_OF = {
    "pct": ("pct", "share", "pp"),
    "pp": ("pp", "pct"),
    "points": ("points",),
    "usd": ("usd", "points"),
    "stocks": ("stocks",),
    "count": ("stocks",),
    "": ("", "ratio", "stocks", "points"),
    "sessions": ("sessions",),
}
_AND = re.compile(r"\b(and|but|while|as)\b|[和与及而]", re.IGNORECASE)


def bind_number(sentence: Sentence, number: Number, context: Context) -> Bound | None:
    """The claim that a number makes."""
    rules: tuple[Callable[[Sentence, Number, Context], Bound | None], ...] = (
        _bind_price_target,
        _bind_cap_band,
        _bind_market_cap,
        _bind_growth,
        _bind_forecast,
        _bind_count,
        _bind_score,
        bind_breadth,
        bind_distance,
        _bind_named_measure,
        _bind_spread,
        _bind_close,
        _bind_change,
    )
    for rule in rules:
        found = rule(sentence, number, context)
        if found is not None:
            return found
    return None


def _bind_price_target(s: Sentence, n: Number, _: Context) -> Bound | None:
    if n.unit != USD or not words.TARGET.search(s.text[max(0, n.start - 30) : n.end + 14]):
        return None
    firms = [m for m in words.FIRM.finditer(s.text) if m.start() < n.start]
    stock = s.entity_of_mention(next((m for m in reversed(s.names) if is_stock(m) and m.start < n.start), None), STOCK)
    if stock is None:
        return None
    firm = words.FIRMS[firms[-1][0].casefold()] if firms else ""
    return Bound("rating", stock.name, "rating_action", n.value, "usd", other=firm)


def _bind_cap_band(s: Sentence, n: Number, _: Context) -> Bound | None:
    """Two market caps with `to` between them, where money flows: the first of them stands for the band."""
    if n.unit != USD or not words.FLOWS.search(s.text) or not words.MARKET_CAP.search(s.text):
        return None
    at = s.numbers.index(n)
    second = s.numbers[at + 1] if at + 1 < len(s.numbers) else None
    first = s.numbers[at - 1] if at else None
    if first is not None and first.unit == USD and words.RANGE.search(s.text[first.end : n.start]):
        return Bound("band", "", "", "", "")
    if second is None or second.unit != USD or not words.RANGE.search(s.text[n.end : second.start]):
        return None
    billions = "-".join(f"{float(one.value) / 1e9:g}bn" for one in (n, second))
    return Bound("band", "ALL", "net_flow_by_cap_band", "", "band", note=billions)


def _bind_market_cap(s: Sentence, n: Number, _: Context) -> Bound | None:
    last = max((other.end for other in s.numbers if other.end <= n.start), default=0)
    near = s.text[max(last, n.start - 26) : n.start]
    behind = s.clause_around(n.start).partition(n.text)[2][:24]
    if n.unit != USD or not (words.MARKET_CAP.search(near) or words.MARKET_CAP.search(behind)):
        return None
    following = s.text[n.end :].lstrip().startswith("的")
    mention = s.name_after(n) if following else s.name_before(n) or s.name_after(n)
    stock = s.entity_of_mention(mention, STOCK) or s.entity_of_mention(s.name_after(n), STOCK)
    return Bound("number", stock.name, "market_cap", n.value, "usd") if stock else None


def _bind_growth(s: Sentence, n: Number, _: Context) -> Bound | None:
    if n.unit != PCT or not words.GROWTH.search(s.text):
        return None
    mention = next((m for m in reversed(s.names) if is_stock(m) and m.end <= n.start), None)
    stock = s.entity_of_mention(mention, STOCK)
    if stock is None or mention is None:
        return None
    between = s.text[mention.end : n.start]
    kinds = _find_cues(between, ("sales", words.SALES), ("eps", words.EARNINGS))
    spans = (("3y", words.THREE_YEARS), ("1y", words.ONE_YEAR))
    years = _find_cues(between, *spans) or _find_cues(s.text[n.end : n.end + 40], *spans)[:1]
    if not kinds or not years:
        return None
    return Bound("number", stock.name, f"{max(kinds)[1]}_growth_{max(years)[1]}", signed_number(s, n), "pct")


def _find_cues(text: str, *cues: tuple[str, re.Pattern[str]]) -> list[tuple[int, str]]:
    """Where a text holds which of the cues."""
    return [(m.start(), name) for name, cue in cues for m in cue.finditer(text)]


def _bind_forecast(s: Sentence, n: Number, _: Context) -> Bound | None:
    if n.unit != PCT or not words.FORECAST.search(s.text):
        return None
    before = s.text[: n.start]
    cues = [(m.end(), name) for name, cue in (("rate", words.RATE), ("gdp", words.GDP)) for m in cue.finditer(before)]
    if not cues:
        return None
    entity, metric = {"rate": ("FED", "policy_rate"), "gdp": ("US", "real_gdp_growth")}[max(cues)[1]]
    return Bound("forecast", entity, metric, n.value, "pct", session=_parse_year_end(s.text))


def _bind_count(s: Sentence, n: Number, _: Context) -> Bound | None:
    if n.unit != TIMES or not words.TIMES.search(s.text):
        return None
    index = next((e for m in s.names if m.start < n.start for e in m.entities if e.kind == INDEX), None)
    return Bound("count", index.id, "precedent_count", n.value, "count") if index else None


def _bind_score(s: Sentence, n: Number, _: Context) -> Bound | None:
    if n.unit != BARE or not words.SCORE.search(s.text[: n.start]):
        return None
    sector = s.entity_of_mention(s.name_before(n), SECTOR)
    return Bound("number", sector.id, "vendor_sector_score", n.value, "score") if sector else None


def _bind_named_measure(s: Sentence, n: Number, _: Context) -> Bound | None:
    """A measure that the words name outright, such as the 10-year yield or advancing stocks, in a unit that fits."""
    clause = s.clause_around(n.start)
    found = [m for m in s.measures if s.text[m.start : m.end] in clause and not _is_return(m.measures[0])]
    # of two measures that of the number's own part counts: "4 hit highs and 0 hit lows"
    start, end = part_around(s, n.start)
    found = [m for m in found if start <= m.start < end] or found

    def distance(mention: Mention) -> tuple[bool, int]:
        """One behind a conjunction is of another number: 'the 2-year yield rose to 4 % and the 10-year yield'."""
        is_of_another = mention.start >= n.end and _AND.search(s.text, n.end, mention.start) is not None
        return is_of_another, min(abs(mention.start - n.end), abs(n.start - mention.end))

    for mention in sorted(found, key=distance):
        for measure in mention.measures:
            is_other = measure.unit == "share" and not is_share_of_stocks(s, n, mention)
            if measure.id in ("close", RUN) or measure.unit not in _UNIT_OF[n.unit] or is_other:
                continue
            entity = _entity_of_measure(s, n, measure)
            if entity is not None:
                is_signed = measure.id.startswith("return") and measure.unit in ("pct", "pp")
                value = signed_number(s, n) if is_signed else n.value
                return Bound("number", entity, measure.id, value, n.unit or measure.unit)
    return None


def _is_return(measure: Measure) -> bool:
    return measure.id.startswith(("return_", "spread", "outperformance"))


def _entity_of_measure(s: Sentence, n: Number, measure: Measure) -> str | None:
    # a sector beside a count of stocks is more often what they are in than what is counted
    every = (UNIVERSE,) if UNIVERSE in measure.places else (INDEX, SECTOR, FUND, STOCK)
    kinds = tuple(kind for kind in every if kind in measure.places)
    entity = s.entity_of_mention(s.name_before(n), *kinds) or s.entity_of_mention(s.name_after(n), *kinds)
    entity = entity or next((e for m in s.names if (e := s.entity_of_mention(m, *kinds))), None)
    if entity is not None:
        return entity.name if entity.kind == STOCK else entity.id
    return "market" if MARKET in measure.places else None


def _bind_spread(s: Sentence, n: Number, context: Context) -> Bound | None:
    if n.unit not in (PP, PCT):
        return None
    verbs = [
        (m, -1 if cue is words.TRAIL else 1)
        for cue in (words.BEAT, words.TRAIL)
        for m in cue.finditer(s.text, 0, n.start)
    ]
    if not verbs:
        return None
    verb, direction = max(verbs, key=lambda v: v[0].start())
    lead = next((e for m in reversed(s.names) if m.end <= verb.start() for e in m.entities if e.kind == INDEX), None)
    bases = [e for m in s.names if m.start >= verb.end() and m.end <= n.start for e in m.entities if e.kind == INDEX]
    if not bases and n.unit == PP:
        bases = [e for m in s.names if m.start >= n.end for e in m.entities if e.kind == INDEX]
    # "beat the S&P 500, up 28 % this year" gives a return
    if bases and n.unit == PCT and "," in s.text[verb.end() : n.start]:
        return None
    if lead is None or not bases or _is_own_return(s, n, bases[-1]):
        return None
    period = find_period(s, n) or context.period
    if period not in ("1d", "ytd"):
        return None
    value = n.value if direction > 0 else f"-{n.value}"
    return Bound("number", lead.id, f"spread_{period}", value, "pp", other=bases[0].id)


def _is_own_return(s: Sentence, n: Number, base: Entity) -> bool:
    """The number is the return of the index before it: 'outpacing the S&P 500's 1.2 % gain'."""
    if n.unit == PP:
        return False
    behind = s.text[n.end :]
    return bool(
        words.GAIN_AFTER.match(behind)
        or words.LOSS_AFTER.match(behind)
        or s.words_before_number(n).strip().endswith(("'s", "\u2019s", "("))
    )


def _bind_close(s: Sentence, n: Number, _: Context) -> Bound | None:
    is_level = is_level_after_move(s, n)
    is_said = words.CLOSED.search(s.words_before_number(n)) and words.CLOSES.search(s.text[: n.start])
    if n.unit not in (POINTS, BARE, USD) or n.is_signed or not (is_said or is_level):
        return None
    kinds = (STOCK, FUND) if n.unit == USD else (INDEX,) if is_level else (INDEX, FUND, STOCK)
    entity = s.entity_of_mention(s.name_before(n), *kinds)
    if entity is None or (n.unit == BARE and "." not in n.value and not is_level):
        return None
    return Bound(
        "number",
        entity.name if entity.kind == STOCK else entity.id,
        "close",
        n.value,
        "usd" if n.unit == USD else "points",
    )


def _bind_change(s: Sentence, n: Number, context: Context) -> Bound | None:
    """A return in percent, or a change in points, of an index, a sector, a fund or a stock."""
    if n.unit not in (PCT, POINTS):
        return None
    after = s.name_after(n)
    is_of_what = after is not None and words.OF_WHAT.match(s.text[n.end : after.start])
    mention = after if is_of_what else s.name_before(n)
    kinds = (INDEX,) if n.unit == POINTS else (INDEX, SECTOR, FUND, STOCK)
    entity = s.entity_of_mention(mention, *kinds)
    if entity is None or not (_says_way(s, n) or _is_in_list_of_moves(s, n) or same_move_before(s, n)):
        return None
    name = entity.name if entity.kind == STOCK else entity.id
    period = find_period(s, n) or find_period(s, same_move_behind(s, n) or n)
    if n.unit == POINTS:
        is_of_day = period in ("", "1d")
        return Bound("number", name, "change_points", signed_number(s, n), "points") if is_of_day else None
    if not period:
        period = "1d" if words.CLOSES.search(s.text) else context.period or "1d"
    if period == UNCLEAR:
        return None
    return Bound("number", name, f"return_{period}", signed_number(s, n), "pct")


def _is_in_list_of_moves(s: Sentence, n: Number) -> bool:
    """In a list whose first number is a move: 'the S&P 500 is 4 % below its record close and the Nasdaq 3 %' is none, nor is
    'all fell: the Dow 0.8 %, the Nasdaq 0.7 %', where the way stands before the list."""
    first = n
    while is_in_list(s, first):
        first = s.numbers[s.numbers.index(first) - 1]
    return first is not n and extreme_of(s, first) is None and _says_way(s, first)


def _says_way(s: Sentence, n: Number) -> bool:
    """The words around a number or its sign say that it is a move."""
    behind = s.text[n.end :]
    return (
        n.is_signed
        or any(cue.search(s.words_before_number(n)) for cue in (words.UP, words.DOWN))
        or any(cue.match(behind) for cue in (words.GAIN_AFTER, words.LOSS_AFTER, words.OF_WHAT))
    )


def _parse_year_end(text: str) -> date | None:
    found = re.search(r"(?<!\d)(20\d\d)(?!\d)", text)
    return date(int(found[1]), 12, 31) if found else None
