"""Names and texts in bulk files: universes have one spelling, symbols are plain letters, texts have no control characters."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from flows.ingest.import_plan import Import, plan_imports
from sources.formats import _read
from sources.formats._guess import guess_format
from tests.sources.files_help import parquet, parsed, request, rows
from warehouse.errors import FormatError, UsageError

NOW = datetime(2026, 1, 26, 12, 0, tzinfo=UTC)
LIST = "ticker,snapshot_date,universe\nKO,2026-01-22,{}\n"
OTHERS = {
    "membership_snapshot": "ticker,snapshot_date\nKO,2026-01-22\n",
    "membership_intervals": "ticker,start_date,end_date\nKO,2000-06-05,\n",
    "membership_changes": "date,add,remove\n2019-01-18,KO,PEP\n",
    "holdings": "Ticker,Name,Sector,Asset Class,Weight (%),Quantity,Price\nA,B,Energy,Equity,1,2,3\n",
}


@pytest.mark.parametrize("name", ["all", "ALL", "sp500_list", "sector:Energy", "nasdaq_sector:Energy", "cap:mega"])
def test_a_universe_of_the_build_is_refused_in_a_column_and_as_an_option(name: str) -> None:
    wanted = "is a universe that the build makes itself, as are all, NAME_list, .*; choose another name, such as my_"
    with pytest.raises(FormatError, match=f"universe '{name}' {wanted}"):
        parsed(LIST.format(name), "membership_snapshot", "memberships", "x/list.csv")
    for one, text in OTHERS.items():
        with pytest.raises(FormatError, match=wanted):
            parsed(text, one, "memberships", "x/list_2026-01-22.csv", universe=name)
        with pytest.raises(UsageError, match=f"^--universe '{name}' {wanted}"):
            plan_imports(Import("x", one, options={"universe": name}), NOW)


def test_a_universe_has_one_spelling_in_a_column_and_as_an_option() -> None:
    text = LIST.format("SP500") + 'PEP,2026-01-22,"sp500 "\nPG,2026-01-22,sp500\n'
    assert (
        rows(parsed(text, "membership_snapshot", "memberships", "x/list.csv"), "memberships", "universe")
        == [("sp500",)] * 3
    )
    for one, text in OTHERS.items():
        table = parsed(text, one, "memberships", "x/list_2026-01-22.csv", universe="Mine ").tables["memberships"]
        assert set(table["universe"].to_pylist()) == {"mine"}


@pytest.mark.parametrize("name", ["ѕр500", "<script>", "../../x", "=1+1", "x" * 5000])
def test_what_is_no_name_of_a_universe_is_refused(name: str) -> None:
    with pytest.raises(FormatError, match="universe .* is no name of a universe; expected a to z"):
        parsed(LIST.format(name), "membership_snapshot", "memberships", "x/list.csv")
    with pytest.raises(UsageError, match="^--universe .* is no name of a universe; expected a to z"):
        plan_imports(Import("x", "holdings", options={"universe": name}), NOW)


def test_a_source_that_differs_by_case_alone_from_one_of_the_home_is_refused(tmp_path: Path) -> None:
    (tmp_path / "SPX.csv").write_text("date,close\n2026-01-22,1\n")
    wanted = Import(tmp_path, "bars", "index_bars", source="My closes")
    assert plan_imports(wanted, NOW, known_sources=["My closes"]).items[0].request.source == "My closes"
    with pytest.raises(UsageError, match="^--source 'My closes' is no name of a source; expected letters"):
        plan_imports(wanted, NOW)
    with pytest.raises(UsageError, match="^--source 'Stooq' differs from the source 'stooq' by case or blanks alone"):
        plan_imports(Import(tmp_path, "bars", "index_bars", source="Stooq"), NOW)


def test_a_symbol_of_other_letters_is_rejected_in_every_format() -> None:
    bars = (
        "<TICKER>,<PER>,<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>\n{},D,20260122,1,2,1,2,1\nko.US,D,20260122,1,2,1,2,1\n"
    )
    found = parsed(bars.format("mſft.us"), "stooq_bulk", "equity_bars", "us/bulk.txt")
    assert rows(found, "equity_bars", "symbol") == [("KO",)]
    assert [one.reason for one in found.rejected] == ["symbol: 'mſft' is no symbol"]
    listed = parsed(LIST.format("mine") + "Mﬁ,2026-01-22,mine\n", "membership_snapshot", "memberships", "x/list.csv")
    assert (rows(listed, "memberships", "symbol"), len(listed.rejected)) == ([("KO",)], 1)


@pytest.mark.parametrize("sign", ["\x1b[31m", "\x07", "\x85", "\x9b", "\u202e", "\u2066", "\u200f", "\x7f"])
def test_a_row_whose_text_has_control_characters_is_rejected(sign: str) -> None:
    text = f"rating_date,ticker,analyst_firm,rating\n2026-01-22,KO,Moody{sign}s,Buy\n2026-01-22,KO,Zürcher “K” Bank 银行,Buy\n"
    found = parsed(text, "ratings", "rating_actions", "x/ratings.csv")
    assert rows(found, "rating_actions", "firm") == [("Zürcher “K” Bank 银行",)]
    (refused,) = found.rejected
    assert refused.reason == "firm holds control characters, which no text holds"


@pytest.mark.parametrize("sign", ["\x1b[31m", "\x9b", "\u202e"])
def test_a_header_or_an_option_with_control_characters_is_refused(sign: str) -> None:
    with pytest.raises(FormatError, match="the header .* holds control characters; name the column without them"):
        parsed(f"date,GDP{sign}\n2026-01-22,1\n", "series_wide", "macro_observations", "x/gdp.csv")
    with pytest.raises(UsageError, match="^--vintage '.*' holds control characters"):
        plan_imports(Import("x", "series_wide", options={"vintage": f"2026{sign}"}), NOW)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_columns_of_a_wide_table_are_seen_whatever_a_line_measures(end: str) -> None:
    tickers = [f"X{a}{b}{c}" for a in "ABCDEFGH" for b in "ABCDEFGHIJKLMNOPQRSTUV" for c in "ABCDEFGHIJKLMNOPQRSTUV"]
    lines = [",".join(["date", *tickers]), ",".join(["2026-01-22", *["123.45678901234567"] * len(tickers)])]
    assert len(lines[1]) > 64 << 10
    assert guess_format((end.join(lines) + end).encode(), request("", "equity_bars", "x/wide.csv")) == "bars_wide"
    found = parsed(end.join(lines), "bars_wide", "equity_bars", "x/wide.csv", basis="raw")
    assert found.tables["equity_bars"].num_rows == len(tickers)


def test_a_line_that_no_table_has_is_named() -> None:
    text = "date,symbol,close\n2026-01-22,KO,1\n2026-01-22,PEP," + "1" * (9 << 20) + "\n2026-01-22,PG,1\n"
    message = r"line 3 has 9,437,199 bytes, more than 4,194,304: no row of a table is so long; is an end of line lost\?"
    with pytest.raises(FormatError, match=message):
        guess_format(text.encode(), request("", "equity_bars", "x/long.csv"))
    with pytest.raises(FormatError, match=message):
        parsed(text, "bars", "equity_bars", "x/long.csv", basis="raw")


def test_a_parquet_file_of_an_unknown_zone_or_of_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for zone in ("Mars/Phobos", "../../etc/passwd"):
        payload = parquet(date=pa.array([0, 1], pa.timestamp("us", zone)), symbol=["KO", "PEP"], close=[1.0, 2.0])
        with pytest.raises(
            FormatError, match=f"column 'date' has the time zone '{zone}', which is unknown; expected one"
        ):
            parsed(payload, "bars", "equity_bars", "x/bars.parquet", basis="raw")
    monkeypatch.setattr(_read, "MAX_PARQUET_ROWS", 1)
    with pytest.raises(FormatError, match="it has 2 rows, more than 1; split it, by years say"):
        parsed(parquet(date=["2026-01-22"] * 2, close=[1.0, 2.0]), "bars", "equity_bars", "x/b.parquet", basis="raw")
