"""How often an index rose after a match, with its 95 % interval, against all days, from reports.precedents."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from reports.charts.chart import FAINT, INK, Chart, LegendItem, Needs, chart_of_dataset, render_svg, single_value_chart
from reports.reading import Row
from reports.texts import text_for_key

COLUMNS = ("up_pct", "up_low_pct", "up_high_pct", "days_up_pct")
NEEDS = Needs(
    "precedents",
    ("index_id", "horizon_sessions"),
    COLUMNS,
    1,
    "is_primary and is_match and index_id in ('RUT', 'SPX') and definition_id like 'streak_end_RUT_SPX%'",
)


def draw(rows: Sequence[Row], language: str) -> Chart | None:
    """From the session's rows of a definition that it matches: (index_id, horizon_sessions, n, up_pct, its interval)."""
    points = [
        {
            "label": _precedent_label(row, language),
            "up": row["up_pct"],
            "low": row["up_low_pct"],
            "high": row["up_high_pct"],
            "days": row["days_up_pct"],
        }
        for row in rows
        if row["up_pct"] is not None and row["up_low_pct"] is not None
    ]
    if len(points) < 2:
        return None
    y = alt.Y(
        "label:N",
        sort=None,
        scale=alt.Scale(domain=[point["label"] for point in points], padding=0.3),
        axis=alt.Axis(ticks=False, domain=False, labelColor=INK, labelPadding=6),
    )
    x = alt.X("low:Q", scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(tickCount=5, ticks=False, domain=False))
    chart = chart_of_dataset("points")
    interval = chart.mark_rule(color="var(--s1)", strokeWidth=3, opacity=0.45).encode(x=x, x2="high:Q", y=y)
    share = chart.mark_point(filled=True, size=60, color="var(--s1)", opacity=1).encode(x="up:Q", y=y)
    days = chart.mark_tick(color=INK, thickness=2, height=14).encode(x="days:Q", y=y)
    half = single_value_chart("half", 50).mark_rule(color=FAINT, strokeDash=[3, 3]).encode(x="half:Q")
    svg = render_svg(
        alt.layer(half, interval, share, days), "precedents", height=34 + 23 * len(points), left=150, points=points
    )
    legend = (
        LegendItem("s1", text_for_key(language, "charts.up_after")),
        LegendItem("tick", text_for_key(language, "charts.up_all_days")),
    )
    return Chart(svg, NEEDS.table, legend)


def _precedent_label(row: Row, language: str) -> str:
    name = text_for_key(language, f"names.index.{row['index_id']}")
    return text_for_key(language, "charts.after", index=name, sessions=str(row["horizon_sessions"]))
