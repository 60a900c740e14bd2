"""What only reads starts quickly: seconds of CPU, the least of three, on the demo's home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT

HEAVY = ("prefect", "great_expectations", "exchange_calendars")


def cpu_seconds(home: Path, *arguments: str) -> float:
    """User and system time of the command, started as people start it."""
    command = [str(Path(sys.executable).with_name("breadthwise")), "--home", str(home), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


@pytest.mark.parametrize(
    ("arguments", "limit"),
    [(("--help",), 0.2), (("status",), 1.0), (("sql", "select * from reports.headline_indices limit 4"), 1.0)],
)
def test_cpu_of_commands_that_read(demo_home: Path, arguments: tuple[str, ...], limit: float) -> None:
    assert min(cpu_seconds(demo_home, *arguments) for _ in range(3)) < limit


@pytest.mark.parametrize("arguments", [("status",), ("sql", "select 1"), ("config",)])
def test_commands_that_read_import_nothing_heavy(demo_home: Path, arguments: tuple[str, ...]) -> None:
    code = (
        "import sys; from flows.cli import main; code = main(sys.argv[1:]); "
        f"print([name for name in {HEAVY} if name in sys.modules], code, file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, "--home", str(demo_home), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[] 0"
