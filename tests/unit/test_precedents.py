"""Which patterns a page says the session met, and which rows of them it shows."""

from __future__ import annotations

from typing import Any

import pytest

from reports.grid import precedent_grid
from reports.precedents import met_definitions, pattern_sentence, shown_precedents


def row(
    definition: str, threshold: int, *, is_primary: bool = False, is_match: bool = True, index: str = "RUT"
) -> dict[str, Any]:
    return {
        "position": 0,
        "definition_id": f"{definition}_{threshold}",
        "definition_en": f"{definition}, {threshold} or more",
        "definition_zh": f"{definition}，至少{threshold}",
        "threshold": threshold,
        "is_primary": is_primary,
        "is_match": is_match,
        "index_id": index,
        "horizon_sessions": 21,
        "n": 7,
        "up_pct": 60.0,
    }


def placed(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    return [one | {"position": place} for place, one in enumerate(rows, 1)]


def test_of_a_pattern_the_definition_is_told_else_the_strictest_of_its_grid_that_was_met() -> None:
    rows = placed(
        row("run", 8, is_primary=True),
        row("run", 14),
        row("lead", 2, is_primary=True, is_match=False),
        row("lead", 0),
        row("lead", 1),
        row("lead", 1, index="COMP"),
        row("other", 3, is_match=False),
    )
    assert [one["definition_id"] for one in met_definitions(rows)] == ["run_8", "lead_1"]
    assert [(place, one["definition_id"]) for place, one in shown_precedents(rows)] == [
        (0, "run_8"),
        (4, "lead_1"),
        (2, "lead_2"),
    ]
    assert pattern_sentence(rows, None, None, "en") == "Met on this session: run, 8 or more; lead, 1 or more."
    assert pattern_sentence(rows, None, None, "zh") == "当日符合：run，至少8；lead，至少1。"


@pytest.mark.parametrize(
    ("streak", "before", "is_known"),
    [
        (3, None, True),
        (-2, None, True),
        (-1, -4, True),
        (-1, 4, True),
        (-1, None, False),
        (0, None, False),
        (None, 9, False),
    ],
)
def test_that_none_was_met_is_said_only_where_it_is_known(
    streak: int | None, before: int | None, is_known: bool
) -> None:
    said = pattern_sentence([], streak, before, "en")
    assert ("No pattern that is followed was met" in said) == is_known
    assert ("is not known" in said) != is_known


def test_the_grid_stands_around_what_was_met() -> None:
    grid = precedent_grid(placed(row("run", 6), row("run", 5)), "en")
    assert grid is not None
    assert (grid.threshold, [threshold for threshold, _ in grid.rows]) == (6, [5, 6])
    assert precedent_grid(placed(row("run", 5)), "en") is None
    assert precedent_grid(placed(row("run", 8, is_primary=True, is_match=False)), "en") is None
