"""Two small charts as SVG, written by hand: matplotlib is not worth a dependency for eight points."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 420, 300, 60, 40, 20, 50
_COLOURS = ("#1f6feb", "#b35900", "#2d7d46")
_Scale = Callable[[float], float]


@dataclass(frozen=True)
class Line:
    """Points (x, y), both above 0."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Chart:
    """Lines over one horizontal axis, both axes logarithmic: work in proportion is a straight line of slope 1."""

    title: str
    x_name: str
    y_name: str
    lines: Sequence[Line]


def svg(charts: Sequence[Chart]) -> str:
    """The charts side by side."""
    width = _WIDTH * len(charts)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" width="{width}" height="{_HEIGHT}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{_HEIGHT}" fill="#ffffff"/>',
    ]
    for place, chart in enumerate(charts):
        parts += [f'<g transform="translate({place * _WIDTH},0)">', *_chart(chart), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _chart(chart: Chart) -> list[str]:
    xs = sorted({x for line in chart.lines for x, _ in line.points})
    ys = [y for line in chart.lines for _, y in line.points]
    low, high = 10 ** math.floor(math.log10(min(ys))), 10 ** math.ceil(math.log10(max(ys)) - 1e-9)

    def across(x: float) -> float:
        return _LEFT + _share(x, xs[0], xs[-1]) * (_WIDTH - _LEFT - _RIGHT)

    def down(y: float) -> float:
        return _HEIGHT - _BOTTOM - _share(y, low, high) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [f'<text x="{_LEFT}" y="18" font-size="13" font-weight="bold">{escape(chart.title)}</text>']
    for x in xs:
        parts.append(f'<text x="{across(x):.1f}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{x:g}</text>')
    tick = float(low)
    while tick <= high * 1.001:
        y = down(tick)
        parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
        tick *= 10
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{_HEIGHT - 16}" text-anchor="middle">{escape(chart.x_name)}</text>')
    parts.append(f'<text x="{_LEFT}" y="32" fill="#555555">{escape(chart.y_name)}</text>')
    for number, line in enumerate(chart.lines):
        parts += _line(line, _COLOURS[number % len(_COLOURS)], number, across, down)
    return parts


def _line(line: Line, colour: str, number: int, across: _Scale, down: _Scale) -> list[str]:
    points = [(across(x), down(y)) for x, y in line.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    parts = [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>']
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    parts.append(f'<text x="{_LEFT + 130 + 70 * number}" y="32" fill="{colour}">{escape(line.name)}</text>')
    return parts


def _share(value: float, low: float, high: float) -> float:
    return (math.log(value) - math.log(low)) / (math.log(high) - math.log(low)) if high > low else 0.5
