"""The title of a page: what is missing is named, what is known is said, and who shares the first place is not left out."""

from __future__ import annotations

from typing import Any

import pytest

from reports.headline import make_headline
from reports.markup import strip_tags

Rows = list[dict[str, Any]]


def title(
    closes: dict[str, float | None],
    language: str = "en",
    change: float | None = None,
    is_first: bool = False,
    **tables: Rows,
) -> str:
    rows: Rows = [{"index_id": name, "close": close, "return_1d_pct": change} for name, close in closes.items()]
    none: dict[str, Rows] = {name: [] for name in ("headline", "rotation_summary", "breadth", "sector_performance")}
    made = make_headline({**none, **tables, "headline_indices": rows}, None, language, is_first=is_first)
    return strip_tags(made.title)


def sectors(**ranks: int | None) -> Rows:
    """Rows of reports.sector_performance by name and rank, the benchmark last."""
    names = {"Energy": "能源", "Materials": "原材料", "Utilities": "公用事业"}
    found: Rows = [
        {"label_en": name, "label_zh": names[name], "return_1d_pct": 1.0, "rank_1d": rank, "is_benchmark": False}
        for name, rank in ranks.items()
    ]
    return [*found, {"label_en": "SPY", "return_1d_pct": 9.0, "rank_1d": None, "is_benchmark": True}]


@pytest.mark.parametrize("closes", [{"SPX": None, "COMP": 22172.0}, {"COMP": 22172.0}])
def test_only_the_index_without_a_close_is_named(closes: dict[str, float | None]) -> None:
    assert title(closes) == "No close of the S&P 500"
    assert title(closes, "zh") == "标普500缺收盘价"


@pytest.mark.parametrize("closes", [{"SPX": None, "COMP": None}, {}])
def test_a_page_without_any_close_says_so(closes: dict[str, float | None]) -> None:
    assert title(closes) == "No closes of the indices"


def test_a_close_without_its_change_says_nothing_of_the_sessions_before() -> None:
    assert title({"SPX": 4240.84}, is_first=True) == "S&P 500 closes at 4,240.84, with no session before to compare"
    assert title({"SPX": 4240.84}) == "S&P 500 closes at 4,240.84; its change on the day is not known"
    assert title({"SPX": 4240.84}, "zh") == "标普500收于4,240.84点，当日涨跌不明"


def test_without_the_index_the_title_says_what_is_known() -> None:
    stocks: Rows = [{"universe": "all", "advance_pct": 40.0}]
    assert title({}, breadth=stocks) == "40.0 % of stocks rise; no close of the S&P 500"
    assert title({"COMP": 22172.0}, "zh", breadth=stocks) == "40.0%的股票上涨，标普500缺收盘价"
    ranked = sectors(Energy=1, Materials=2)
    assert title({}, sector_performance=ranked) == "Energy first of the sectors; no close of the S&P 500"


@pytest.mark.parametrize(
    ("ranks", "up", "down", "chinese"),
    [
        ({"Energy": 1, "Materials": 2}, "gains 0.50 %, Energy first", "falls 0.50 %, Energy holds best", "能源最抗跌"),
        (
            {"Energy": 1, "Materials": 1, "Utilities": 3},
            "gains 0.50 %, Energy and Materials first",
            "falls 0.50 %, Energy and Materials hold best",
            "能源与原材料最抗跌",
        ),
        ({"Energy": 1, "Materials": 1}, "gains 0.50 %", "falls 0.50 %", "标普500下跌0.50%"),
    ],
    ids=["one", "two", "all"],
)
def test_all_sectors_of_the_first_place_are_named(ranks: dict[str, int], up: str, down: str, chinese: str) -> None:
    rows = sectors(**ranks)
    assert title({"SPX": 1.0}, change=0.5, sector_performance=rows) == f"S&P 500 {up}"
    assert title({"SPX": 1.0}, change=-0.5, sector_performance=rows) == f"S&P 500 {down}"
    assert title({"SPX": 1.0}, "zh", -0.5, sector_performance=rows).endswith(chinese)


def test_of_three_and_more_the_others_are_counted() -> None:
    rows = sectors(Energy=1, Materials=1, Utilities=1)
    rows.insert(3, {**rows[0], "label_en": "Financials", "rank_1d": 4})
    assert title({"SPX": 1.0}, change=0.0, sector_performance=rows) == "S&P 500 unchanged, Energy and 2 others first"
