"""What a day costs: `breadthwise run` against the mocked APIs, beside an empty Prefect flow, each in a new process.

`python -m benchmarks.day` makes a warm home with 500 stocks, measures both in turn and writes DAY.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any

# what a run does not need is imported where it is used: each of the two that are measured imports this module
DAYS = (date(2026, 1, 21), date(2026, 1, 22), date(2026, 1, 23))
HISTORY = 260
GOAL_CPU_SECONDS = 6.0
GOAL_RATIO = 2.0
PARTS = ("start-up", "fetching", "checks", "commits", "build", "page", "end")
_HERE = Path(__file__).parent
_KEYS = dict.fromkeys(("FMP_API_KEY", "POLYGON_API_KEY", "TIINGO_API_KEY"), "a-key-of-the-benchmark")
_CONTACT = {"SEC_CONTACT": "Simulated Benchmark benchmark@example.com"}


@dataclass(frozen=True)
class Cost:
    """Of one process, from its start to its end, in seconds: wall time, its own CPU, and that of its Prefect server."""

    wall: float
    own: float
    server: float
    parts: dict[str, tuple[float, float]]


class Clock:
    """Wall and CPU time of the parts of a run, taken around the functions that do them.

    Datasets are worked on side by side: checks and commits are sums over their threads, of CPU what the thread itself
    used. Fetching (with storing and parsing) is by the clock all from the first dataset to the last, checks and commits
    included; its CPU is without theirs.
    """

    def __init__(self, started: float) -> None:
        self._wall: dict[str, float] = {}
        self._cpu: dict[str, float] = {}
        self._marks: list[tuple[float, float]] = [(started, 0.0)]
        self._ingests: list[tuple[float, float]] = []
        self._lock = threading.Lock()

    def around(self, owner: Any, name: str, part: str, cpu: Callable[[], float]) -> None:
        """From now on `owner.name` is timed as `part`."""
        inner = getattr(owner, name)

        @wraps(inner)
        def timed(*given: Any, **named: Any) -> Any:
            wall, used = time.monotonic(), cpu()
            if part == "ingest":
                self._note(wall, time.process_time())
            try:
                return inner(*given, **named)
            finally:
                with self._lock:
                    self._wall[part] = self._wall.get(part, 0.0) + time.monotonic() - wall
                    self._cpu[part] = self._cpu.get(part, 0.0) + cpu() - used
                if part == "ingest":
                    self._note(time.monotonic(), time.process_time())

        setattr(owner, name, timed)

    def _note(self, wall: float, cpu: float) -> None:
        with self._lock:
            self._ingests.append((wall, cpu))

    def parts(self, ended: float) -> dict[str, tuple[float, float]]:
        """Seconds of wall and CPU time by part; the part `end` is what no other one has."""
        (began, _), (first, cpu_first), (last, cpu_last) = self._marks[0], min(self._ingests), max(self._ingests)
        found = {
            part: (self._wall.get(part, 0.0), self._cpu.get(part, 0.0))
            for part in ("checks", "commits", "build", "page")
        }
        inside = sum(found[part][1] for part in ("checks", "commits"))
        found["start-up"] = (first - began, cpu_first)
        found["fetching"] = (last - first, cpu_last - cpu_first - inside)
        apart = sum(found[part][0] for part in ("start-up", "fetching", "build", "page"))
        found["end"] = (ended - began - apart, time.process_time() - sum(cpu for _, cpu in found.values()))
        return {part: found[part] for part in PARTS}


def run_day(home: Path, session: date, started: float) -> dict[str, Any]:
    """The daily flow, as the command line starts it, with its parts timed. For a process of its own."""
    from flows.console.context import Reporter
    from flows.orchestration.local_runs import run_daily
    from sources.settings import load_settings

    clock = Clock(started)
    _time_the_parts(clock)
    code = run_daily(home, load_settings(home), Reporter(quiet=True), session)
    return {"code": code, "own": time.process_time(), "parts": clock.parts(time.monotonic())}


def _time_the_parts(clock: Clock) -> None:
    """Prefect is imported when its server is there, and the flow after it; what is timed is imported without both."""
    from flows.build import publish
    from flows.daily import steps
    from flows.ingest.ingest import Ingestion
    from flows.report import write
    from warehouse.lake.lake import Lake

    clock.around(steps, "ingest_dataset", "ingest", time.process_time)
    clock.around(Ingestion, "_check_table", "checks", time.thread_time)
    clock.around(Lake, "commit", "commits", time.thread_time)
    clock.around(publish, "build_and_publish", "build", time.process_time)
    clock.around(write, "write_report", "page", time.process_time)


def run_nothing(home: Path) -> dict[str, Any]:
    """An empty flow, with the server that a run starts and nothing else of ours. For a process of its own."""
    from flows.console.context import Reporter
    from flows.orchestration.prefect_setup import use_home
    from flows.orchestration.server import running_server

    use_home(home, is_shown_by_us=True)
    with running_server(home, Reporter(quiet=True), is_scheduling=False):
        from prefect import flow

        @flow(name="nothing", persist_result=False)
        def nothing() -> None:
            """Does nothing."""

        nothing()
    return {"code": 0, "own": time.process_time(), "parts": {}}


def measured(what: str, home: Path, session: date) -> Cost:
    """One of the two in a new process. Raises RuntimeError where it ends with an error."""
    command = [sys.executable, "-m", "benchmarks.day", "--child", what, str(home), str(session), repr(time.monotonic())]
    began = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=out, stderr=errors, env=_environment())
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        text = errors.read().decode(errors="replace")
        lines = out.read().splitlines()
    if process.returncode or not lines:
        raise RuntimeError(f"{what} of {session}: {text[-2000:]}")
    found = json.loads(lines[-1])
    parts = {part: (float(wall), float(cpu)) for part, (wall, cpu) in found["parts"].items()}
    if found["code"]:
        print(text[-1000:], file=sys.stderr)
    return Cost(wall, found["own"], usage.ru_utime + usage.ru_stime - found["own"], parts)


def _environment() -> dict[str, str]:
    """Of a person's second run: keys, and modules that are compiled already, whatever the shell says of those."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | _KEYS | _CONTACT


