"""Scores of the sectors now and 21 sessions ago, from reports.sector_scores."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from reports import layout
from reports.charts.chart import FAINT, INK, SECTOR_LABELS, Chart, LegendItem, Needs, chart_of_dataset, render_svg
from reports.reading import Row
from reports.texts import text_for_key

NEEDS = Needs("sector_scores", ("label_en", "label_zh"), ("sector_score", "sector_score_21d_ago"), 1)
_ROW = 21


def draw(rows: Sequence[Row], language: str) -> Chart | None:
    """From the session's rows (label, sector_score, sector_score_21d_ago), in their order."""
    points = [
        {
            "label": layout.cell_value(row, "label", language),
            "now": row["sector_score"],
            "then": row["sector_score_21d_ago"] if row["sector_score_21d_ago"] is not None else row["sector_score"],
        }
        for row in rows
        if row["sector_score"] is not None
    ]
    if len(points) < 2:
        return None
    y = alt.Y(
        "label:N",
        sort=None,
        scale=alt.Scale(domain=[point["label"] for point in points], padding=0.3),
        axis=alt.Axis(ticks=False, domain=False, labelColor=INK, labelPadding=6),
    )
    x = alt.X("then:Q", scale=alt.Scale(nice=True, zero=False), axis=alt.Axis(tickCount=6, ticks=False, domain=False))
    chart = chart_of_dataset("points")
    rules = chart.mark_rule(color=FAINT, strokeWidth=2).encode(x=x, x2="now:Q", y=y)
    then = chart.mark_point(filled=True, size=34, color=FAINT, opacity=1).encode(x=x, y=y)
    now = chart.mark_point(filled=True, size=70, color="var(--s1)", opacity=1).encode(x="now:Q", y=y)
    svg = render_svg(
        alt.layer(rules, then, now),
        "scores",
        height=34 + _ROW * len(points),
        left=SECTOR_LABELS[language],
        points=points,
    )
    legend = (
        LegendItem("s1", text_for_key(language, "charts.now")),
        LegendItem("faint", text_for_key(language, "charts.ago_21d")),
    )
    return Chart(svg, NEEDS.table, legend)
