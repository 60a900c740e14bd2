"""A build that the disk refuses says what to do; another error of DuckDB's says nothing of the disk."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from flows.console.mishaps import to_breadthwise_error
from transforms.engine.databases import open_databases
from warehouse.duck import error_line
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


def test_a_disk_that_does_not_hold_what_memory_does_not_is_called_full() -> None:
    with duckdb.connect(config={"memory_limit": "20MB", "threads": 1}) as con:
        con.execute("set max_temp_directory_size = '1MB'")
        with pytest.raises(duckdb.OutOfMemoryException) as caught:
            con.execute(
                "create table t as select hash(i) as a, hash(i + 1) as b from range(10000000) as r (i) order by 1"
            )
    text = error_line(caught.value)
    assert text.startswith("Out of Memory Error: failed to offload data block")
    assert text.endswith(f"The disk is full{HINT}")
    assert "PRAGMA" not in text
