"""No network: closed ports, and a black hole that takes connections and is silent. `run`, `backfill`, `doctor` say so at once."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.cli import main
from warehouse.runs.journal import Journal

SPX = "date,close\n2026-01-22,6913.35\n2026-01-23,6915.61\n"
RUN = ("run", "--session", "2026-01-23")
HOSTS = ("www.federalreserve.gov", "www.blackrock.com")


@pytest.fixture(params=["closed", "black hole"])
def nowhere(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a port that is closed, or of one that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        if request.param == "black hole":
            listening.listen(100)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def home(tmp_path: Path, nowhere: str) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    none = "\n".join(
        f"{name} = []"
        for name in ("index_bars", "sector_bars", "equity_bars", "securities", "rating_actions", "fundamentals")
    )
    settings = f'base_urls = {{ "*" = "{nowhere}" }}\n[sources]\n{none}\nmacro_observations = []\n'
    (folder / "breadthwise.toml").write_text(settings)
    return folder


def test_an_empty_home_ends_at_once_with_the_reason(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    assert main(["--home", str(home), *RUN]) == 1
    assert time.monotonic() - began < 10
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "none of 2 hosts answers; is this machine online? Nothing was fetched for 2026-01-23:"
    assert lines[1].split() == ["dataset", "asked", "of", "what", "happened"]
    assert [line.split()[:2] for line in lines[2:4]] == [
        ["memberships", "blackrock_holdings"],
        ["events", "fed_speeches"],
    ]
    nothing = f"breadthwise run: nothing came and nothing is stored under {home} yet, so there is nothing to build"
    assert lines[4:] == [nothing]
    assert sorted(path.name for path in home.iterdir()) == ["breadthwise.toml"]


def test_what_is_stored_is_built_and_no_old_close_is_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home.parent / "SPX.csv").write_text(SPX)
    assert main(["--home", str(home), "import", str(home.parent / "SPX.csv"), "--dataset", "index_bars"]) == 0
    capsys.readouterr()
    assert main(["--home", str(home), "--quiet", *RUN]) == 3
    shown = capsys.readouterr()
    assert len(shown.err.splitlines()) == 4
    assert shown.out.startswith("build ")
    assert shown.out.endswith(" of what was stored before is published\n")
    assert "6915.61" not in shown.out + shown.err
    assert (home / "warehouse.duckdb").exists()
    (run,) = [run for run in Journal(home).list_runs() if run["kind"] == "daily"]
    assert (run["status"], run["exit_code"]) == ("gaps", 3)
    assert run["message"] == "none of 2 hosts answers; is this machine online? Nothing was fetched"


def test_a_backfill_asks_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "breadthwise.toml").write_text((home / "breadthwise.toml").read_text().replace("index_bars = []\n", ""))
    began = time.monotonic()
    assert main(["--home", str(home), "backfill", "2026-01-20", "2026-01-23", "--datasets", "index_bars"]) == 1
    assert time.monotonic() - began < 10
    message = "none of 3 hosts answers; is this machine online? Nothing was asked; the same command goes on later"
    assert capsys.readouterr().err.splitlines() == [f"breadthwise backfill: {message}"]


def test_doctor_says_so_in_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    assert main(["--home", str(home), "--quiet", "doctor", "--session", "2026-01-23", "--as", "json"]) == 1
    assert time.monotonic() - began < 10
    shown = capsys.readouterr()
    assert shown.err == "none of 2 hosts answers; is this machine online?\n"
    found = json.loads(shown.out)
    assert [one["state"] for one in found] == ["failed", "failed"]
    for one in found:
        assert one["message"].startswith(HOSTS)
        assert "Error" not in one["message"]
