"""Bulk files other than bars: securities, memberships, ratings, series, income statements, splits, symbol changes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sources.providers.files import parse_with_reading
from tests.sources.files_help import KNOWN_AT, parquet, parsed, request, rows
from warehouse.errors import FormatError

DISCLAIMED = (
    "\ufeffiShares Some ETF\n"
    'Fund Holdings as of,"Nov 11, 2025"\n'
    'Inception Date,"May 22, 2000"\n'
    "\u00a0\n"
    "Ticker,Name,Sector,Asset Class,Market Value,Weight (%),Notional Value,Quantity,Price,Accrual Date\n"
    '"BRKB","SOME, INC","Financials","Equity","1,500.00","0.96","1,500.00","5,224.00","127.07","-"\n'
    '"-","PRIVATE CO","Health Care","Equity","1.00","0.00","1.00","130.00","0.00","-"\n'
    '"XTSLA","MONEY FUND","Cash and/or Derivatives","Money Market","1","0.1","1","1","1.00","-"\n'
    '"USD","USD CASH","Cash and/or Derivatives","Cash","1","0.1","1","1","100.00","-"\n'
    "\u00a0\n"
    '"The content is ""as is"", and\nmay not be copied.\n"\n'
)
HOLDING = ("universe", "symbol", "kind", "effective_date", "name", "sector", "weight_pct", "quantity", "price")


def test_older_holdings_call_the_quantity_shares_and_write_the_day_otherwise() -> None:
    """BlackRock's file until 2024, beneath the same lines before the header."""
    newer = parsed(DISCLAIMED, "holdings", "memberships", "x/fund.csv", universe="sp500")
    older_text = DISCLAIMED.replace("Quantity", "Shares").replace("Nov 11, 2025", "11-Nov-2025")
    older = parsed(older_text, "holdings", "memberships", "x/fund.csv", universe="sp500")
    assert older.tables["memberships"].equals(newer.tables["memberships"])
    assert rows(older, "memberships", "symbol", "effective_date", "quantity") == [("BRKB", date(2025, 11, 11), 5224.0)]


def test_securities() -> None:
    payload = parquet(
        symbol=["ECC    ", "TDW.WS.A", "BAC.PRL"],
        exchange=["nyse", "", "nyse"],
        name=["L&amp;F  Corp. ", "Tidewater Warrants", "Bank"],
        country=["United States", "", None],
        ipoyear=["2020", "", ""],
        industry=["Banks", "", ""],
        sector=["Finance", "", ""],
        first_seen=[datetime(2021, 1, 30), datetime(2021, 2, 1), datetime(2021, 2, 2)],
        last_seen=[datetime(2021, 4, 22), None, datetime(2022, 1, 3)],
        n_obs=[65, 1, 2],
    )
    result = parsed(payload, "securities", "securities", "equities/security_master.parquet")
    names = ("symbol", "name", "exchange", "ipo_year", "sector", "first_seen", "last_seen", "taxonomy")
    assert rows(result, "securities", *names) == [
        ("ECC", "L&F Corp.", "nyse", 2020, "Finance", date(2021, 1, 30), date(2021, 4, 22), "nasdaq"),
        ("TDW/WS/A", "Tidewater Warrants", None, None, None, date(2021, 2, 1), None, "nasdaq"),
        ("BAC^L", "Bank", "nyse", None, None, date(2021, 2, 2), date(2022, 1, 3), "nasdaq"),
    ]
    assert result.notes == {"columns not read (n_obs)": 1}


def test_securities_without_a_first_day_are_seen_when_known() -> None:
    result = parsed("symbol,name\nA,Agilent\n", "securities", "securities", "x/master.csv", taxonomy="gics")
    assert rows(result, "securities", "first_seen", "taxonomy") == [(KNOWN_AT.date(), "gics")]


def test_membership_intervals() -> None:
    text = "ticker,start_date,end_date\nBRK.B,2000-06-05,\nAABA,1999-12-08,2017-06-19\n"
    result = parsed(text, "membership_intervals", "memberships", "membership/sp500_intervals.csv")
    assert rows(result, "memberships", "universe", "symbol", "kind", "effective_date", "end_date") == [
        ("sp500", "BRK/B", "interval", date(2000, 6, 5), None),
        ("sp500", "AABA", "interval", date(1999, 12, 8), date(2017, 6, 19)),
    ]


