"""The relative rotation graph: strength and momentum of the sectors, weekly, with tails of four weeks, from reports.rotation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from reports.charts.chart import FAINT, INK, Chart, LegendItem, Needs, at, over, svg_of
from reports.numerals import MINUS
from reports.reading import Row
from reports.texts import text

RATIO, MOMENTUM = "rrg_weekly_14_rs_ratio", "rrg_weekly_14_rs_momentum"
NEEDS = Needs("rotation", ("sector", "symbol", "label_en", "label_zh", RATIO, MOMENTUM, "rrg_weekly_14_quadrant"), 21)
_WEEKS = 4
_QUADRANTS = ("leading", "weakening", "lagging", "improving")
_COLOURS = ["var(--up)", "var(--s2)", "var(--down)", "var(--s1)"]


def _tails(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """A point a completed week and sector: the figures of days between weeks are those of the week before."""
    points: list[dict[str, Any]] = []
    last: dict[str, tuple[float, float]] = {}
    for row in rows:
        ratio, momentum = row[RATIO], row[MOMENTUM]
        if ratio is None or momentum is None or last.get(row["symbol"]) == (ratio, momentum):
            continue
        last[row["symbol"]] = (ratio, momentum)
        points.append({"symbol": row["symbol"], "x": ratio, "y": momentum, "day": row["session_date"].isoformat()})
    return points


def draw(rows: Sequence[Row], language: str) -> Chart | None:
    """From rows (session_date, symbol, ratio, momentum, quadrant)."""
    newest = rows[-1]["session_date"] if rows else None
    heads = {
        row["symbol"]: row for row in rows if row["session_date"] == newest and None not in (row[RATIO], row[MOMENTUM])
    }
    if not heads:
        return None
    tails = _tails([row for row in rows if row["symbol"] in heads])
    points = [
        {**point, "order": number, "quadrant": heads[symbol]["rrg_weekly_14_quadrant"]}
        for symbol in sorted(heads)
        for number, point in enumerate([one for one in tails if one["symbol"] == symbol][-_WEEKS:])
    ]
    reach = max(max(abs(point["x"] - 100), abs(point["y"] - 100)) for point in points) * 1.12 or 1.0
    scale = alt.Scale(domain=[100 - reach, 100 + reach], nice=False)
    colours = alt.Color("quadrant:N", scale=alt.Scale(domain=list(_QUADRANTS), range=_COLOURS), legend=None)
    form = alt.Axis(
        tickCount=5, labelExpr=f"replace(format(datum.value, '~f'), '-', '{MINUS}')", ticks=False, domain=False
    )
    x, y = alt.X("x:Q", scale=scale, axis=form), alt.Y("y:Q", scale=scale, axis=form)
    ends = [point | {"label": point["symbol"]} for point in _ends(points)]
    cross = [
        at("x", 100).mark_rule(color=FAINT).encode(x=x),
        at("y", 100).mark_rule(color=FAINT).encode(y=y),
    ]
    tail = (
        over("points")
        .mark_line(strokeWidth=1.2, opacity=0.5)
        .encode(x=x, y=y, detail="symbol:N", order="order:Q", color=colours)
    )
    dots = over("ends").mark_point(filled=True, size=46, opacity=1).encode(x=x, y=y, color=colours)
    names = (
        over("ends")
        .mark_text(align="left", dx=6, dy=-5, fontSize=11, fontWeight=600, color=INK)
        .encode(x=x, y=y, text="label:N")
    )
    svg = svg_of(alt.layer(*cross, tail, dots, names), "rrg", height=400, points=points, ends=ends)
    legend = tuple(
        LegendItem(f"quadrant-{name}", text(language, f"names.quadrant.{name}"))
        for name in _QUADRANTS
        if any(point["quadrant"] == name for point in ends)
    )
    return Chart(svg, NEEDS.table, legend)


def _ends(points: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        point
        for point, later in zip(points, [*points[1:], {"symbol": None}], strict=True)
        if point["symbol"] != later["symbol"]
    ]
