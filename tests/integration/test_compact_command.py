"""`breadthwise compact`: says what it would do, does it, and changes no fact."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows import cli
from tests.support import histories
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal


def compact(home: Path, *more: str) -> int:
    return cli.main(["--home", str(home), "--quiet", "compact", *more])


def test_dry_run_then_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    for number in (0, 1, 2, 3):
        histories.deliver(home, number)
    before, held = Lake(home).manifest(), histories.stored(home)
    assert compact(home, "--dry-run", "--retention-days", "0") == 0
    output = capsys.readouterr().out
    # three files of facts and one of confirmations (what the second file repeats of the first); a payload has its request in it
    assert output.splitlines()[0] == (
        "4 files would be merged into 1 parts of the lake, 4 payload files would be packed, "
        "0 old builds and 0 dead files would be removed"
    )
    assert "  merge equity_bars 2025: 4 files" in output
    assert Lake(home).manifest() == before
    assert {run["kind"] for run in Journal(home).list_runs()} == {"import"}
    assert compact(home, "--retention-days", "0") == 0
    assert "4 files merged into 1 parts of the lake, 4 payload files packed" in capsys.readouterr().out
    run = Journal(home).list_runs(1)[0]
    assert (run["kind"], run["status"]) == ("compact", "done")
    after = Lake(home).manifest()
    assert after.fingerprint == before.fingerprint
    # what is known now, and what it superseded
    assert [file.is_superseded for file in after.files_of_dataset("equity_bars", {2025})] == [False, True]
    assert histories.stored(home) == held
    histories.deliver(home, 1)
    assert histories.stored(home) == held


def test_wrong_retention_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compact(tmp_path, "--retention-days", "-1") == 2
    assert "--retention-days should be 0 or more, and is -1" in capsys.readouterr().err
