"""The goals that the project set itself, held against what was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Measured = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Goal:
    """`value` of what was measured should be at most `limit` (at least, where `is_floor`). `tried` is for the report;
    it is not measured without what it `needs`."""

    work: str
    unit: str
    limit: float
    value: Callable[[Measured], float]
    is_floor: bool = False
    cpu: Callable[[Measured], float] | None = None
    tried: str = ""
    needs: tuple[str, ...] = ()

    def verdict(self, measured: Measured) -> str:
        """'reached', or by what factor it is missed."""
        value = self.value(measured)
        if value >= self.limit if self.is_floor else value <= self.limit:
            return "reached"
        factor = self.limit / value if self.is_floor else value / self.limit
        return f"missed by a factor of {factor:.2f}"


def _ratio(over: str, under: str, key: str = "seconds") -> Callable[[Measured], float]:
    return lambda measured: float(measured[over]["found"][key] / measured[under]["found"][key])


def _compared(work: str, unit: str, limit: float, over: str, under: str, **more: Any) -> Goal:
    return Goal(work, unit, limit, _ratio(over, under), cpu=_ratio(over, under, "cpu"), **more)


def _slowest_query(measured: Measured) -> float:
    return float(max(measured["queries"]["found"]["milliseconds"].values()))


def _bytes_a_row(measured: Measured) -> float:
    found = measured["scan"]["found"]
    return float(found["bytes"] / found["rows"])


_SORTED = (
    "the heavy step is one pass of streaming windows over the sorted bars, in a shard for each core. Tried: windows by doubling "
    "in place of running sums (30 ns a row and sum, against 3 for a lag), if() in place of greatest() (3 ns against 6), sums of "
    "doubles that hold whole numbers in place of sums of integers (7 ns against 26), three counts packed into one number; "
    "stocks numbered by universe so that neighbours share cells, which changed nothing. What is left at 1,250 x 25, a row and "
    "core: 185 ns for the windows, 40 to pack the counts, 130 to add them up by session, universes and cap band."
)
_MEMORY = (
    "the tables of the build lie in a scratch file, whose pages DuckDB keeps in memory up to the limit that it is given, so that "
    "the resident set is about that limit (that of the settings by default) and 0.25 GB of interpreter and libraries, "
    "whatever the panel. The row with 1 GB among all steps gives the same tables."
)
_SESSION = (
    "of the bars one block of 64 sessions and the 256 before it are read; tables with a row for each stock and session, sums of "
    "universes, returns, and nearly all reports are made for that block alone, of files that the build before left. What is "
    "left: the bars in reach (a quarter), and some 100 small tables over all sessions, a fifth of it the plans of their queries. "
    "They are made beside the blocks, what most others wait for first, so that both cores are busy nine tenths of the time."
)
_TAIL = (
    "pandas reads sorted bars without a doubt about them; the build finds out which bars of the lake have changed, whose they "
    "are, which series is in force and which bars are to be set aside, and keeps what it finds for the next one. What is left "
    "is spread over some eighty tables, of which the largest, the panel, takes a seventh."
)
_RESTATED = (
    "windows of a year make some six blocks of a hundred hang on one bar; running sums of breadth go on from it, so that what "
    "prints them is made, written and compared for all later sessions. Gone since: the comparison of all facts of the year "
    "when the lake is read, the newest block, which does not hang on it, blocks of models that look back a few weeks alone, "
    "whole rows in the comparison with the build before."
)
_FULL = (
    "each bar is held against more rules than then: steps of single stocks, bars that repeat the last one, several series of a "
    "stock, seams of what was given anew; and digests of all bars are kept for the next build. Gone since: two of three sorts "
    "of all bars (the joins behind the first keep its order), a median over all sessions at once, a sort of histories for their "
    "ends."
)
_CORRECTED = (
    "the corrected bars are found in all files of their years and put into a table of their own; the history of the stocks "
    "concerned is read once more for what was given anew. Gone since: all bars of a year with a corrected one compared, in "
    "each build (20 s more)."
)
_BACKFILL = (
    "nine or ten blocks of a hundred are made again, with 256 sessions before; running sums of breadth go on from the older "
    "year, so that what prints them is made again for all sessions and compared with the build before."
)


def _from_sorted(over: str | None, under: str | None) -> Callable[[Measured], float]:
    """Seconds of a step over those of breadth and rotation from the sorted bars, or the reverse where `over` is None."""

    def value(measured: Measured) -> float:
        own = float(measured["same"]["found"]["after_sorting"])
        if over is None:
            return own / float(measured[str(under)]["found"]["seconds"])
        return float(measured[over]["found"]["seconds"]) / own

    return value


GOALS = (
    Goal(
        "full history of breadth and rotation from the sorted bars / scan of their columns",
        "x",
        6,
        _from_sorted(None, "scan"),
        tried=_SORTED,
    ),
    Goal("the same, against pandas", "x faster", 6, _from_sorted("pandas", None), is_floor=True, tried=_SORTED),
    Goal("the same, against polars", "x faster", 4, _from_sorted("polars", None), is_floor=True, tried=_SORTED),
    Goal(
        "peak memory of the full build",
        "GB",
        0.6,
        lambda measured: float(measured["full"]["peak_gb"]),
        tried=_MEMORY,
    ),
    _compared(
        "one more session / full build of the release before",
        "",
        0.12,
        "one more session",
        "release",
        tried=_SESSION,
        needs=("release",),
    ),
    _compared("one more session / full build", "", 0.12, "one more session", "full", tried=_SESSION),
    _compared(
        "one more session of breadth and rotation, from the lake, against pandas on the tail",
        "x faster",
        1,
        "pandas tail",
        "session of breadth and rotation",
        is_floor=True,
        tried=_TAIL,
    ),
    _compared(
        "one more session at 25 years / at 6 years",
        "",
        1.6,
        "one more session",
        "one more session of 5000 symbols x 6 years",
        tried=_SESSION,
        needs=("one more session of 5000 symbols x 6 years",),
    ),
    _compared("a restated bar of the third year / full build", "", 0.15, "restated bar", "full", tried=_RESTATED),
    _compared(
        "build of the same facts again: a bar of each year corrected / none",
        "",
        1.25,
        "corrected",
        "unchanged",
        tried=_CORRECTED,
    ),
    _compared("backfilling one year / full build", "", 0.2, "backfill", "full", tried=_BACKFILL),
    _compared("full build / that of the release before", "", 1.1, "full", "release", tried=_FULL, needs=("release",)),
    Goal(
        "store of blocks / lake",
        "",
        1.5,
        lambda measured: float(measured["store"]["bytes"] / measured["scan"]["found"]["bytes"]),
    ),
    Goal("the slowest query on a mart, warm", "ms", 10, _slowest_query),
    Goal("disk", "bytes a row of bars", 17, _bytes_a_row),
)
