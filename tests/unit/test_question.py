"""Questions in words: what they mean, and what is refused because it might mean two things."""

from __future__ import annotations

import pytest

from reports.figures.question import parse_entity_and_measure, parse_question
from warehouse.errors import UsageError


@pytest.mark.parametrize(
    ("text", "entity", "measure"),
    [
        ("RUT ytd", "RUT", "return_ytd"),
        ("RUT minus SPX ytd", "RUT-SPX", "spread_ytd"),
        ("Russell 2000 vs S&P 500 ytd", "RUT-SPX", "spread_ytd"),
        ("罗素2000相对标普500年初至今", "RUT-SPX", "spread_ytd"),
        ("RUT-SPX ytd", "RUT-SPX", "spread_ytd"),
        ("small caps advances", "cap:small", "advances"),
        ("小盘股上涨家数", "cap:small", "advances"),
        ("mid caps advances", "cap:mid", "advances"),
        ("small caps ytd", "RUT", "return_ytd"),
        ("Energy advances", "sector:Energy", "advances"),
        ("nasdaq_sector:Health Care trin", "nasdaq_sector:Health Care", "trin"),
        ("all cmf", "all", "cmf"),
        ("rotation intensity", "market", "rotation_intensity"),
        ("stock:A close", "stock:A", "close"),
        ("stock:brk.b close", "stock:BRK/B", "close"),
    ],
)
def test_what_a_question_means(text: str, entity: str, measure: str) -> None:
    asked = parse_question(text)
    assert (asked.entity.id, asked.measure.id) == (entity, measure)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("RUT ytd SPX close", "names several measures: return_ytd, close"),
        ("RUT and SPX ytd", "names two indices"),
        ("罗素2000和标普500年初至今", "names two indices"),
        ("stock:A..B close", "is no symbol"),
        ("advances", "does not say of whom; ask it of all, sp500, cap:small, sector:Energy or another"),
        ("ytd", "does not say of whom; ask it of SPX, sector:Energy, fund:XLE, stock:AAPL or another"),
        ("cmf", "ask it of all, cap:small or another"),
        ("sp500 cmf", "that measure is none of SPX/sp500; it has "),
        ("zaalz close", "near: ZAALZ \\(a symbol has capitals\\)"),
        ("sp500 advancez", "near: advances"),
    ],
)
def test_what_might_mean_two_things_is_refused(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_question(text)


@pytest.mark.parametrize(
    ("entity", "measure", "found"),
    [
        ("RUT", "return_ytd", "RUT"),
        ("ALL", "close", "stock:ALL"),
        ("ON", "close", "stock:ON"),
        ("sector:Energy", "return_1d", "sector:Energy"),
        ("S&P 500", "close", "SPX"),
        ("AMAT", "close", "stock:AMAT"),
    ],
)
def test_an_entity_that_is_named_as_one_may_be_a_word(entity: str, measure: str, found: str) -> None:
    assert parse_entity_and_measure(entity, measure)[0].id == found
