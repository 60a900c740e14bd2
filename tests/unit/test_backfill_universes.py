"""What `backfill --universe` takes: a list that the lake knows, in whatever case, or symbols of stocks in capitals."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from flows.backfill.universes import symbols_named
from tests.unit.test_build import rows_of
from warehouse.errors import UsageError
from warehouse.lake.lake import Lake

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """sp500 has two members, the list `ko` has one; old has none any more."""
    day = {"kind": "snapshot", "effective_date": date(2026, 1, 5)}
    members = [("sp500", "KO"), ("sp500", "MSFT"), ("ko", "PEP"), ("pep_list_of_mine", "AAPL")]
    rows = [{"universe": universe, "symbol": symbol, **day} for universe, symbol in members]
    over = {"kind": "interval", "effective_date": date(2020, 1, 2), "end_date": date(2021, 1, 4)}
    rows.append({"universe": "old", "symbol": "XYZ", **over})
    Lake(tmp_path).commit("run", {"memberships": rows_of("memberships", rows)})
    return tmp_path


@pytest.mark.parametrize(
    ("names", "symbols"),
    [
        (["sp500"], ["KO", "MSFT"]),
        (["SP500"], ["KO", "MSFT"]),
        (["Sp500", "AAPL"], ["AAPL", "KO", "MSFT"]),
        (["ko"], ["PEP"]),
        (["KO"], ["KO"]),
        (["BRK.B", "ST0"], ["BRK/B", "ST0"]),
    ],
)
def test_a_list_in_any_case_or_a_stock(names: list[str], symbols: list[str], home: Path) -> None:
    assert symbols_named(home, names, FIRST, LAST) == symbols


@pytest.mark.parametrize("name", ["OLD", "old", "RUSSELL2000", "sp501", "SP501", "aapl"])
def test_a_list_without_members_is_no_stock_in_capitals_either(name: str, home: Path) -> None:
    with pytest.raises(
        UsageError, match=f"--universe '{name}': the lake knows no members of it from 2026-01-01"
    ) as found:
        symbols_named(home, [name], FIRST, LAST)
    assert "it knows ko (since 2026-01-05), old (since 2020-01-02)" in str(found.value)


def test_an_empty_lake_says_what_brings_lists(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match="'SP500': the lake knows no members .* the import of a membership list brings"
    ):
        symbols_named(tmp_path, ["SP500"], FIRST, LAST)
