"""Whom a statement speaks of: the figure of another entity neither confirms nor refutes it."""

from __future__ import annotations

import re

from reports.factcheck.articles.numbers import find_numbers
from reports.factcheck.claims import Claim
from reports.figures import entities
from reports.figures.entities import FUND, INDEX, MARKET, PAIR, SECTOR, UNIVERSE, Entity
from reports.figures.question import Mention, find_mentions, normalise_text

_KINDS = (INDEX, PAIR, SECTOR, FUND, UNIVERSE)
# words that stand for a name: whose the number is they leave to a person
_STAND_IN = re.compile(
    r"\b(the|this|that|its) ([a-z-]+ ){0,2}(index|indices|benchmark|gauge|average|measure|market|group|sector|fund)\b"
    r"|\b(it|they|which)\b|大盘|该指数|其"
)

_SHORT_NAME = re.compile(r"\bs&p\b(?! *(?:\d|global|mid|small|ratings|dow))", re.IGNORECASE)


def names_of_others(claim: Claim, entity: Entity) -> str:
    """The names in a statement that holds the claim's number, or none, where all are of others than `entity`; else ''.

    Of stocks nothing is said: the names of companies are not known here, and hold those of sectors and indices.
    """
    text = normalise_text(claim.statement)
    if entity.kind not in _KINDS or not _may_be_of(text, claim.number):
        return ""
    own = _subjects_of_claim(claim, entity)
    named = [m for m in find_mentions(text) if m.entities and not _is_broad(m, own)]
    named = sorted([*named, *_short_names(text, named)], key=lambda mention: mention.start)
    if not named or any(own & {_subject(e) for e in m.entities} for m in named):
        return ""
    return "" if _STAND_IN.search(_masked(text, named)) else ", ".join(text[m.start : m.end] for m in named)


def _may_be_of(text: str, number: float | None) -> bool:
    """The number stands in the text, or none does: of other numbers the text says nothing of this one."""
    if number is None:
        return False
    found = [abs(float(one.value)) for one in find_numbers(text, ()) if one.value]
    return not found or abs(number) in found


def _subjects_of_claim(claim: Claim, entity: Entity) -> set[str]:
    legs = entity.lead_and_base if entity.kind == PAIR else ()
    found = [entity, *(e for name in (claim.entity, claim.other_entity, *legs) for e in entities.entities_named(name))]
    return {_subject(e) for e in found}


def _subject(entity: Entity) -> str:
    """An index for the set of its members, a sector for its fund: of both a paper speaks by one name."""
    if entity.kind == FUND:
        return f"sector:{entities.SECTOR_OF_FUND[entity.name]}"
    if entity.kind == UNIVERSE and entity.id.startswith("nasdaq_sector:"):
        named = entities.entities_named(entity.id.partition(":")[2])
        return named[0].id if named else entity.id
    return entities.INDEX_OF_MEMBERS.get(entity.id, entity.id)


def _is_broad(mention: Mention, own: set[str]) -> bool:
    """Names that papers give to an index as well: the market, large caps. Of two bands they are two."""
    is_of_band = any(one.startswith("cap:") for one in own)
    broad = [e.kind == MARKET or e.id == "all" or e.id.startswith("cap:") for e in mention.entities]
    return all(broad) and not is_of_band


def _short_names(text: str, named: list[Mention]) -> list[Mention]:
    """ "The S&P" is the S&P 500, unless it begins a longer name."""
    found = _SHORT_NAME.finditer(text)
    return [
        Mention(one.start(), one.end(), tuple(entities.entities_named("SPX")))
        for one in found
        if not any(m.start < one.end() and one.start() < m.end for m in named)
    ]


def _masked(text: str, named: list[Mention]) -> str:
    for mention in reversed(named):
        text = f"{text[: mention.start]}X{text[mention.end :]}"
    return text
