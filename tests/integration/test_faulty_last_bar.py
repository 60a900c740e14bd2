"""The newest bar of the only index, the only sector fund or the benchmark is wrong: its session has its row, with the reason."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports.texts import texts_for_sql
from tests.unit.fetching import AT, bar, store
from transforms.build import build_warehouse
from warehouse.calendar import sessions_between
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

DAYS = sessions_between(date(2025, 12, 1), date(2026, 1, 23))
LAST = len(DAYS) - 2
DATASETS = {
    "index_bars": ("marts.index_returns", "reports.headline_indices"),
    "sector_bars": ("marts.sector_returns", "reports.sector_performance"),
}


def close(number: int, day: int) -> float:
    """Goes up and down by less than 2 % a session and never repeats a close."""
    return round(50 + number + (day % 5) * 0.17 + (day * (number % 4 + 1) % 7) * 0.05 + day * 0.01, 2)


def series(symbol: str, number: int, last: int, wrong: bool) -> list[dict[str, Any]]:
    """Bars to the session `last`; the close of LAST is ten times too high where it is `wrong`."""
    scale = [10 if wrong and day == LAST else 1 for day in range(last + 1)]
    return [bar(symbol, DAYS[day], close(number, day) * scale[day], volume=1000 + day) for day in range(last + 1)]


def built(home: Path) -> Path:
    lake, out = Lake(home), home / "warehouse.duckdb"
    out.unlink(missing_ok=True)
    build_warehouse(lake, lake.manifest(), out, Settings(), code_version="test", built_at=AT, texts=texts_for_sql())
    return out


def rows(home: Path, *queries: str) -> list[list[tuple[Any, ...]]]:
    with duckdb.connect(str(built(home)), read_only=True) as con:
        return [con.execute(query, [DAYS[LAST]]).fetchall() for query in queries]


@pytest.mark.parametrize("with_stocks", [False, True], ids=["alone", "beside stocks"])
@pytest.mark.parametrize(("symbol", "dataset"), [("SPX", "index_bars"), ("XLE", "sector_bars")])
def test_the_only_one_of_its_kind_keeps_its_row(tmp_path: Path, symbol: str, dataset: str, with_stocks: bool) -> None:
    mart, report = DATASETS[dataset]
    store(tmp_path, dataset, "vendor", series(symbol, 0, LAST, wrong=True))
    if with_stocks:
        for number in range(1, 4):
            store(tmp_path, "equity_bars", "vendor", series(f"M{number}", number, LAST, wrong=False))
    rise = 100 * (10 * close(0, LAST) / close(0, LAST - 1) - 1)
    of_day = "where session_date = ?"
    queries = (
        f"select close, return_1d_pct, reason from {mart} {of_day}",
        f"select close, note_en from {report} {of_day}",
    )
    marts, reported = rows(tmp_path, *queries)
    assert marts == [(None, None, f"nothing explains a rise of {rise:.1f} % from the last good close")]
    assert reported == [(None, f"close set aside: nothing explains a rise of {rise:.1f} % from the last good one")]
    # the next bar adds its own session and changes nothing of this one
    store(tmp_path, dataset, "vendor", series(symbol, 0, LAST + 1, wrong=True)[-1:])
    assert rows(tmp_path, *queries) == [marts, reported]


def test_the_headline_names_the_only_index(tmp_path: Path) -> None:
    store(tmp_path, "index_bars", "vendor", series("SPX", 0, LAST, wrong=True))
    ((found,),) = rows(tmp_path, "select text_en from reports.headline where session_date = ?")
    assert "no close of S&P 500" in found[0]


def test_the_benchmark_keeps_its_row_in_the_report(tmp_path: Path) -> None:
    store(tmp_path, "sector_bars", "vendor", series("SPY", 0, LAST, wrong=True) + series("XLE", 1, LAST, wrong=False))
    columns = "symbol, return_1d_pct is null, split_part(note_en, ':', 1)"
    (found,) = rows(
        tmp_path, f"select {columns} from reports.sector_performance where session_date = ? order by position"
    )
    assert [row[:2] for row in found] == [("XLE", False), ("SPY", True)]
    assert found[1][2] == "close set aside"


def test_a_newest_session_that_all_indices_repeat_has_its_rows_and_its_summary(tmp_path: Path) -> None:
    for number, symbol in enumerate(("SPX", "RUT", "DJI")):
        bars = series(symbol, number, LAST, wrong=False)
        store(tmp_path, "index_bars", "vendor", [*bars[:-1], bars[-4] | {"session_date": DAYS[LAST]}])
    marts, summaries, lines = rows(
        tmp_path,
        "select index_id, close, reason from marts.index_returns where session_date = ? order by index_id",
        "select status from reports.data_quality where session_date = ? and item = 'summary'",
        "select note_en from reports.data_quality where session_date = ? and item = 'session'",
    )
    assert marts == [(symbol, None, "the source repeats an earlier session") for symbol in ("DJI", "RUT", "SPX")]
    assert summaries == [("poor",)]
    assert lines == [("close set aside: the source repeats an earlier session",)]
