"""No rows that the contracts let in can stop a build: ten thousand at the edges of every column, paid and adjusted prices."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from expectations.check import check_table
from reports.texts import texts_for_sql
from sources.base import table_from_rows
from tests.support.extremes import STOCKS, every_dataset
from tests.unit.fetching import AT, store
from transforms.build import build_warehouse
from warehouse.contracts.datasets import CONTRACTS
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

# one market takes a third of a minute; `make properties` builds them all
MARKETS = [("raw",), ("split",), ("total_return",), ("raw", "total_return")][
    : 4 if "BREADTHWISE_MARKETS" in os.environ else 1
]


@pytest.mark.parametrize("bases", MARKETS, ids=" and ".join)
def test_the_largest_and_smallest_values_of_every_column_build(tmp_path: Path, bases: tuple[str, ...]) -> None:
    for seed, basis in enumerate(bases):
        for dataset, rows in every_dataset(seed, basis).items():
            _all_accepted(dataset, table_from_rows(dataset, rows, basis))
            store(tmp_path, dataset, f"edges of {basis}", rows)
    lake, out = Lake(tmp_path), tmp_path / "out.duckdb"
    built = build_warehouse(
        lake, lake.manifest(), out, Settings(), code_version="test", built_at=AT, texts=texts_for_sql()
    )
    shown = {
        table: built.rows[table] for table in ("marts.equity_facts", "marts.index_returns", "marts.sector_returns")
    }
    assert min(shown.values()) > 1000
    with duckdb.connect(str(out), read_only=True) as con:
        assert con.execute("select count(distinct symbol) from marts.equity_facts").fetchone() == (len(STOCKS),)


def _all_accepted(dataset: str, table: pa.Table) -> None:
    contract, count = CONTRACTS[dataset], table.num_rows
    known = pa.repeat(pa.scalar(AT, pa.timestamp("us", tz="UTC")), count)
    columns = [*table.columns, pa.repeat("0" * 64, count), known, pa.repeat(False, count)]
    checked = check_table(
        contract, pa.table(columns, schema=contract.lake_schema), run_id="r", at=AT, refused_share_limit=0
    )
    assert {rule for rule, rows in checked.broken.items() if len(rows)} <= {"close_large_move"}
