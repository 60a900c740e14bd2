"""Lines of several series over sessions, with their newest values in the legend: what most charts of the page are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from reports import numerals
from reports.charts.chart import (
    DASHES,
    FAINT,
    SERIES,
    Chart,
    LegendItem,
    chart_of_dataset,
    day_axis,
    render_svg,
    session_days,
    single_value_chart,
    value_axis,
    zero_line,
)
from reports.reading import Row


@dataclass(frozen=True)
class Series:
    """A line: the rows that `column` is taken from are those whose `key` is `of` (None: all)."""

    label: str
    column: str
    of: str | None = None


def draw_lines(
    rows: Sequence[Row],
    series: Sequence[Series],
    language: str,
    *,
    name: str,
    table: str,
    keyed_by: str = "",
    decimals: int = 2,
    is_signed: bool = False,
    has_zero: bool = False,
    domain: Sequence[float] | None = None,
    starts_at: Row | None = None,
    bounds: Sequence[float] = (),
) -> Chart | None:
    """One chart of `series`; None where fewer than two sessions have a value. `starts_at` is a first point for each."""
    days = session_days([*rows, starts_at] if starts_at else rows)
    points: list[dict[str, Any]] = []
    legend = []
    for number, one in enumerate(series):
        own = [row for row in rows if one.of is None or row[keyed_by] == one.of]
        if not any(row[one.column] is not None for row in own):
            continue
        start = [{**starts_at, one.column: 0.0}] if starts_at else []
        points += [
            {"day": row["session_date"].isoformat(), "value": row[one.column], "series": str(number)}
            for row in (*start, *own)
        ]
        last = own[-1]
        newest = last[one.column] if last["session_date"] == days[-1] else None
        legend.append(
            LegendItem(
                f"s{number + 1}",
                one.label,
                numerals.format_number(newest, language, decimals, is_signed=is_signed),
                newest,
                one.column,
                one.of or "",
            )
        )
    if len({point["day"] for point in points if point["value"] is not None}) < 2:
        return None
    if bounds:
        known = [*bounds, *(point["value"] for point in points if point["value"] is not None)]
        domain = (min(known) - 0.01, max(known) + 0.01)
    drawn = _line_marks(days, language, len(series), domain)
    rules = [
        single_value_chart("at", one).mark_rule(color=FAINT, strokeDash=[3, 3]).encode(y=value_axis("at:Q", domain))
        for one in bounds
    ]
    layers = alt.layer(*([zero_line()] if has_zero else []), *rules, drawn)
    return Chart(render_svg(layers, name, days=days, points=points), table, tuple(legend))


def _line_marks(days: list[Any], language: str, count: int, domain: Sequence[float] | None) -> Any:
    """The lines themselves, of `count` series that differ by colour and by dash."""
    domain_of_series = [str(number) for number in range(count)]
    return (
        chart_of_dataset("points")
        .mark_line(strokeWidth=1.6, strokeJoin="round")
        .encode(
            x=day_axis(days, language),
            y=value_axis(domain=domain),
            color=alt.Color(
                "series:N",
                scale=alt.Scale(domain=domain_of_series, range=list(SERIES[:count])),
                legend=None,
            ),
            strokeDash=alt.StrokeDash(
                "series:N", scale=alt.Scale(domain=domain_of_series, range=list(DASHES[:count])), legend=None
            ),
        )
    )