def warm_home(home: Path, url: str, names: Sequence[str]) -> None:
    """A home with a year of history, whose first days have run."""
    from sources.mock_api.server import HOSTS

    home.mkdir(parents=True)
    pace = "\n".join(f'"{host}" = 5000.0' for host in HOSTS)
    listed = ", ".join(f'"{name}"' for name in names)
    (home / "breadthwise.toml").write_text(
        f'universe = [{listed}]\n[base_urls]\n"*" = "{url}"\n[pace]\n{pace}\n', encoding="utf-8"
    )
    command = [sys.executable, "-m", "flows.cli", "--home", str(home), "--quiet", "run", "--session", str(DAYS[0])]
    done = subprocess.run([*command, "--with-history", str(HISTORY)], env=_environment(), check=False)
    if done.returncode not in (0, 3):
        raise RuntimeError(f"the home could not be made: code {done.returncode}")


def page(days: Sequence[Cost], nothings: Sequence[Cost], symbols: int, machine: dict[str, str], on: date) -> str:
    """DAY.md: the fastest of each, side by side, and the parts of the day."""
    day, nothing = min(days, key=lambda one: one.own), min(nothings, key=lambda one: one.own)
    shown = day.parts["page"][1]
    more = day.own - shown - nothing.own
    ratio = (day.wall - day.parts["page"][0]) / nothing.wall
    verdicts = [
        (
            f"our own CPU over the empty flow's, without the page, at most {GOAL_CPU_SECONDS:g} s",
            more,
            GOAL_CPU_SECONDS,
        ),
        (f"wall time over the empty flow's, without the page, at most {GOAL_RATIO:g} times", ratio, GOAL_RATIO),
    ]
    lines = [
        "# What a day costs",
        "",
        "Written by `python -m benchmarks.day`; do not edit. All figures are of one machine.",
        "",
        f"- `breadthwise run` of one more session: all datasets, {symbols:,} stocks, a warm home with {HISTORY} sessions, the",
        "  mocked APIs on the same machine, no vendor's pace; the one with the least CPU of its own of "
        f"{len(days)}, and so of the empty flow",
        f"- machine: {machine['cores']} cores, {machine['memory']}, {machine['processor']}, Python {machine['python']}",
        f"- date: {on.isoformat()}; mean load of the machine in the five minutes before: {machine['load']}",
        "",
        "| | wall s | CPU s of the process | CPU s of Prefect's server |",
        "| --- | --- | --- | --- |",
        f"| an empty Prefect flow | {nothing.wall:.1f} | {nothing.own:.1f} | {nothing.server:.1f} |",
        f"| the day | {day.wall:.1f} | {day.own:.1f} | {day.server:.1f} |",
        "",
        *(
            f"- {what}: {value:.1f}, {'reached' if value <= limit else f'missed by {value - limit:.1f}'}"
            for what, value, limit in verdicts
        ),
        "",
        "| part of the day | wall s | CPU s |",
        "| --- | --- | --- |",
        *(f"| {part} | {wall:.1f} | {cpu:.1f} |" for part, (wall, cpu) in day.parts.items()),
        "",
        "Datasets that share no host are fetched side by side. By the clock fetching (with storing and parsing) is all from",
        "the first dataset to the last; checks and commits lie within it, are sums over threads, and so may be more. In CPU",
        "they are apart, without DuckDB's own threads, which count as fetching. Start-up is the interpreter, the imports",
        "(Great Expectations' too) and the wait for Prefect's server; the end is what Prefect does after the page. Both run",
        "with modules that are compiled already, as every run but the first does, and the empty flow imports nothing of ours",
        "but what starts the server.",
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write the page."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["--child"]:
        print(json.dumps(_child(*given[1:])), flush=True)
        return 0
    parser = argparse.ArgumentParser(prog="python -m benchmarks.day", description=__doc__)
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--days", type=int, choices=(1, 2), default=2, help="how often both are measured (default 2)")
    parser.add_argument("--out", type=Path, default=_HERE, help="folder of DAY.md")
    asked = parser.parse_args(given)
    from benchmarks import report
    from benchmarks.fetching import mocked, stocks

    many = asked.symbols + asked.symbols // 4
    with mocked(many) as url, tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        warm_home(home, url, stocks(many)[: asked.symbols])
        days, nothings = [], []
        for session in DAYS[1 : 1 + asked.days]:
            nothings.append(measured("nothing", home, session))
            days.append(measured("day", home, session))
    text = page(days, nothings, asked.symbols, report.machine(), date.today())
    (asked.out / "DAY.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


def _child(what: str, home: str, session: str, started: str) -> dict[str, Any]:
    folder = Path(home)
    return run_nothing(folder) if what == "nothing" else run_day(folder, date.fromisoformat(session), float(started))


if __name__ == "__main__":
    sys.exit(main())
