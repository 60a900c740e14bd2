"""A build that the disk refuses says what to do; another error of DuckDB's says nothing of the disk."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from flows.console.mishaps import to_breadthwise_error
from transforms.engine.databases import open_databases
from warehouse.errors import ModelError
from warehouse.settings import Settings

HINT = "; free space there, or lift the limit on the size of a file, and run again"
CHECKPOINT = "TransactionContext Error: Failed to commit: Checkpoint failed: the database has been invalidated"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (CHECKPOINT, HINT),
        ('IO Error: Could not write file "w.duckdb": File too large', HINT),
        ("IO Error: Could not write all bytes: No space left on device", HINT),
        ("Binder Error: no such column", ""),
    ],
)
def test_what_the_disk_refuses_comes_with_what_to_do(tmp_path: Path, text: str, hint: str) -> None:
    with pytest.raises(ModelError) as caught, open_databases(tmp_path / "w.duckdb", Settings()):
        raise duckdb.Error(text)
    assert str(caught.value) == f"w.duckdb could not be made, and nothing is left of it: {text}{hint}"
    error = to_breadthwise_error(duckdb.Error(text))
    assert (str(error) if error else None) == (f"the warehouse cannot be written: {text}{hint}" if hint else None)
