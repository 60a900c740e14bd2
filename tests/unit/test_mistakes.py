"""Small mistakes of a first hour, each answered in one line before anything is made or started."""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from flows import cli
from flows.backfill.runner import rate_text
from flows.console import hints
from sources.plan import ORDER
from tests.support.patience import HANG_SECONDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compact"], "there is no lake under {home}: nothing to compact; set --home or BREADTHWISE_HOME"),
        (["compact", "--dry-run"], "there is no lake under {home}: nothing to compact"),
        (
            ["demo", "--session", "2026-01-24"],
            "2026-01-24 is not a trading session (weekend or holiday); name a session",
        ),
        (["demo", "--session", "2036-01-02"], "2036-01-02: the calendar ends 2035-12-31; name a session"),
        (
            ["import", "a.csv", "b.csv"],
            "one path is imported at a time, and 'b.csv' is a second; give a folder or a pattern",
        ),
        (
            ["import", "a.csv", "--dataset", "equity_bars", "--basis", "raw", "--delimiter", "::"],
            "--delimiter '::' is no sign between cells; expected one character, or tab",
        ),
        (
            ["import", "a.csv", "--dataset", "equity_bars", "--basis", "raw", "--date-format", "dd.mm.yyyy"],
            "--date-format 'dd.mm.yyyy' is no form of a whole date; expected one such as %d/%m/%Y",
        ),
        (
            ["import", "undo", "20260101T000000-abcdef"],
            "no run '20260101T000000-abcdef' in {home}; there was no import yet",
        ),
        (["import", "undo"], "undo needs the run that is to be taken back; there was no import yet"),
        (
            ["serve", "--cron", "0 25 * * 1-5"],
            "--cron '0 25 * * 1-5': bad hour; write minute, hour, day, month and weekday, such as \"30 18 * * 1-5\"",
        ),
        (
            ["serve", "--cron", "0 30 18 * * 1-5"],
            "--cron '0 30 18 * * 1-5': 6 fields; write minute, hour, day, month and weekday, such as \"30 18 * * 1-5\"",
        ),
        (
            ["backfill", "2026-01-23", "2026-01-20"],
            "START 2026-01-23 lies after END 2026-01-20; give the earlier day first",
        ),
        (
            ["backfill", "2026-01-20", "2026-01-23", "--universe", "sp500"],
            "--universe 'sp500': the lake knows no members of it from 2026-01-20 to 2026-01-23; `breadthwise run` or",
        ),
        (["replay", "--source", "yahoo_bar"], "no payload is stored under {home}/raw; a run or an import stores them"),
    ],
    ids=lambda case: " ".join(case) if isinstance(case, list) else "",
)
def test_one_line_and_no_home(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "none"
    assert cli.main(["--home", str(home), *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"breadthwise {arguments[0]}: {message.format(home=home)}")
    assert error.count("\n") == 1
    assert not home.exists()


@pytest.mark.parametrize("command", ["status", "run", "compact", "import", "demo"])
def test_a_home_that_is_a_file(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("a file")
    arguments = [command, "x.csv"] if command == "import" else [command]
    assert cli.main(["--home", str(tmp_path / "file"), *arguments]) == 2
    message = f"breadthwise {command}: {tmp_path}/file is a file, and the data home is a folder;"
    assert capsys.readouterr().err == f"{message} set --home or BREADTHWISE_HOME\n"
    assert cli.main(["--home", str(tmp_path / "file" / "home"), *arguments]) == 2
    error = capsys.readouterr().err
    assert error == f"{message} {tmp_path}/file/home cannot lie in it; set --home or BREADTHWISE_HOME\n"


def _bound_by_permissions() -> None:
    """Of the superuser's rights the one to write everywhere is given up (PR_CAPBSET_DROP, CAP_DAC_OVERRIDE)."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


@pytest.mark.parametrize("command", [["import", "SPX.csv", "--dataset", "index_bars"], ["run"], ["build"], ["demo"]])
def test_a_home_that_may_not_be_written(command: list[str], tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "breadthwise.toml").write_text("[sources]\n" + "\n".join(f'{name} = ["simulated"]' for name in ORDER))
    (tmp_path / "SPX.csv").write_text("date,close\n2026-01-23,6915.61\n")
    home.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "--home", str(home), "--quiet", *command],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=HANG_SECONDS,
        check=False, preexec_fn=_bound_by_permissions,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert "BREADTHWISE_HOME" in done.stderr
    assert "internal error" not in done.stderr


def test_no_prefect_server_for_deploy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert cli.main(["--home", str(tmp_path), "deploy"]) == 2
    assert "deploy needs a Prefect server: set PREFECT_API_URL, or run `breadthwise serve`" in capsys.readouterr().err
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/api"
        monkeypatch.setenv("PREFECT_API_URL", url)
        assert cli.main(["--home", str(tmp_path), "deploy"]) == 1
    error = capsys.readouterr().err
    assert f"no Prefect server answers at {url} (PREFECT_API_URL); start it with `prefect server start`" in error
    assert error.count("\n") == 1


def test_a_home_may_begin_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "here").mkdir()
    assert cli.main(["--home", "~/here", "status"]) == 0


def test_rates_are_short() -> None:
    assert [rate_text(pace) for pace in (5 / 60, 2.0, 0.5, 12.5, 10.0)] == ["0.083/s", "2/s", "0.5/s", "12.5/s", "10/s"]


def test_hints_name_the_program_as_it_can_be_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert hints.program_name() == "breadthwise"
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    assert hints.program_name() == f"{tmp_path}/bin/python -m flows.cli"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "breadthwise").touch()
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "a home"
    # a scheduler chose the folder, and nobody's shell has the home
    monkeypatch.setattr(hints, "_typed_home", [])
    script = f"{tmp_path}/bin/breadthwise"
    assert hints.program_name() == script
    assert hints.command_on_home(home) == f"{script} --home '{home}'"
    hints.note_home(home, is_option=False)
    assert hints.program_name() == "bin/breadthwise"
    assert hints.command_on_home(home) == "bin/breadthwise"
    hints.note_home(home, is_option=True)
    assert hints.command_on_home(home) == f"bin/breadthwise --home '{home}'"
