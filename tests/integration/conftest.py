"""Simulated homes for tests: made once, copied for whoever writes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.patience import HANG_SECONDS
from warehouse.durable_io import hold_lock

ROOT = Path(__file__).resolve().parents[2]
LAST_SESSION = "2026-01-22"


def breadthwise(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, on `home`."""
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, "BREADTHWISE_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of `make demo` with the last session 2026-01-22, made by whichever worker comes first; never written to."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo"
    with hold_lock(folder / "lock"):
        if not (folder / "home" / "warehouse.duckdb").exists():
            shutil.rmtree(folder / "home", ignore_errors=True)
            done = subprocess.run(
                ["make", "demo", f"ARGS=--session {LAST_SESSION}"],
                cwd=ROOT,
                env={**os.environ, "BREADTHWISE_HOME": str(folder / "home")},
                capture_output=True,
                text=True,
                timeout=HANG_SECONDS,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            (folder / "demo_output.txt").write_text(done.stdout, encoding="utf-8")
    return folder / "home"


@pytest.fixture
def demo_home(demo_template: Path, tmp_path: Path) -> Path:
    """A simulated home of one's own: three years of 600 symbols up to 2026-01-22."""
    home = tmp_path / "demo"
    shutil.copytree(demo_template, home, symlinks=True)
    return home
