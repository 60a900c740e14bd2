"""Bars of sessions above and below zero: what the spread, the oscillator and the highs and lows are drawn with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import altair as alt

from reports.charts.chart import DOWN, UP, band_axis, chart_of_dataset, render_svg, value_axis, zero_line


def signed_bars(
    points: Iterable[tuple[date, float | None]], days: Sequence[date], language: str, name: str
) -> str | None:
    """The SVG of bars (session, value); None where fewer than two sessions have a value."""
    known = [
        {"day": day.isoformat(), "value": value, "side": "up" if value >= 0 else "down"}
        for day, value in points
        if value is not None
    ]
    if len({point["day"] for point in known}) < 2:
        return None
    bars = (
        chart_of_dataset("known")
        .mark_bar()
        .encode(
            x=band_axis(days, language),
            y=value_axis(),
            color=alt.Color("side:N", scale=alt.Scale(domain=["up", "down"], range=[UP, DOWN]), legend=None),
        )
    )
    return render_svg(alt.layer(bars, zero_line()), name, days=days, known=known)
