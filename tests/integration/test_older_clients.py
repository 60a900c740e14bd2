"""DuckDB 1.5, which most people have, opens the published file and reads every table of it (`make clients` installs it)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import ROOT
from tests.support.patience import HANG_SECONDS
from transforms.engine.databases import open_databases
from transforms.engine.load import load_models
from transforms.ops import TABLES
from warehouse.settings import Settings

OLDER = ROOT / ".venv" / "duckdb-1.5" / "bin" / "python"
pytestmark = pytest.mark.skipif(not OLDER.exists(), reason="DuckDB 1.5 is not installed; `make clients` installs it")


def read_by(python: Path, warehouse: Path) -> tuple[str, dict[str, Any]]:
    script = Path(__file__).with_name("older_client.py")
    command = [str(python), str(script), str(warehouse.resolve())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found.pop(""), found


def test_every_table_reads_the_same(demo_template: Path) -> None:
    warehouse = demo_template / "warehouse.duckdb"
    version, older = read_by(OLDER, warehouse)
    _, own = read_by(Path(sys.executable), warehouse)
    assert version.startswith("1.5.")
    assert older == own
    published = {model.name for model in load_models().values() if model.is_published}
    assert published | {f"ops.{name}" for name in TABLES} <= set(older)
    assert all(comments > 0 for _, _, comments in older.values())


def test_a_file_of_the_newest_storage_is_not_opened(tmp_path: Path) -> None:
    """Else the test above would hold whatever the setting."""
    refusals = []
    for version in ("v1.5.0", "v2.0.0"):
        out = tmp_path / f"{version}.duckdb"
        with open_databases(out, Settings(storage_version=version)) as con:
            con.execute("create table out.marts.t as select 1 as one; checkpoint out")
        command = [str(OLDER), "-c", "import duckdb, sys; duckdb.connect(sys.argv[1], read_only=True)", str(out)]
        refusals.append(subprocess.run(command, capture_output=True, text=True, check=False).stderr)
    assert refusals[0] == ""
    assert "version number" in refusals[1]
