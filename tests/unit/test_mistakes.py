"""Small mistakes of a first hour, each answered in one line before anything is made or started."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from flows import cli
from flows.backfill.runner import rate
from flows.console import hints


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["compact"], "there is no lake under {home}: nothing to compact; set --home or BREADTHWISE_HOME"),
        (["compact", "--dry-run"], "there is no lake under {home}: nothing to compact"),
        (
            ["demo", "--session", "2026-01-24"],
            "2026-01-24 is not a trading session (weekend or holiday); name a session",
        ),
        (
            ["import", "a.csv", "b.csv"],
            "one path is imported at a time, and 'b.csv' is a second; give a folder or a pattern",
        ),
        (
            ["import", "undo", "20260101T000000-abcdef"],
            "no run '20260101T000000-abcdef' in {home}; there was no import yet",
        ),
        (["replay", "--source", "yahoo_bar"], "no payload is stored under {home}/raw; a run or an import stores them"),
    ],
    ids=lambda case: " ".join(case) if isinstance(case, list) else "",
)
def test_one_line_and_no_home(
    arguments: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "none"
    assert cli.main(["--home", str(home), *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"breadthwise {arguments[0]}: {told.format(home=home)}")
    assert error.count("\n") == 1
    assert not home.exists()


def test_a_home_may_begin_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "here").mkdir()
    assert cli.main(["--home", "~/here", "status"]) == 0


def test_rates_are_short() -> None:
    assert [rate(pace) for pace in (5 / 60, 2.0, 0.5, 12.5, 10.0)] == ["0.083/s", "2/s", "0.5/s", "12.5/s", "10/s"]


def test_hints_name_the_program_as_it_can_be_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert hints.program_name() == "breadthwise"
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    assert hints.program_name() == f"{tmp_path}/bin/python -m flows.cli"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "breadthwise").touch()
    monkeypatch.chdir(tmp_path)
    assert hints.program_name() == "bin/breadthwise"
