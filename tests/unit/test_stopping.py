"""A stop is said once and takes three seconds at most, whoever ends the program: the command itself or its watcher."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from flows import cli
from flows.commands import build, sql, why
from flows.console import stopping
from flows.orchestration import server
from tests.support.patience import HANG_SECONDS

ROOT = Path(__file__).resolve().parents[2]
# the command comes to its end in the very moment in which its watcher, out of patience, ends the program
BOTH_AT_ONCE = """
import os, signal, threading, time
from flows.console import stopping

is_at_it = threading.Event()

def clean_up():
    is_at_it.set()
    time.sleep(1)

stopping._PATIENCE_SECONDS = 0.01
stopping.at_exit.append(clean_up)
try:
    with stopping.interrupt_on_signals("stopped"):
        try:
            os.kill(os.getpid(), signal.SIGINT)
        finally:
            is_at_it.wait()
except KeyboardInterrupt:
    print("stopped, says the command too", flush=True)
"""
IN_TIME = """
import os, signal
from flows.console import stopping

stopping._PATIENCE_SECONDS = 600
try:
    with stopping.interrupt_on_signals("the watcher"):
        os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    print("the command")
"""


def _said(script: str) -> tuple[int, str]:
    """Exit code, and what stood on both streams."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )
    return done.returncode, done.stdout


def test_what_a_stop_waits_for_is_less_than_three_seconds() -> None:
    assert stopping._PATIENCE_SECONDS + server._END_SECONDS < 3


def test_a_command_and_its_watcher_that_end_at_once_say_it_once() -> None:
    assert _said(BOTH_AT_ONCE) == (1, "stopped\n")


def test_a_command_that_ends_in_time_says_it_itself() -> None:
    assert _said(IN_TIME) == (0, "the command\n")


@pytest.mark.parametrize(
    ("module", "arguments", "said"),
    [
        (sql, ["select 1"], "breadthwise sql: stopped\n"),
        (why, ["t", "k", "c"], "breadthwise why: stopped\n"),
        (build, [], "breadthwise build: stopped; what was committed stays, run it again to go on\n"),
    ],
)
def test_only_what_commits_says_that_it_stays(
    module: ModuleType, arguments: list[str], said: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "run", interrupted)
    name = module.__name__.rpartition(".")[2]
    assert cli.main(["--home", str(tmp_path), name, *arguments]) == 1
    assert capsys.readouterr().err == said
