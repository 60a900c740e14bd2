"""Bars that are further apart than days are refused, whatever the file's columns are called."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sources.providers.files import parse
from tests.sources.files_help import request
from warehouse.errors import FormatError

FIRST = date(2024, 1, 5)


def _bars(symbols: str, step: int, count: int, last_step: int | None = None) -> str:
    lines = ["symbol,date,close"]
    for symbol in symbols:
        days = [FIRST + timedelta(days=step * number) for number in range(count)]
        if last_step is not None:
            days.append(days[-1] + timedelta(days=last_step))
        lines += [f"{symbol},{day},10" for day in days]
    return "\n".join(lines) + "\n"


def _row_count(text: str, dataset: str = "equity_bars") -> int:
    rows = parse(text.encode(), request("bars", dataset, "bars/prices.csv", basis="raw")).tables[dataset]
    return len(rows)


@pytest.mark.parametrize(("step", "name"), [(7, "weekly"), (30, "monthly"), (91, "quarterly"), (365, "yearly")])
@pytest.mark.parametrize("dataset", ["equity_bars", "index_bars", "sector_bars"])
def test_a_file_of_longer_bars_is_refused(step: int, name: str, dataset: str) -> None:
    with pytest.raises(FormatError, match=f"it holds {name} bars, and all bars are daily"):
        _row_count(_bars("AB", step, 6), dataset)


def test_the_week_that_goes_on_and_a_few_daily_symbols_change_nothing() -> None:
    with pytest.raises(FormatError, match="weekly bars"):
        _row_count(_bars("ABC", 7, 20, last_step=3) + _bars("D", 1, 8).partition("\n")[2])


@pytest.mark.parametrize("step", [1, 2, 3, 14])
def test_daily_bars_with_holes_are_taken(step: int) -> None:
    assert _row_count(_bars("AB", step, 20)) == 40


def test_a_few_days_tell_nothing_and_one_rare_stock_among_daily_ones_is_taken() -> None:
    assert _row_count(_bars("AB", 7, 5)) == 10
    assert _row_count(_bars("ABC", 1, 10) + _bars("D", 7, 10).partition("\n")[2]) == 40


@pytest.mark.parametrize("header", ["interval", "Period", "Frequency", "Time Frame", "granularity"])
@pytest.mark.parametrize("cell", ["1wk", "W", "weekly", "1mo", "Monthly", "60min", "1h"])
def test_rows_that_name_another_interval_than_a_day_are_rejected(header: str, cell: str) -> None:
    text = f"date,symbol,close,{header}\n2025-11-07,AAPL,268,{cell}\n2025-11-10,AAPL,269,\n2025-11-11,AAPL,270,1d\n"
    found = parse(text.encode(), request("bars", "equity_bars", "bars/prices.csv", basis="raw"))
    assert found.tables["equity_bars"]["close"].to_pylist() == [269.0, 270.0]
    assert [one.reason for one in found.rejected] == [f"interval: {cell!r}, and all bars are daily"]


@pytest.mark.parametrize("cell", ["D", "1d", "daily", "day", "1440", "24h", "1440 min", ""])
def test_rows_of_a_day_are_taken_whatever_they_call_it(cell: str) -> None:
    text = f"date,symbol,close,interval\n2025-11-07,AAPL,268,{cell}\n"
    assert parse(text.encode(), request("bars", "equity_bars", "bars/prices.csv", basis="raw")).rejected == []
