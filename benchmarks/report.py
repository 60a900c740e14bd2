"""Writes RESULTS.md and its chart from what was measured."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.goals import GOALS
from benchmarks.plot import Chart, Line, svg

CHART = "cost.svg"
_NAMES = {
    "scan": "scan of seven columns of all bars (the yardstick)",
    "full": "full build from the lake, keeping the blocks",
    "roomy": "full build without blocks, memory_limit 1 GB",
    "release": "full build of the release before (f3f9e82), memory_limit 2 GB",
    "unchanged": "build of the same facts again, with their blocks",
    "corrected": "the same where a bar of each year has been corrected",
    "same": "breadth and rotation alone, from the lake, without blocks",
    "one more session": "build after one more session, restatements included",
    "session of breadth and rotation": "the same of breadth and rotation alone, on blocks of their own",
    "restated bar": "build after a restated bar of the third year",
    "backfill": "build after the backfill of a year",
    "polars": "breadth and rotation in polars",
    "pandas": "breadth and rotation in pandas",
    "pandas tail": "breadth and rotation of one more session in pandas, from the last 275 sessions",
}
_SHOWN_MODELS = 15
PANEL = (5000, 25)
_OTHER_SIZE = "**Not the panel of the goals (5,000 symbols x 25 years): the verdicts below are of a smaller one.**"


def machine() -> dict[str, str]:
    """Cores, memory, processor and versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "pandas", "polars", "pyarrow", "numpy"))
    return {
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GB",
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "libraries": libraries,
        "load": f"{os.getloadavg()[1]:.1f}",
    }


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def write(results: dict[str, Any], folder: Path) -> None:
    """RESULTS.md, and the chart where cost was measured for several sizes, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    if results["series"]:
        (folder / CHART).write_text(svg(_charts(results)), encoding="utf-8")
    (folder / "RESULTS.md").write_text(text(results), encoding="utf-8")


def text(results: dict[str, Any]) -> str:
    """The page."""
    found, on = results["measured"], results["machine"]
    rows = found["scan"]["found"]["rows"]
    lines = [
        "# What it costs",
        "",
        *([] if (results["symbols"], results["years"]) == PANEL else [_OTHER_SIZE, ""]),
        "Written by `python -m benchmarks.run`; do not edit. All figures are of one run on one machine.",
        "",
        f"- panel: {results['symbols']:,} symbols x {results['years']} years, {rows:,} bars; the fastest of "
        f"{results['repeat']} where a step is repeated",
        f"- machine: {on['cores']} cores, {on['memory']}, {on['processor']}, {on['system']}",
        f"- versions: Python {on['python']}, {on['libraries']}",
        f"- date: {results['date']}; mean load of the machine in the five minutes before: {on['load']}",
        "",
        "Peak memory is the resident set of the whole process, interpreter and libraries included. CPU time is that of all",
        "threads, so that figures stand although the machine may have been shared. Ratios are of wall time.",
        "pandas and polars read the bars from a file that is sorted already. Our sorted bars are made in every build, from the",
        "lake; 'from the sorted bars' leaves out that part, which has a row of its own among the steps.",
        "",
        "## Goals",
        "",
        *_goals(found),
        "",
        "## All steps",
        "",
        *_steps(found),
        "",
        "## Do all agree?",
        "",
    ]
    for check in results["checks"]:
        lines.append(f"- {'yes' if check['is_right'] else '**no**'}: {check['what']} ({check['detail']})")
    lines += ["", "## Queries on the marts, warm", "", "| query | ms |", "| --- | --- |"]
    lines += [f"| {name} | {took:.1f} |" for name, took in found["queries"]["found"]["milliseconds"].items()]
    lines += ["", "## Where the full build spends its time", "", "| step | s |", "| --- | --- |"]
    slowest = sorted(found["full"]["found"]["models"].items(), key=lambda item: -item[1])
    lines += [f"| {name} | {took:.2f} |" for name, took in slowest[:_SHOWN_MODELS]]
    return "\n".join([*lines, *_cost(results)]) + "\n"


def _goals(found: dict[str, Any]) -> list[str]:
    lines = ["| work | goal | measured | | the same in CPU time |", "| --- | --- | --- | --- | --- |"]
    for goal in GOALS:
        if not set(goal.needs) <= set(found):
            lines.append(f"| {goal.work} | {goal.limit:g} {goal.unit} | not measured | | |")
            continue
        limit = f"{'>=' if goal.is_floor else '<='} {goal.limit:g} {goal.unit}".strip()
        cpu = f"{goal.cpu(found):.3g}" if goal.cpu else ""
        lines.append(f"| {goal.work} | {limit} | {goal.value(found):.3g} {goal.unit} | {goal.verdict(found)} | {cpu} |")
    missed: dict[str, list[str]] = {}
    for goal in GOALS:
        if goal.tried and set(goal.needs) <= set(found) and goal.verdict(found) != "reached":
            missed.setdefault(goal.tried, []).append(goal.work)
    tried = [f"- {'; '.join(works)}: {text}" for text, works in missed.items()]
    return lines + (["", "What was tried where a goal is missed:", "", *tried] if tried else [])


def _steps(found: dict[str, Any]) -> list[str]:
    yardstick = found["scan"]["found"]["seconds"]
    lines = ["| step | wall s | / scan | CPU s | peak GB |", "| --- | --- | --- | --- | --- |"]
    for name, title in _NAMES.items():
        if name not in found:
            continue
        seconds, cpu = found[name]["found"]["seconds"], found[name]["found"]["cpu"]
        lines.append(
            f"| {title} | {seconds:.2f} | {seconds / yardstick:.1f} | {cpu:.2f} | {found[name]['peak_gb']:.2f} |"
        )
        if name == "same":
            after = found[name]["found"]["after_sorting"]
            for part, took in {"sorting the bars": seconds - after, "from the sorted bars": after}.items():
                lines.append(f"| - of which {part} | {took:.2f} | {took / yardstick:.1f} | | |")
    return lines


def _cost(results: dict[str, Any]) -> list[str]:
    if not results["series"]:
        return []
    lines = ["", "## Cost against symbols and years", "", f"![Cost against symbols and years]({CHART})", ""]
    lines += [
        "| symbols | years | bars | wall s | CPU s | CPU us a bar | peak GB | one more session, wall s |",
        "| --- " * 8 + "|",
    ]
    for point in results["series"]:
        each = 1e6 * point["cpu"] / point["rows"]
        lines.append(
            f"| {point['symbols']:,} | {point['years']} | {point['rows']:,} | {point['seconds']:.1f} | {point['cpu']:.1f} "
            f"| {each:.2f} | {point['peak_gb']:.2f} | {point['session_seconds']:.1f} |"
        )
    return [
        *lines,
        "",
        "Full builds that keep their blocks. A panel has costs that do not grow with it.",
    ]


def _charts(results: dict[str, Any]) -> list[Chart]:
    charts = []
    fixed = {"symbols": ("years", results["years"]), "years": ("symbols", results["symbols"])}
    for axis, (other, value) in fixed.items():
        points = sorted((point for point in results["series"] if point[other] == value), key=lambda point: point[axis])
        lines = [Line(name, [(point[axis], point[key]) for point in points]) for name, key in _MEASURES.items()]
        charts.append(Chart(f"Full build against {axis} ({value:,} {other})", axis, "seconds; GB", lines))
    return charts


_MEASURES = {"wall s": "seconds", "CPU s": "cpu", "peak GB": "peak_gb", "one more session, wall s": "session_seconds"}
