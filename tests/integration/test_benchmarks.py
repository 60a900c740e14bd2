"""The benchmark runs through on a small panel: pipeline, pandas and polars agree, and a page is written of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import faults
from benchmarks.plot import Chart, Line, svg
from benchmarks.run import main


def test_three_implementations_agree_and_the_page_says_what_was_measured(tmp_path: Path) -> None:
    arguments = [
        "--small",
        "--symbols",
        "80",
        "--no-series",
        "--folder",
        str(tmp_path / "bench"),
        "--out",
        str(tmp_path),
    ]
    assert main(arguments) == 0
    results = json.loads((tmp_path / "bench" / "80x3" / "results.json").read_text())
    assert len(results["checks"]) == 4
    assert all(check["is_right"] for check in results["checks"])
    assert "peak_gb" in results["measured"]["pandas"]
    page = (tmp_path / "RESULTS.md").read_text()
    assert "- panel: 80 symbols x 3 years" in page
    assert page.count("- yes:") == 4


def test_faults_put_into_the_bars_of_the_demo_are_found(demo_template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "PLACES", {faults.STOCKS: 60, faults.FUNDS: 10, faults.INDICES: 10})
    ten = [fault for fault in faults.FAULTS if fault.name == "x10"]
    monkeypatch.setattr(faults, "FAULTS", ten)
    lines = list(faults.report(demo_template, [1]))
    rows = [line.strip("| ").split(" | ") for line in lines if " | x10 | " in line]
    found = {kind: (int(injected), int(found)) for kind, _, injected, found, *_ in rows}
    assert sum(injected for kind, (injected, _) in found.items() if kind != "stock (any)") > 60
    assert {kind: found[kind][1] for kind in ("fund", "index")} == {kind: found[kind][0] for kind in ("fund", "index")}
    assert found["stock (any)"] == (60, 60)


def test_a_line_of_work_in_proportion_is_straight() -> None:
    page = svg([Chart("t", "symbols", "s", [Line("wall", [(10, 1), (100, 10), (1000, 100)])])])
    points = page.split('points="')[1].split('"')[0].split()
    assert points == ["60.0,250.0", "230.0,145.0", "400.0,40.0"]
