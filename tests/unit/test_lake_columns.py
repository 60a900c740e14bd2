"""A column that a contract gets later: files written before it read as null there, and nothing else changes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.lake_support import at, bar, table, view
from warehouse.contracts.contract import Column
from warehouse.contracts.datasets import CONTRACTS
from warehouse.errors import LakeError
from warehouse.lake.lake import Lake

BARS = CONTRACTS["equity_bars"]
TRADES = Column("trades", "integer", "Trades of the session.", unit="trades", is_later=True)
SEEN = "symbol, close, trades, typeof(trades), payload_sha256"
# Digests of each dataset's first columns, by which its facts are hashed.
FIRST = {
    "index_bars": "cd7694e0",
    "sector_bars": "cd7694e0",
    "equity_bars": "cd7694e0",
    "splits": "692f42f9",
    "dividends": "48154451",
    "securities": "48692caa",
    "symbol_changes": "3870b0aa",
    "memberships": "f6f2d7f2",
    "rating_actions": "d0dcd48c",
    "fundamentals": "b8ef330b",
    "macro_observations": "8ce811ac",
    "events": "90cbd41a",
}


def declare(monkeypatch: pytest.MonkeyPatch, column: Column) -> None:
    """Give equity_bars one more column, not at the end."""
    wider = replace(BARS, columns=(*BARS.columns[:5], column, *BARS.columns[5:]))
    monkeypatch.setitem(CONTRACTS, "equity_bars", wider)


def put(lake: Lake, *rows: dict[str, Any]) -> tuple[int, int]:
    """Commit; returns how many rows were written and how many known."""
    done = lake.commit("r", {"equity_bars": table(rows)})
    return done.written["equity_bars"], done.known["equity_bars"]


def history(lake: Lake, as_of: datetime | None = None) -> list[Any]:
    with duckdb.connect() as con:
        lake.attach_views(con, lake.manifest(), as_of)
        return con.execute("select close, trades, payload_sha256 from lake.equity_bars_history order by all").fetchall()


def test_a_plain_scan_of_older_and_newer_files_has_typed_nulls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(tmp_path / "home")
    put(lake, bar(10.0, at(1), "a"))
    declare(monkeypatch, TRADES)
    assert view(lake, SEEN) == [("AAA", 10.0, None, "BIGINT", "a")]
    put(lake, bar(20.0, at(2), "b", symbol="BBB", trades=7))
    expected = [("AAA", 10.0, None, "BIGINT", "a"), ("BBB", 20.0, 7, "BIGINT", "b")]
    assert [f.overlaps for f in lake.manifest().files] == [0, 0]
    assert view(lake, SEEN) == expected
    assert view(lake, SEEN, at(1)) == expected[:1]
    with duckdb.connect() as con:
        names = con.sql(f"select * from ({lake.history_sql('equity_bars', lake.manifest())})").columns
    assert names == [c.name for c in CONTRACTS["equity_bars"].all_columns]


def test_what_is_known_is_compared_with_null_in_older_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(tmp_path / "home")
    put(lake, bar(10.0, at(1), "a"))
    put(lake, bar(10.0, at(5), "e"))  # a confirmation
    declare(monkeypatch, TRADES)
    assert put(lake, bar(10.0, at(2), "b")) == (0, 1)
    assert put(lake, bar(10.0, at(3), "c", trades=7)) == (1, 0)  # and promotes what confirmed null after it
    assert view(lake, SEEN) == [("AAA", 10.0, None, "BIGINT", "e")]
    assert view(lake, SEEN, at(4)) == [("AAA", 10.0, 7, "BIGINT", "c")]
    assert history(lake) == [(10.0, 7, "c"), (10.0, None, "a"), (10.0, None, "e")]
    assert history(lake, at(2)) == []


def test_a_compaction_writes_the_column_and_keeps_the_facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older = [bar(10.0, at(5), "a"), bar(20.0, at(1), "a", symbol="BBB"), bar(30.0, at(1), "a", symbol="CCC")]
    newer = [bar(10.0, at(2), "b"), bar(20.0, at(2), "b", symbol="BBB", trades=7), bar(None, at(2), "b", symbol="CCC")]
    lake, fresh = Lake(tmp_path / "home"), Lake(tmp_path / "fresh")
    put(lake, *older)
    before = lake.manifest().fingerprint
    declare(monkeypatch, TRADES)
    put(fresh, *older)
    assert fresh.manifest().fingerprint == before, "a null in the new column changed the hash of a fact"
    put(lake, *newer)
    put(fresh, *newer)
    expected = [("AAA", 10.0, None, "BIGINT", "b"), ("BBB", 20.0, 7, "BIGINT", "b")]
    assert view(lake, SEEN) == view(fresh, SEEN) == expected
    assert lake.compact(at(10)).merged == {"equity_bars 2025": 2}
    # AAA of `a` repeats that of `b`; the tombstone of CCC counts once more
    assert [(f.rows, f.overlaps, f.is_superseded) for f in lake.manifest().files] == [(2, 0, False), (3, 4, True)]
    assert view(lake, SEEN) == expected
    assert lake.manifest().fingerprint == fresh.manifest().fingerprint
    with duckdb.connect() as con:
        paths = [str(lake.home / file.path) for file in lake.manifest().files]
        written = con.execute("select close, trades from read_parquet($1) order by all", [paths]).fetchall()
    assert written == [(10.0, None), (20.0, 7), (20.0, None), (30.0, None), (None, None)]


@pytest.mark.parametrize("is_final", [True, False])
def test_a_column_that_must_not_be_null_is_refused_with_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_final: bool
) -> None:
    lake = Lake(tmp_path / "home")
    put(lake, bar(10.0, at(1), "a", is_final=is_final))
    put(lake, bar(11.0, at(2), "b"))
    before = lake.manifest()
    declare(monkeypatch, replace(TRADES, required=True, is_later=False))
    match = r"r-000001\.[0-9a-f]{16}\.parquet was written before equity_bars had the column trades, which must not be null: let"
    for attempt in (
        lambda: view(lake, SEEN),
        lambda: history(lake),
        lambda: lake.history_sql("equity_bars", before),
        lambda: put(lake, bar(12.0, at(3), "c", trades=7)),
        lambda: lake.compact(at(10)),
    ):
        with pytest.raises(LakeError, match=match):
            attempt()
    assert lake.manifest() == before


def test_a_later_column_is_declared_nullable() -> None:
    with pytest.raises(ValueError, match="equity_bars: older facts have no trades, so they must be nullable"):
        replace(BARS, columns=(*BARS.columns, replace(TRADES, required=True)))
    with pytest.raises(ValueError, match="equity_bars: older facts have no trades, so they must be nullable"):
        replace(BARS, columns=(*BARS.columns, TRADES), key=(*BARS.key, "trades"))


def test_the_first_columns_of_each_dataset_stay_what_they_were() -> None:
    found = {}
    for name, contract in CONTRACTS.items():
        later = {c.name for c in contract.columns if c.is_later}
        first = " ".join(n for n in (*contract.key, *contract.value_columns) if n not in later)
        found[name] = hashlib.sha256(first.encode()).hexdigest()[:8]
    assert found == FIRST, "the hashes of all facts would change: give a new column is_later=True"