def test_membership_changes_give_a_row_for_each_symbol() -> None:
    text = 'date,add,remove\n2019-06-03,"CTVA,DD","FLR, DWDP"\n2025-11-04,"","EMN"\n'
    result = parsed(text, "membership_changes", "memberships", "x/changes.csv", universe="sp500")
    assert sorted(rows(result, "memberships", "effective_date", "kind", "symbol")) == [
        (date(2019, 6, 3), "add", "CTVA"),
        (date(2019, 6, 3), "add", "DD"),
        (date(2019, 6, 3), "remove", "DWDP"),
        (date(2019, 6, 3), "remove", "FLR"),
        (date(2025, 11, 4), "remove", "EMN"),
    ]
    assert result.notes == {"empty cells of column add": 1}


def test_membership_of_a_day_takes_the_day_from_a_column_or_the_name() -> None:
    with_day = "ticker,name,sector,industry,snapshot_date\nMMM,3M,Industrials,Conglomerates,2026-07-30\n"
    without = "Symbol,Security,GICS Sector\nMMM,3M,Industrials\n"
    for text in (with_day, without):
        result = parsed(text, "membership_snapshot", "memberships", "membership/sp500_2026-07-30.csv")
        assert rows(result, "memberships", *HOLDING[:6]) == [
            ("sp500", "MMM", "snapshot", date(2026, 7, 30), "3M", "Industrials")
        ]


def test_holdings_as_the_fund_publishes_them() -> None:
    result = parsed(DISCLAIMED, "holdings", "memberships", "downloads/IWM_holdings.csv")
    assert rows(result, "memberships", *HOLDING) == [
        ("russell2000", "BRKB", "snapshot", date(2025, 11, 11), "SOME, INC", "Financials", 0.96, 5224.0, 127.07)
    ]
    assert result.notes == {
        "lines after the rows": 4,
        "no equity but Money Market": 1,
        "no equity but Cash": 1,
        "equities without a ticker": 1,
        "columns not read (Market Value, Notional Value, Accrual Date)": 3,
    }


def test_holdings_that_begin_with_their_header_take_the_day_from_the_name() -> None:
    text = "\ufeff" + "".join(DISCLAIMED.splitlines(keepends=True)[4:6]).rstrip("\n")
    result = parsed(text, "holdings", "memberships", "holdings/IWM_2025-11-10.csv")
    assert rows(result, "memberships", "symbol", "effective_date") == [("BRKB", date(2025, 11, 10))]


def test_holdings_of_a_day_that_is_no_session_are_refused() -> None:
    with pytest.raises(FormatError, match="'Fund Holdings as of' '-'; expected a day"):
        parsed(DISCLAIMED.replace("Nov 11, 2025", "-"), "holdings", "memberships", "x/IWM_2025-11-09.csv")


def test_ratings_are_public_at_midnight_of_their_day() -> None:
    text = "rating_date,ticker,analyst_firm,rating,target_price_usd\n2011-12-08,CVX,JP Morgan,Overweight,\n"
    result = parsed(text, "ratings", "rating_actions", "ratings/ratings.csv")
    midnight = datetime(2011, 12, 8, tzinfo=UTC)
    names = ("symbol", "rated_at", "rating_date", "firm", "to_grade", "from_grade", "action", "price_target_usd")
    assert rows(result, "rating_actions", *names, "available_at") == [
        ("CVX", midnight, date(2011, 12, 8), "JP Morgan", "Overweight", None, None, None, midnight)
    ]


def test_series_side_by_side() -> None:
    text = "date,BAA10Y,AAA10Y\n1983-01-03,,1.45\n1983-01-04,NA,-0.5\n1983-01-05,2.5,\n"
    result = parsed(text, "series_wide", "macro_observations", "macro/credit.csv")
    assert rows(result, "macro_observations", "series_id", "period_date", "value", "vintage") == [
        ("BAA10Y", date(1983, 1, 5), 2.5, "latest"),
        ("AAA10Y", date(1983, 1, 3), 1.45, "latest"),
        ("AAA10Y", date(1983, 1, 4), -0.5, "latest"),
    ]
    assert result.notes == {"empty cells of BAA10Y": 2, "empty cells of AAA10Y": 1}


