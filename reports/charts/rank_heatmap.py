"""Ranks of the sectors by 21-session return as a map of weeks, from reports.rotation."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from reports import layout, numerals
from reports.charts.chart import INK, SECTOR_LABELS, Chart, LegendItem, Needs, chart_of_dataset, render_svg
from reports.reading import Row
from reports.texts import text_for_key

NEEDS = Needs("rotation", ("symbol", "label_en", "label_zh"), ("rank_21d",), 61)
_STEP = 5
_ROW = 25


def draw(rows: Sequence[Row], language: str) -> Chart | None:
    """From rows (session_date, symbol, label, rank_21d): every fifth session up to the last."""
    days = sorted({row["session_date"] for row in rows})
    shown = days[::-1][::_STEP][::-1]
    if len(shown) < 2:
        return None
    newest = {row["symbol"]: row["rank_21d"] for row in rows if row["session_date"] == days[-1]}
    cells = [
        {
            "day": row["session_date"].isoformat(),
            "label": layout.cell_value(row, "label", language),
            "rank": row["rank_21d"],
            "heat": _heat_of_rank(row["rank_21d"], len(newest)),
        }
        for row in rows
        if row["session_date"] in shown and row["rank_21d"] is not None
    ]
    if not cells:
        return None
    labels = {row["symbol"]: layout.cell_value(row, "label", language) for row in rows}
    order = [labels[symbol] for symbol in sorted(newest, key=lambda one: (newest[one] or 99, one))]
    ticks = {day.isoformat(): numerals.format_short_day(day, language) for day in shown[1::3]}
    listed = ", ".join(f"'{day}': '{label}'" for day, label in ticks.items())
    x = alt.X(
        "day:O",
        scale=alt.Scale(domain=[day.isoformat() for day in shown], padding=0.04),
        axis=alt.Axis(
            values=list(ticks), labelExpr=f"({{{listed}}})[datum.value]", labelAngle=0, ticks=False, domain=False
        ),
    )
    y = alt.Y(
        "label:N",
        scale=alt.Scale(domain=order, padding=0.06),
        axis=alt.Axis(ticks=False, domain=False, labelColor=INK, labelPadding=6),
    )
    squares = chart_of_dataset("cells").mark_rect().encode(x=x, y=y, color=_heat_colour(""))
    ranks = (
        chart_of_dataset("cells")
        .mark_text(fontSize=11, baseline="middle")
        .encode(x=x, y=y, text="rank:N", color=_heat_colour("-ink"))
    )
    layers = alt.layer(squares, ranks).resolve_scale(color="independent")
    svg = render_svg(layers, "ranks", height=34 + _ROW * len(order), left=SECTOR_LABELS[language], cells=cells)
    legend = (
        LegendItem("h0", text_for_key(language, "charts.first_places")),
        LegendItem("h4", text_for_key(language, "charts.last_places")),
    )
    return Chart(svg, NEEDS.table, legend)


def _heat_colour(suffix: str) -> alt.Color:
    """The style sheet's colours of the five heats; `-ink` for what is written on them."""
    heats = [f"h{number}" for number in range(5)]
    return alt.Color(
        "heat:N", scale=alt.Scale(domain=heats, range=[f"var(--{one}{suffix})" for one in heats]), legend=None
    )


def _heat_of_rank(rank: int, places: int) -> str:
    return f"h{min(4, (rank - 1) * 5 // max(places, 1))}"
