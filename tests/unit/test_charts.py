"""Charts: what is drawn of which rows, and what makes no chart."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from reports import numerals
from reports.charts import chart_modules, draw_all, rrg, spread, thrust
from reports.charts.chart import day_tick_labels
from reports.exports.files import safe_text

FIRST = date(2026, 1, 5)


def days(count: int) -> list[date]:
    return [FIRST + timedelta(days=number) for number in range(count)]


def test_the_lines_of_the_thrust_stand_at_its_bounds() -> None:
    rows = [{"session_date": day, "universe": "all", "zweig_ema": 0.5} for day in days(10)]
    chart = thrust.draw(rows, "en")
    assert chart is not None
    assert chart.svg.count('stroke-dasharray="3,3"') == 2
    assert [(one.value, one.raw) for one in chart.legend] == [("0.500", 0.5)]


def test_the_graph_of_rotation_has_its_cross_and_a_point_a_week() -> None:
    rows: list[dict[str, Any]] = [
        {
            "session_date": day,
            "symbol": symbol,
            "rrg_weekly_14_rs_ratio": 100.0 + number // 5 + shift,
            "rrg_weekly_14_rs_momentum": 100.0 - shift,
            "rrg_weekly_14_quadrant": "leading" if shift > 0 else "improving",
        }
        for number, day in enumerate(days(20))
        for symbol, shift in (("XLB", 1.0), ("XLE", -1.0))
    ]
    chart = rrg.draw(rows, "zh")
    assert chart is not None
    assert [one.label for one in chart.legend] == ["领先", "改善"]
    tails = re.findall(r'<path d="(M[^"]*L[^"]*)"', chart.svg)
    assert sorted(path.count("L") for path in tails if path.count("L") >= 2) == [3, 3]
    assert chart.svg.count('stroke="var(--faint)"') == 2


def test_bars_are_up_or_down_and_one_session_makes_no_chart() -> None:
    rows = [
        {"session_date": day, "small_minus_large_21d_pp": value}
        for day, value in zip(days(4), (1.5, -0.5, None, -2.25), strict=True)
    ]
    chart = spread.draw(rows, "en")
    assert chart is not None
    assert (chart.svg.count('fill="var(--up)"'), chart.svg.count('fill="var(--down)"')) == (1, 2)
    assert chart.legend[0].value == "\u22122.25"
    assert spread.draw(rows[:1], "en") is None


@pytest.mark.parametrize("name", sorted(chart_modules()))
def test_nothing_to_draw_is_no_chart(name: str) -> None:
    assert chart_modules()[name].draw([], "en") is None


def test_a_chart_that_ends_before_the_session_says_so_and_shows_no_figure_of_an_earlier_one() -> None:
    breadth = [
        {"session_date": day, "universe": "all", "mcclellan_oscillator": 1.5, "zweig_ema": 0.5, "ad_line": 7}
        for day in days(10)
    ]
    highs = [row | {"new_highs_52w": 3, "new_lows_52w": 2} for row in breadth]
    spreads = [{"session_date": day, "small_minus_large_21d_pp": 1.5} for day in days(10)]
    # rows without a figure are no figures either
    spreads.append({"session_date": days(11)[-1], "small_minus_large_21d_pp": None})
    ranks = [
        {"session_date": day, "symbol": "XLB", "label_en": "Materials", "label_zh": "原材料", "rank_21d": 1}
        for day in days(10)
    ]
    rows: dict[str, list[Any]] = {name: [] for name in chart_modules()}
    rows |= {"mcclellan": breadth, "thrust": breadth, "ad_line": breadth, "highs_lows": highs, "spread": spreads}
    rows |= {"rank_heatmap": ranks}
    drawn = draw_all(rows, "en", days(11)[-1])
    assert sorted(drawn) == ["ad_line", "highs_lows", "mcclellan", "rank_heatmap", "spread", "thrust"]
    assert {chart.until for chart in drawn.values()} == {days(10)[-1]}
    shown = [(one.value, one.raw) for chart in drawn.values() for one in chart.legend if one.column]
    assert shown == [("\u2013", None)] * 6
    on_the_day = draw_all(rows, "en", days(10)[-1])
    assert on_the_day["mcclellan"].until is None
    assert on_the_day["mcclellan"].legend[0].value == "+1.5"


def test_a_chart_ends_with_the_last_figure_that_it_draws() -> None:
    race = [
        {"session_date": day, "index_id": "SPX", "return_ytd_pct": 1.5, "close": 6900.0, "is_final": True}
        for day in days(10)
    ]
    # a close of the day, and no return to draw
    race += [race[-1] | {"session_date": days(11)[-1], "return_ytd_pct": None}]
    rows: dict[str, list[Any]] = {name: [] for name in chart_modules()} | {"race": race}
    assert draw_all(rows, "en", days(11)[-1])["race"].until == days(10)[-1]
    assert draw_all(rows | {"race": race[:-1]}, "en", days(10)[-1])["race"].until is None


def test_ticks_are_months_or_a_few_days() -> None:
    year = [date(2025, 1, 1) + timedelta(days=number) for number in range(365)]
    assert list(day_tick_labels(year, "en").values()) == ["Feb", "Apr", "Jun", "Aug", "Oct", "Dec"]
    assert list(day_tick_labels(days(10), "zh").values()) == ["1月6日", "1月8日", "1月10日", "1月12日", "1月14日"]


@pytest.mark.parametrize(
    ("value", "decimals", "is_signed", "shown"),
    [
        (-1234.5, 2, False, "\u22121,234.50"),
        (0.004, 2, True, "0.00"),
        (-0.004, 2, True, "0.00"),
        (3, 0, True, "+3"),
        (None, 2, True, "\u2013"),
        (float("nan"), 2, False, "\u2013"),
    ],
)
def test_numbers_as_printed(value: float | None, decimals: int, is_signed: bool, shown: str) -> None:
    for language in ("en", "zh"):
        assert numerals.format_number(value, language, decimals, is_signed=is_signed) == shown


def test_what_a_spreadsheet_would_run_has_an_apostrophe() -> None:
    assert [safe_text(text) for text in ("=1+1", "+1", "-x", "@SUM(A1)", "\tx", "Buy", "")] == [
        "'=1+1",
        "'+1",
        "'-x",
        "'@SUM(A1)",
        "'\tx",
        "Buy",
        "",
    ]


def test_names_in_the_rotation_graph_cover_neither_each_other_nor_a_dot() -> None:
    # 40 pixels a unit: B lies 12 px right of A and 4 below, where A's name would stand; C is alone
    ends = [
        {"symbol": "AAA", "x": 100.0, "y": 101.0},
        {"symbol": "BBB", "x": 100.3, "y": 100.9},
        {"symbol": "CCC", "x": 97.0, "y": 97.0},
    ]
    places = {end["label"]: end["place"] for end in rrg.with_label_places(ends, 40)}
    # A goes to the left above, B keeps the right above
    assert places == {"AAA": 1, "BBB": 0, "CCC": 0}