def test_a_point_says_that_the_period_of_its_series_has_no_value() -> None:
    text = 'date;DGS2;DGS10\n1983-01-03;.;"1,45"\n1983-01-04;;"-0,5"\n1983-01-05;"2,5";ND\n'
    result = parsed(text, "series_wide", "macro_observations", "macro/rates.csv")
    assert rows(result, "macro_observations", "series_id", "period_date", "value") == [
        ("DGS2", date(1983, 1, 3), None),
        ("DGS2", date(1983, 1, 5), 2.5),
        ("DGS10", date(1983, 1, 3), 1.45),
        ("DGS10", date(1983, 1, 4), -0.5),
        ("DGS10", date(1983, 1, 5), None),
    ]
    assert result.notes["periods of DGS2 stated to have no value"] == 1
    assert result.notes["periods of DGS10 stated to have no value"] == 1
    assert result.notes["empty cells of DGS2"] == 1


def test_an_empty_cell_of_a_single_series_says_that_the_period_has_no_value() -> None:
    result = parsed("date,GDPC1\n2025-04-01,100\n2025-07-01,.\n", "series_wide", "macro_observations")
    assert rows(result, "macro_observations", "period_date", "value") == [
        (date(2025, 4, 1), 100.0),
        (date(2025, 7, 1), None),
    ]
    assert result.notes == {"periods of GDPC1 stated to have no value": 1}
    emptied = parsed("date,GDPC1\n2025-04-01,100\n2025-07-01,\n", "series_wide", "macro_observations")
    assert rows(emptied, "macro_observations", "value") == [(100.0,), (None,)]
    assert emptied.notes == {"empty cells of GDPC1": 1}


def test_income_of_a_year_and_of_a_quarter() -> None:
    text = "date,EBIT,Diluted Average Shares,Diluted EPS,Net Income,Total Revenue\n2024-02-29,1,,2.5,-50,100\n"
    annual = parsed(text, "income", "fundamentals", "fundamentals/BRK.B/income_annual.csv")
    names = ("symbol", "concept", "period_start", "period_end", "value", "unit")
    start, end = date(2023, 3, 1), date(2024, 2, 29)
    assert rows(annual, "fundamentals", *names) == [
        ("BRK/B", "revenue", start, end, 100.0, "USD"),
        ("BRK/B", "eps_diluted", start, end, 2.5, "USD/shares"),
        ("BRK/B", "net_income", start, end, -50.0, "USD"),
    ]
    assert annual.notes == {"empty cells of shares_diluted": 1, "columns not read (EBIT)": 1}
    # 90 days after 29 February
    public = (True, datetime(2024, 5, 29, tzinfo=UTC), "")
    assert set(rows(annual, "fundamentals", "is_filed_assumed", "available_at", "accession")) == {public}
    quarter = parsed(text, "income", "fundamentals", "TSM/income_quarterly.csv", currency="TWD")
    assert rows(quarter, "fundamentals", "period_start", "unit")[0] == (date(2023, 12, 1), "TWD")


def test_income_of_several_companies_names_each_in_its_row() -> None:
    text = "symbol,date,Net Income\nBRK.B,2024-12-31,1\nAAPL,2024-12-31,2\n???,2024-12-31,3\n"
    result = parsed(text, "income", "fundamentals", "Downloads/income_annual.csv")
    assert rows(result, "fundamentals", "symbol", "value", "period_start") == [
        ("BRK/B", 1.0, date(2024, 1, 1)),
        ("AAPL", 2.0, date(2024, 1, 1)),
    ]
    assert len(result.rejected) == 1


@pytest.mark.parametrize(
    ("file", "symbol", "place"),
    [
        ("data/KO_income_annual.csv", "KO", "the file's name"),
        ("data/PEP-income-statement-annual.csv", "PEP", "the file's name"),
        ("PEP/KO_annual_income.csv", "KO", "the file's name"),
        ("PEP/income_KO_annual.csv", "KO", "the file's name"),
        ("data/income_annual_BRK.B.csv", "BRK/B", "the file's name"),
        ("KO/income_annual.csv", "KO", "the folder"),
        ("BRK-B/income_statement_annual (1).csv", "BRK/B", "the folder"),
    ],
)
def test_income_of_one_company_is_named_by_its_file_or_its_own_folder(file: str, symbol: str, place: str) -> None:
    payload = b"date,Net Income\n2025-06-30,7\n"
    result, reading = parse_with_reading(payload, request("income", "fundamentals", file))
    assert rows(result, "fundamentals", "symbol", "value") == [(symbol, 7.0)]
    assert reading.taken == (f"symbol {symbol.replace('/', '-' if '-' in file else '.')} from {place}",)


