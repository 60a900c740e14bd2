"""Across a split the line that is applied gives the figure, and stands only beside what its formula gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.integration.conftest import LAST_SESSION
from transforms.explain import Explained, explain_cell
from warehouse.settings import Settings

Connection = duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def warehouse(demo_template: Path) -> Iterator[Connection]:
    with duckdb.connect(str(demo_template / "warehouse.duckdb"), read_only=True) as con:
        yield con


def explained(home: Path, table: str, column: str, **key: Any) -> Explained:
    return explain_cell(home, Settings(), table, " ".join(f"{n}={v}" for n, v in key.items()), column)


def result(found: Explained) -> float:
    """What the arithmetic of the line gives."""
    line = re.match(r"100 \(([\d.]+)(?: x ([\d.]+))? / ([\d.]+) - 1\) = (-?[\d.e-]+) %", found.applied)
    assert line is not None, found.applied
    close, ratio, base, said = (float(part or 1) for part in line.groups())
    assert said == pytest.approx(100 * (close * ratio / base - 1), abs=1e-9)
    return said


def test_the_return_of_the_day_of_a_split_has_its_factor(demo_template: Path, warehouse: Connection) -> None:
    rows = warehouse.execute(
        """select f.session_date, f.instrument_id, s.numerator / s.denominator from marts.splits as s
        inner join marts.equity_facts as f using (session_date, instrument_id)
        where f.return_1d_pct is not null and f.basis = 'raw' order by 1 desc, 2 limit 4"""
    ).fetchall()
    assert len(rows) == 4
    for day, stock, ratio in rows:
        found = explained(demo_template, "marts.equity_facts", "return_1d_pct", session_date=day, instrument_id=stock)
        assert result(found) == pytest.approx(found.value, abs=1e-9)
        assert found.applied.endswith(f" %, {ratio} being the new shares of an old one")
        assert not explained(
            demo_template, "marts.equity_facts", "split_ratio", session_date=day, instrument_id=stock
        ).applied


def test_a_return_over_a_split_has_its_factor_too(demo_template: Path, warehouse: Connection) -> None:
    rows = warehouse.execute(
        """select e.instrument_id, max(s.session_date) from marts.equities_latest as e
        inner join marts.splits as s using (instrument_id)
        where e.return_252d_pct is not null and s.session_date > date '2025-06-01'
        group by all order by 2, 1 limit 3"""
    ).fetchall()
    assert len(rows) == 3
    for stock, _ in rows:
        found = explained(demo_template, "marts.equities_latest", "return_252d_pct", instrument_id=stock)
        assert " x " in found.applied
        assert result(found) == pytest.approx(found.value, abs=1e-9)


def test_without_a_split_there_is_no_factor(demo_template: Path, warehouse: Connection) -> None:
    sql = """select instrument_id from marts.equity_facts where session_date = ? and split_ratio is null
        and return_1d_pct is not null and basis = 'raw' order by 1 limit 1"""
    ((stock,),) = warehouse.execute(sql, [LAST_SESSION]).fetchall()
    key = {"session_date": LAST_SESSION, "instrument_id": stock}
    found = explained(demo_template, "marts.equity_facts", "return_1d_pct", **key)
    assert result(found) == pytest.approx(found.value, abs=1e-9)
    assert " x " not in found.applied


def test_of_a_split_only_its_terms_have_a_line(demo_template: Path, warehouse: Connection) -> None:
    sql = """select session_date, instrument_id, numerator, denominator from marts.splits
        where split_kind = 'inferred' order by denominator desc, session_date desc limit 1"""
    ((day, stock, numerator, denominator),) = warehouse.execute(sql).fetchall()
    key = {"session_date": day, "instrument_id": stock}
    for column in ("numerator", "denominator"):
        line = explained(demo_template, "marts.splits", column, **key).applied
        assert line.startswith("close before / stated previous close = ")
        assert line.endswith(f", a split of {numerator}:{denominator}")
    for column in ("split_kind", "last_close", "previous_close", "close", "factor"):
        assert explained(demo_template, "marts.splits", column, **key).applied == ""
