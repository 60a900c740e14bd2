"""The relative rotation graph: strength and momentum of the sectors, weekly, with tails of four weeks, from reports.rotation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from reports.charts.chart import FAINT, INK, Chart, LegendItem, Needs, chart_of_dataset, render_svg, single_value_chart
from reports.numerals import MINUS
from reports.reading import Row
from reports.texts import text_for_key

RATIO, MOMENTUM = "rrg_weekly_14_rs_ratio", "rrg_weekly_14_rs_momentum"
NEEDS = Needs("rotation", ("symbol", "rrg_weekly_14_quadrant"), (RATIO, MOMENTUM), 21)
_WEEKS = 4
_QUADRANTS = ("leading", "weakening", "lagging", "improving")
_COLOURS = ["var(--up)", "var(--s2)", "var(--down)", "var(--s1)"]
# pixels: the plot's side, a name's half height and width (four letters), and how far it stands from its dot
_SIDE, _HALF_HEIGHT, _LETTER, _DX, _DY = 350, 6.5, 7.5, 6, 5
# where a name may stand, the preferred place first: to the right or left, above or below its dot
_PLACES = tuple((align, shift) for shift in (-_DY, _DY + 4) for align in ("left", "right"))


def _weekly_tails(rows: Sequence[Row]) -> list[dict[str, Any]]:
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
    tails = _weekly_tails([row for row in rows if row["symbol"] in heads])
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
    ends = with_label_places(_tail_ends(points), _SIDE / (2 * reach))
    cross = [
        single_value_chart("x", 100).mark_rule(color=FAINT).encode(x=x),
        single_value_chart("y", 100).mark_rule(color=FAINT).encode(y=y),
    ]
    tail = (
        chart_of_dataset("points")
        .mark_line(strokeWidth=1.2, opacity=0.5)
        .encode(x=x, y=y, detail="symbol:N", order="order:Q", color=colours)
    )
    dots = chart_of_dataset("ends").mark_point(filled=True, size=46, opacity=1).encode(x=x, y=y, color=colours)
    names = [
        chart_of_dataset("ends")
        .transform_filter(f"datum.place === {number}")
        .mark_text(align=align, dx=_DX if align == "left" else -_DX, dy=dy, fontSize=11, fontWeight=600, color=INK)
        .encode(x=x, y=y, text="label:N")
        for number, (align, dy) in enumerate(_PLACES)
        if any(end["place"] == number for end in ends)
    ]
    svg = render_svg(alt.layer(*cross, tail, dots, *names), "rrg", height=400, points=points, ends=ends)
    legend = tuple(
        LegendItem(f"quadrant-{name}", text_for_key(language, f"names.quadrant.{name}"))
        for name in _QUADRANTS
        if any(point["quadrant"] == name for point in ends)
    )
    return Chart(svg, NEEDS.table, legend)


def _tail_ends(points: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        point
        for point, later in zip(points, [*points[1:], {"symbol": None}], strict=True)
        if point["symbol"] != later["symbol"]
    ]


def with_label_places(ends: Sequence[dict[str, Any]], pixels_per_unit: float) -> list[dict[str, Any]]:
    """Each end with its label, and with the first of `_PLACES` at which the label covers no other label and no dot.

    From the highest end down, so that the choice is the same for the same figures; where none is free, the first.
    """
    dots = [(end["x"] * pixels_per_unit, -end["y"] * pixels_per_unit) for end in ends]
    boxes = [(x - 5, y - 5, x + 5, y + 5) for x, y in dots]
    found: dict[int, int] = {}
    for index in sorted(range(len(ends)), key=lambda i: (dots[i][1], dots[i][0], ends[i]["symbol"])):
        x, y = dots[index]
        width = _LETTER * len(ends[index]["symbol"])
        others = [box for number, box in enumerate(boxes) if number != index]
        choices = []
        for align, dy in _PLACES:
            left = x + _DX if align == "left" else x - _DX - width
            choices.append((left, y + dy - _HALF_HEIGHT, left + width, y + dy + _HALF_HEIGHT))
        free = [number for number, choice in enumerate(choices) if not any(_overlap(choice, box) for box in others)]
        found[index] = free[0] if free else 0
        boxes.append(choices[found[index]])
    return [end | {"label": end["symbol"], "place": found[index]} for index, end in enumerate(ends)]


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
