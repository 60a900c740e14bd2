"""What a chart is, what it needs of a table, and how its drawing becomes an SVG that any machine makes alike.

Sizes are fixed and nothing is measured with the machine's fonts; colours are the style sheet's; titles and legends are HTML.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import altair as alt
import vl_convert

from reports import numerals
from reports.reading import Row
from reports.texts import text_for_key

WIDTH, HEIGHT = 400, 200
LEFT, RIGHT, TOP, BOTTOM = 40, 10, 8, 22
# names of the style sheet: series in order, and what they are drawn with where colour is not seen
SERIES = tuple(f"var(--s{number})" for number in range(1, 7))
DASHES = ([1, 0], [6, 2], [2, 2], [8, 2, 2, 2], [1, 3], [4, 4])
INK, FAINT, UP, DOWN = "var(--ink)", "var(--faint)", "var(--up)", "var(--down)"
# room for the longest name of a sector
SECTOR_LABELS = {"en": 148, "zh": 66}
_MOST_TICKS = 7
# of Vega-Lite, for each chart
_CONFIG: dict[str, Any] = {
    "aria": False,
    "font": "inherit",
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 11,
        "labelColor": FAINT,
        "gridColor": "var(--rule)",
        "tickColor": "var(--rule)",
        "domainColor": "var(--rule)",
        "labelOverlap": False,
        "labelLimit": 0,
        "title": None,
        "minExtent": 0,
        "maxExtent": 0,
        "tickSize": 4,
    },
}
_NOISE = re.compile(
    r' (?:aria-[a-z]+|role|class|pointer-events|xmlns:xlink|version|stroke-miterlimit)="[^"]*"| (?:fill-)?opacity="1"'
)
_EMPTY = re.compile(r'<path(?: [a-z-]+="[^"]*")* d=""(?: [a-z-]+="[^"]*")*/>|<path d="M0,0h0v0h0Z"/>')


@dataclass(frozen=True)
class Needs:
    """What a chart reads of reports.`table` where `where` holds, for so many sessions up to the page's.

    `drawn` are the columns whose figures it draws, `keys` those that say what a row is of.
    """

    table: str
    keys: tuple[str, ...]
    drawn: tuple[str, ...]
    sessions: int
    where: str = "true"

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.keys, *self.drawn)


@dataclass(frozen=True)
class LegendItem:
    """A series of the chart: its colour's name, its label, and its newest value, with where that value stands."""

    colour: str
    label: str
    value: str = ""
    raw: float | None = None
    column: str = ""
    row: str = ""


@dataclass(frozen=True)
class Chart:
    """A drawing with its legend. `table` is where its figures stand.

    `until` is its last session with a figure, where that is before the page's.
    """

    svg: str
    table: str
    legend: tuple[LegendItem, ...] = ()
    until: date | None = None


def render_svg(
    chart: Any, key: str, *, height: int = HEIGHT, left: int = LEFT, days: Sequence[date] = (), **rows: Sequence[Row]
) -> str:
    """The SVG of an Altair chart over `rows` by name: WIDTH x `height` over all, its plot within fixed margins.

    `days` are the sessions of an axis made by `day_axis` or `band_axis`.
    """
    # what is set of the whole is put in last: Altair would copy it, and the rows, with every part of the chart
    drawing = chart.to_dict(validate=False)
    drawing |= {
        "width": WIDTH - left - RIGHT,
        "height": height - TOP - BOTTOM,
        "autosize": "none",
        "background": "transparent",
        "padding": {"left": left, "right": RIGHT, "top": TOP, "bottom": BOTTOM},
        "config": _CONFIG,
    }
    for layer in drawing["layer"]:
        x = layer.get("encoding", {}).get("x", {})
        if x.get("field") == "day" and days:
            x["scale"]["domain"] = [day.isoformat() for day in days]
    # Altair has put the rows of lines such as zero there already
    drawing["datasets"] = drawing.get("datasets", {}) | {name: list(points) for name, points in rows.items()}
    return _compact_svg(vl_convert.vegalite_to_svg(drawing), key)


def _compact_svg(svg: str, key: str) -> str:
    svg = _EMPTY.sub("", _NOISE.sub("", svg))
    svg = re.sub(r'(id="|url\(#|href="#)(clip|gradient)', rf"\1{key}-\2", svg)
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def day_axis(days: Sequence[date], language: str) -> Any:
    """The x of sessions, whose domain `render_svg` sets: labels at the first session of months, of some where there are few."""
    return alt.X(
        "day:O",
        scale=alt.Scale(type="point", padding=0),
        axis=_labelled_axis(day_tick_labels(days, language)),
    )


def band_axis(days: Sequence[date], language: str) -> Any:
    """The same with a band a session, for bars and cells."""
    return alt.X(
        "day:O",
        scale=alt.Scale(type="band", paddingInner=0.15),
        axis=_labelled_axis(day_tick_labels(days, language)),
    )


def _labelled_axis(labels: dict[str, str]) -> Any:
    listed = ", ".join(f"'{day}': '{label}'" for day, label in labels.items())
    return alt.Axis(
        values=list(labels), labelExpr=f"({{{listed}}})[datum.value]", labelAngle=0, grid=False, labelAlign="center"
    )


def day_tick_labels(days: Sequence[date], language: str) -> dict[str, str]:
    """Label by session: months where there are three or more, else days; at most seven, none at the very edge."""
    firsts = [later for earlier, later in pairwise(days) if earlier.month != later.month]
    if len(days) > 45:
        step = -(-len(firsts) // _MOST_TICKS)
        return {one.isoformat(): numerals.format_month(one, language) for one in firsts[::step]}
    step = max(1, -(-len(days) // 5))
    return {one.isoformat(): numerals.format_short_day(one, language) for one in days[step // 2 :: step]}


def value_axis(field: str = "value:Q", domain: Sequence[float] | None = None, count: int = 5) -> Any:
    """The y of figures, its labels with a typographic minus."""
    form = f"replace(format(datum.value, ',~f'), '-', '{numerals.MINUS}')"
    return alt.Y(
        field,
        scale=alt.Scale(domain=list(domain), nice=False) if domain else alt.Scale(nice=True, zero=False),
        axis=alt.Axis(
            tickCount=count,
            labelExpr=form,
            ticks=False,
            domain=False,
        ),
    )


def zero_line() -> Any:
    return single_value_chart("zero", 0).mark_rule(color=FAINT, strokeWidth=1).encode(y="zero:Q")


def single_value_chart(name: str, value: float) -> Any:
    """A chart over one row {name: value}, for a line that stands there."""
    return alt.Chart(alt.InlineData(values=[{name: value}]))


def chart_of_dataset(name: str) -> Any:
    """A chart over the rows that `render_svg` gets under `name`."""
    return alt.Chart(alt.NamedData(name=name))


def chart_title(key: str, language: str) -> str:
    return text_for_key(language, f"charts.{key}")


def session_days(rows: Sequence[Row]) -> list[date]:
    return sorted({row["session_date"] for row in rows})