@pytest.mark.parametrize(
    "file", ["KO/companies_annual.csv", "data/income_annual.csv", "ko/income_annual.csv", "KO/all_income_annual.csv"]
)
def test_income_takes_no_symbol_from_any_other_folder(file: str) -> None:
    """Several files of a folder KO would all be of KO."""
    with pytest.raises(FormatError, match="its name does not say whose it is; say --symbol AAPL"):
        parsed("date,Net Income\n2025-06-30,7\n", "income", "fundamentals", file)


@pytest.mark.parametrize(
    "name",
    ["net_income", "net_income_annual", "income_ttm", "total_income", "gross-income", "bank_income", "us_income_annual",
     "aapl_income_annual", "Net_Income", "NET_INCOME", "INCOME_TTM", "US_income_annual", "income_annual_FULL"],
)  # fmt: skip
def test_income_of_many_companies_is_not_taken_for_that_of_one(name: str) -> None:
    """`net` is a word, and Cloudflare's symbol: a symbol stands in capitals, and such words are none."""
    for file in (f"data/{name}.csv", f"AAPL/{name}.csv"):
        with pytest.raises(FormatError, match="its name does not say whose it is; say --symbol AAPL"):
            parsed("date,Net Income\n2025-06-30,7\n", "income", "fundamentals", file, period="annual")
    asked = parsed(
        "date,Net Income\n2025-06-30,7\n", "income", "fundamentals", f"data/{name}.csv", period="annual", symbol="NET"
    )
    assert rows(asked, "fundamentals", "symbol") == [("NET",)]


@pytest.mark.parametrize(
    ("end", "start"),
    [("2023-02-28", date(2022, 3, 1)), ("2025-06-30", date(2024, 7, 1)), ("2025-09-27", date(2024, 9, 28))],
)
def test_a_fiscal_year_ends_on_its_day(end: str, start: date) -> None:
    result = parsed(f"date,Net Income\n{end},1\n", "income", "fundamentals", "AAPL/income_annual.csv")
    assert rows(result, "fundamentals", "period_start") == [(start,)]


def test_symbol_changes() -> None:
    result = parsed("from,to,date\nFB,META,2022-06-09\n", "symbol_changes", "symbol_changes")
    assert rows(result, "symbol_changes", "from_symbol", "to_symbol", "change_date") == [
        ("FB", "META", date(2022, 6, 9))
    ]


@pytest.mark.parametrize(
    ("ratio", "numerator", "denominator"),
    [("10:1", 10, 1), ("3/2", 3, 2), ("3-for-2", 3, 2), ("0.05", 1, 20), ("4.0", 4, 1), ("0.333333", 1, 3),
     ("2", 2, 1)],
)  # fmt: skip
def test_splits_by_ratio(ratio: str, numerator: int, denominator: int) -> None:
    result = parsed(f"symbol,date,Stock Splits\nNFLX,2025-11-17,{ratio}\n", "splits", "splits")
    assert rows(result, "splits", "symbol", "ex_date", "numerator", "denominator") == [
        ("NFLX", date(2025, 11, 17), numerator, denominator)
    ]


@pytest.mark.parametrize("ratio", ["", "0", "0:1", "1:0", "ten", "-2", "nan"])
def test_a_ratio_that_is_none_is_rejected(ratio: str) -> None:
    result = parsed(f"symbol,date,ratio\nNFLX,2025-11-17,{ratio}\nA,2025-11-17,2\n", "splits", "splits")
    assert rows(result, "splits", "symbol") == [("A",)]
    assert [r.reason for r in result.rejected] == [f"ratio: {ratio!r} is no split such as 10:1 or 0.05"]


def test_splits_by_two_numbers_and_dividends() -> None:
    splits = parsed("symbol,ex_date,split_to,split_from\nNOW,2025-12-18,5,1\n", "splits", "splits")
    assert rows(splits, "splits", "symbol", "numerator", "denominator") == [("NOW", 5, 1)]
    dividends = parsed("symbol,ex_date,amount\nKO,2025-12-01,$0.51\n", "dividends", "dividends")
    assert rows(dividends, "dividends", "symbol", "ex_date", "amount_usd") == [("KO", date(2025, 12, 1), 0.51)]
