"""The real market in a home of its own: imported and built once for all tests over it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.patience import HANG_SECONDS
from warehouse.durable_io import hold_lock

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class RealHome:
    """What `make real` left, and what it printed."""

    path: Path
    exit_code: int
    stdout: str
    stderr: str

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql, list(values)).fetchall()


def breadthwise(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, on `home`."""
    return in_process_of_its_own("flows.cli", *arguments, BREADTHWISE_HOME=str(home), **environment)


def in_process_of_its_own(module: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )


@pytest.fixture(scope="session")
def real_home(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> RealHome:
    """Made once, whichever worker comes first; read-only for tests: whoever writes makes a copy."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "real"
    summary = folder / "summary.json"
    with hold_lock(folder / "lock"):
        if not summary.exists():
            done = in_process_of_its_own("tests.real.market", str(shared), "--home", str(folder / "home"))
            summary.write_text(json.dumps([done.returncode, done.stdout, done.stderr]), encoding="utf-8")
    code, stdout, stderr = json.loads(summary.read_text(encoding="utf-8"))
    return RealHome(folder / "home", code, stdout, stderr)


@pytest.fixture
def real_warehouse(real_home: RealHome) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse of the real market, for reading."""
    with duckdb.connect(str(real_home.path / "warehouse.duckdb"), read_only=True) as connection:
        yield connection
