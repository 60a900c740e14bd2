"""The goals that the project set itself, held against what was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Measured = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Goal:
    """`value` of what was measured should be at most `limit` (at least, where `is_floor`). `tried` is for the report."""

    work: str
    unit: str
    limit: float
    value: Callable[[Measured], float]
    is_floor: bool = False
    tried: str = ""

    def verdict(self, measured: Measured) -> str:
        """'reached', or by what factor it is missed."""
        value = self.value(measured)
        if value >= self.limit if self.is_floor else value <= self.limit:
            return "reached"
        factor = self.limit / value if self.is_floor else value / self.limit
        return f"missed by a factor of {factor:.2f}"


def _seconds(measured: Measured, name: str) -> float:
    return float(measured[name]["found"]["seconds"])


def _ratio(over: str, under: str) -> Callable[[Measured], float]:
    return lambda measured: _seconds(measured, over) / _seconds(measured, under)


def _slowest_query(measured: Measured) -> float:
    return float(max(measured["queries"]["found"]["milliseconds"].values()))


def _bytes_a_row(measured: Measured) -> float:
    found = measured["scan"]["found"]
    return float(found["bytes"] / found["rows"])


GOALS = (
    Goal("full history from the sorted cache (breadth, rotation) / scan of its columns", "x", 6, _ratio("same", "scan")),
    Goal("the same, against pandas", "x faster", 6, _ratio("pandas", "same"), is_floor=True),
    Goal("the same, against polars", "x faster", 4, _ratio("polars", "same"), is_floor=True),
    Goal("peak memory of the full build, memory_limit 1 GB", "GB", 0.6, lambda measured: float(measured["full"]["peak_gb"])),
    Goal("one more session / full build", "", 0.1, _ratio("one more session", "full")),
    Goal("one more session against pandas on the tail", "x faster", 3, _ratio("pandas tail", "one more session"), is_floor=True),
    Goal("backfilling one year / full build", "", 0.1, _ratio("backfill", "full")),
    Goal("the slowest query on a mart, warm", "ms", 10, _slowest_query),
    Goal("disk", "bytes a row of bars", 17, _bytes_a_row),
)
