"""Horizontal bars in a given order, one a label: what sectors, bands and flows are drawn with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from reports.charts.chart import FAINT, INK, chart_of_dataset, render_svg, single_value_chart
from reports.numerals import MINUS

_ROW = 21


@dataclass(frozen=True)
class Bar:
    """A bar of `value`, in the style sheet's `colour`."""

    label: str
    value: float | None
    colour: str


def up_or_down(value: float | None) -> str:
    return "up" if value is not None and value >= 0 else "down"


def ranked_bars(
    bars: Sequence[Bar], name: str, *, left: int, domain: Sequence[float] | None = None, mark: float = 0
) -> str | None:
    """The SVG of `bars`, downwards, with a line at `mark`; None where fewer than two have a value."""
    known = [bar for bar in bars if bar.value is not None]
    if len(known) < 2:
        return None
    rows = [{"label": bar.label, "value": bar.value, "colour": f"var(--{bar.colour})"} for bar in known]
    y = alt.Y(
        "label:N",
        sort=None,
        scale=alt.Scale(domain=[bar.label for bar in known], padding=0.25),
        axis=alt.Axis(ticks=False, domain=False, labelColor=INK, labelPadding=6),
    )
    scale = alt.Scale(domain=list(domain), nice=False) if domain else alt.Scale(nice=True, zero=True)
    form = f"replace(format(datum.value, '~f'), '-', '{MINUS}')"
    x = alt.X("value:Q", scale=scale, axis=alt.Axis(tickCount=5, labelExpr=form, ticks=False, domain=False))
    chart = chart_of_dataset("rows")
    drawn = chart.mark_bar(height=13).encode(x=x, y=y, color=alt.Color("colour:N", scale=None, legend=None))
    line = single_value_chart("at", mark).mark_rule(color=FAINT).encode(x="at:Q")
    return render_svg(alt.layer(drawn, line), name, height=34 + _ROW * len(known), left=left, rows=rows)
