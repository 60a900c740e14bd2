"""The real market in a home of its own: imported and built once for all tests over it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class RealHome:
    """What `breadthwise real` left, and what it said."""

    path: Path
    exit_code: int
    stdout: str
    stderr: str

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql, list(values)).fetchall()


def breadthwise(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, on `home`."""
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *arguments],
        cwd=ROOT, env={**os.environ, "BREADTHWISE_HOME": str(home), **environment},
        capture_output=True, text=True, timeout=900, check=False,
    )


@pytest.fixture(scope="session")
def real_home(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> RealHome:
    """Read-only for tests: whoever writes makes a copy."""
    home = tmp_path_factory.mktemp("real") / "home"
    done = breadthwise(home, "real", str(shared))
    return RealHome(home, done.returncode, done.stdout, done.stderr)


@pytest.fixture
def real_warehouse(real_home: RealHome) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse of the real market, for reading."""
    with duckdb.connect(str(real_home.path / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests over the real home run in one worker, so that it is made once."""
    for item in items:
        named = item.get_closest_marker("xdist_group")
        if named is None and {"real_home", "real_warehouse"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group("real"))
