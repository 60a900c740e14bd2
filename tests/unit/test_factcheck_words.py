"""Figures of the verdict page in words: no id and no English unit on a Chinese page."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from reports.factcheck.words import figure_words, value_words
from reports.figures.entities import ENTITIES, THE_MARKET, Entity
from reports.figures.measures import MEASURES
from reports.figures.resolver import Build, Figure

BUILD = Build("b", None, datetime(2026, 1, 24, tzinfo=UTC), {})


def found(entity: Entity, measure: str, value: float | None) -> Figure:
    return Figure(entity, MEASURES[measure], date(2026, 1, 23), value, "t", {}, "c", None, None, None, BUILD)


@pytest.mark.parametrize(
    ("entity", "measure", "value", "english", "chinese"),
    [
        ("SPX", "close", 6915.61, "S&P 500 close 6,915.61 points", "标普500 收盘 6,915.61 点"),
        ("sector:Energy", "sector_score", 58.8, "Energy sector score 58.8 score", "能源 板块得分 58.8 分"),
        ("fund:XLF", "return_1d", -1.38, "XLF return 1d -1.38 %", "XLF 日涨跌幅 -1.38 %"),
        ("market", "fed_funds_target_low", 3.5, "fed funds target low 3.50 %", "联邦基金目标利率下限 3.50 %"),
        (
            "cap:mega",
            "signed_volume_flow",
            15e9,
            "Mega cap (from 200 bn USD) signed volume flow 15,000,000,000 USD",
            "超大盘（2000亿美元及以上） 资金流向 15,000,000,000 美元",
        ),
    ],
)
def test_a_figure_has_the_names_and_the_unit_of_the_language(
    entity: str, measure: str, value: float, english: str, chinese: str
) -> None:
    one = found(THE_MARKET if entity == "market" else ENTITIES[entity], measure, value)
    assert (figure_words(one, "en"), figure_words(one, "zh")) == (english, chinese)


def test_a_figure_that_is_not_defined_has_no_unit() -> None:
    assert value_words(found(ENTITIES["SPX"], "close", None), "zh") == "not defined"
