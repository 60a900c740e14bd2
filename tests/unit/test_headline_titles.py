"""The title of a page where closes are missing: it names what is missing, and says nothing of what is there."""

from __future__ import annotations

from typing import Any

import pytest

from reports.headline import make_headline


def title(closes: dict[str, float | None], language: str = "en") -> str:
    rows: list[dict[str, Any]] = [
        {"index_id": name, "close": close, "return_1d_pct": None} for name, close in closes.items()
    ]
    tables: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("headline", "rotation_summary", "breadth", "sector_performance")
    }
    return str(make_headline({**tables, "headline_indices": rows}, None, language).title)


@pytest.mark.parametrize("closes", [{"SPX": None, "COMP": 22172.0}, {"COMP": 22172.0}])
def test_only_the_index_without_a_close_is_named(closes: dict[str, float | None]) -> None:
    assert title(closes) == "No close of the S&amp;P 500"
    assert title(closes, "zh") == "标普500缺收盘价"


@pytest.mark.parametrize("closes", [{"SPX": None, "COMP": None}, {}])
def test_a_page_without_any_close_says_so(closes: dict[str, float | None]) -> None:
    assert title(closes) == "No closes of the indices"
