"""Which patterns a page says the session met, and which rows of them it shows."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest

from reports.grid import precedent_grid
from reports.precedents import (
    LEAD_PAIRS,
    LEAD_SESSIONS,
    STREAK_PAIR,
    met_definitions,
    pattern_sentence,
    shown_precedents,
)
from transforms.engine.load import load_models

# the 15th session of its year, and one of which no lead in the year is asked
LEAD_DAY, DAY = date(2026, 1, 23), date(2026, 3, 2)


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


def indices(streak: int | None) -> list[dict[str, Any]]:
    """Rows of reports.headline_indices; `streak` is of the small caps."""
    return [
        {
            "index_id": name,
            "close": 100.0,
            "return_ytd_pct": 1.0,
            "streak_vs_spx": streak if name == "RUT" else None,
        }
        for name in ("SPX", "COMP", "RUT", "NDX")
    ]


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
    known = indices(3)
    assert pattern_sentence(rows, known, [], DAY, "en") == "Met on this session: run, 8 or more; lead, 1 or more."
    assert pattern_sentence(rows, known, [], DAY, "zh") == "当日符合：run，至少8；lead，至少1。"
    assert pattern_sentence(rows, [], [], DAY, "en").endswith(
        " Whether another pattern that is followed was met is not known: no close of this session (Russell 2000, S&amp;P 500)."
    )


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
    said = pattern_sentence([], indices(streak), indices(before), DAY, "en")
    assert ("No pattern that is followed was met" in said) == is_known
    assert ("is not known" in said) != is_known


@pytest.mark.parametrize(
    ("day", "lost", "said"),
    [
        (LEAD_DAY, {"NDX": {"close": None, "return_ytd_pct": None}}, "no close of this session (Nasdaq 100)"),
        (
            LEAD_DAY,
            {"COMP": {"close": None}, "RUT": {"close": None}},
            "no close of this session (Russell 2000, Nasdaq Composite)",
        ),
        (LEAD_DAY, {"COMP": {"return_ytd_pct": None}}, "no return in the year so far (Nasdaq Composite)"),
        (
            LEAD_DAY,
            {"RUT": {"streak_vs_spx": None}, "NDX": {"close": None}},
            "no close of this session (Nasdaq 100); the run",
        ),
        (LEAD_DAY, {}, ""),
        # no lead is looked for on the ninth session of the year, nor on the 21st
        (date(2026, 1, 14), {"NDX": {"close": None}, "SPX": {"return_ytd_pct": None}}, ""),
        (date(2026, 2, 2), {"NDX": {"close": None}}, ""),
    ],
)
def test_a_lead_in_the_year_takes_the_returns_of_each_index(day: date, lost: dict[str, Any], said: str) -> None:
    given = [one | lost.get(one["index_id"], {}) for one in indices(3)]
    found = pattern_sentence([], given, [], day, "en")
    if said:
        assert f"Whether a pattern that is followed was met is not known: {said}" in found
    else:
        assert found == "No pattern that is followed was met on this session."


def test_a_lead_over_an_index_that_the_build_never_had_is_not_followed() -> None:
    given = [one for one in indices(3) if one["index_id"] != "NDX"]
    assert "No pattern that is followed was met" in pattern_sentence([], given, [], LEAD_DAY, "en")
    # a session without any row of indices lacks those of the session before
    found = pattern_sentence([], [], given, LEAD_DAY, "en")
    assert found.endswith("no close of this session (Russell 2000, S&amp;P 500, Nasdaq Composite).")


def test_the_page_knows_which_patterns_are_followed() -> None:
    with duckdb.connect() as con:
        found = con.execute(load_models()["intermediate.precedent_definitions"].sql).fetchall()
    columns = ("definition_id", "measure", "lead_id", "base_id", "threshold", "session_of_year")
    rows = [dict(zip(columns, values, strict=False)) for values in found]
    leads = [one for one in rows if one["measure"] == "ytd_lead"]
    assert {(one["lead_id"], one["base_id"]) for one in rows if one["measure"] == "streak_end"} == {STREAK_PAIR}
    assert {(one["lead_id"], one["base_id"]) for one in leads} == set(LEAD_PAIRS)
    assert {one["session_of_year"] for one in leads} == set(LEAD_SESSIONS)
    assert {one["measure"] for one in rows} == {"streak_end", "ytd_lead"}


def test_the_grid_stands_around_what_was_met() -> None:
    grid = precedent_grid(placed(row("run", 6), row("run", 5)), "en")
    assert grid is not None
    assert (grid.threshold, [threshold for threshold, _ in grid.rows]) == (6, [5, 6])
    assert precedent_grid(placed(row("run", 5)), "en") is None
    assert precedent_grid(placed(row("run", 8, is_primary=True, is_match=False)), "en") is None
