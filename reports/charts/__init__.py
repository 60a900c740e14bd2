"""One file a chart: NEEDS says what it reads of which table, `draw` makes of those rows a Chart, or None where there is nothing.

A chart computes no figure. A new file here with both is drawn; the template part of its section shows it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Protocol, cast

from altair.utils.schemapi import debug_mode

from reports import numerals
from reports.charts.chart import Chart, LegendItem, Needs
from reports.reading import Reading, Row


class ChartModule(Protocol):
    NEEDS: Needs
    draw: Callable[[list[Row], str], Chart | None]


@lru_cache(maxsize=1)
def chart_modules() -> Mapping[str, ChartModule]:
    """The charts by the name of their file."""
    found = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda one: one.name):
        module = importlib.import_module(f"{__name__}.{info.name}")
        if hasattr(module, "NEEDS"):
            found[info.name] = cast(ChartModule, module)
    return found


def read_chart_rows(reading: Reading, day: date) -> dict[str, list[Row]]:
    """What each chart reads of the build, by its name, for the session `day`."""
    days = reading.sessions_before(day, max(module.NEEDS.sessions for module in chart_modules().values()))
    found: dict[str, list[Row]] = {}
    for name, module in chart_modules().items():
        needs = module.NEEDS
        first = days[-needs.sessions :][0] if days and needs.sessions > 1 else day
        found[name] = list(reading.history_rows(needs.table, needs.columns, first, day, needs.where))
    return found


def draw_all(rows: Mapping[str, list[Row]], language: str, day: date) -> dict[str, Chart]:
    """The charts of the page of `day` that have something to show, by name, in `language`."""
    # Altair checks every part against its schema, which takes longer than drawing; tests draw with the checks
    with debug_mode(False):
        drawn = {name: module.draw(rows[name], language) for name, module in chart_modules().items()}
    return {
        name: _with_last_session(chart, rows[name], chart_modules()[name].NEEDS.drawn, day)
        for name, chart in drawn.items()
        if chart is not None
    }


def _with_last_session(chart: Chart, rows: Sequence[Row], columns: Sequence[str], day: date) -> Chart:
    """The chart with the last session of which it draws one of `columns`, where that is before `day`.

    Figures of an earlier session are not those of `day`.
    """
    drawn = (row["session_date"] for row in rows if any(row[column] is not None for column in columns))
    last = max(drawn, default=day)
    if last >= day:
        return chart
    legend = chart.legend if rows[-1]["session_date"] == day else tuple(map(_without_figure, chart.legend))
    return replace(chart, legend=legend, until=last)


def _without_figure(item: LegendItem) -> LegendItem:
    return replace(item, value=numerals.NOTHING, raw=None) if item.column else item
