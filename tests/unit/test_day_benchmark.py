"""What the benchmark of a day says of figures given to it, and how it takes the time of parts that overlap."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.day import DAYS, Clock, Cost, _environment, _time_the_parts, page
from benchmarks.fetching import END

ROOT = Path(__file__).parents[2]
PARTS = {
    "start-up": (6.0, 3.0),
    "fetching": (2.0, 2.5),
    "checks": (1.5, 1.25),
    "commits": (0.5, 0.25),
    "build": (4.0, 3.5),
    "page": (1.0, 1.5),
    "end": (1.0, 0.5),
}
MACHINE = {"cores": "2", "memory": "24 GB", "processor": "P", "python": "3.11.7", "load": "0.1"}


def test_the_goals_are_taken_without_the_page_and_over_the_empty_flow() -> None:
    day, slower = Cost(16.0, 12.5, 9.0, PARTS), Cost(30.0, 13.0, 9.5, PARTS)
    nothing = Cost(10.0, 4.0, 8.0, {})
    text = page([slower, day], [nothing], 500, MACHINE, date(2026, 11, 28))
    assert "| an empty Prefect flow | 10.0 | 4.0 | 8.0 |\n| the day | 16.0 | 12.5 | 9.0 |" in text
    # 12.5 of the day, less 1.5 of the page and 4.0 of the empty flow; 15 s of wall time over 10
    assert "without the page, at most 6 s: 7.0, missed by 1.0" in text
    assert "without the page, at most 2 times: 1.5, reached" in text
    assert "| checks | 1.5 | 1.2 |" in text


def test_both_run_as_every_run_but_the_first_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in _environment()
    assert DAYS[-1] == END


def test_the_module_of_both_imports_nothing_of_ours() -> None:
    code = "import sys, benchmarks.day; print([m for m in sys.modules if m.split('.')[0] in ('flows', 'sources', 'warehouse')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_clock_parts_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run from 10 s on; an ingest from 12 to 20 s, in which a check takes 3 s; then a build of 4 s, and 1 s more."""
    at = [10.0]
    monkeypatch.setattr(time, "monotonic", lambda: at[0])
    monkeypatch.setattr(time, "process_time", lambda: at[0] - 10)

    def take(seconds: float) -> None:
        at[0] += seconds

    def ingest() -> None:
        take(4)
        work.check()
        take(1)

    work = SimpleNamespace(check=lambda: take(3), build=lambda: take(4), ingest=ingest)
    clock = Clock(10.0)
    clock.around(work, "check", "checks", time.process_time)
    clock.around(work, "build", "build", time.process_time)
    clock.around(work, "ingest", "ingest", time.process_time)
    take(2)
    work.ingest()
    work.build()
    take(1)
    assert clock.parts(at[0]) == {
        "start-up": (2, 2),
        "fetching": (8, 5),
        "checks": (3, 3),
        "commits": (0, 0),
        "build": (4, 4),
        "page": (0, 0),
        "end": (1, 1),
    }


def test_what_is_timed_is_there() -> None:
    found = []

    class Listing(Clock):
        def around(self, owner: Any, name: str, part: str, cpu: Callable[[], float]) -> None:
            found.append((part, callable(getattr(owner, name))))

    _time_the_parts(Listing(0.0))
    assert found == [("ingest", True), ("checks", True), ("commits", True), ("build", True), ("page", True)]
