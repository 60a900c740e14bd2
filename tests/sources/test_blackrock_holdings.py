"""BlackRock's holdings: the day of the list is proven, only equities are members, and an HTML page is none."""

from __future__ import annotations

from datetime import date

import pytest

from sources.base import Parsed, Request
from sources.providers import blackrock_holdings
from tests.sources.recorder import AT, Recorder
from warehouse.errors import ChangedShape, MalformedAnswer, NoData, SourceError

DAY = date(2026, 1, 22)
PREAMBLE = """\ufeffiShares Russell 2000 ETF
Fund Holdings as of,"Jan 22, 2026"
Inception Date,"May 22, 2000"
Shares Outstanding,"1,000,000.00"
Stock,"-"
Bond,"-"
Cash,"-"
Other,"-"
\xa0
"""
HEADER = (
    "Ticker,Name,Sector,Asset Class,Market Value,Weight (%),Notional Value,Quantity,Price,Location,Exchange,"
    "Currency,FX Rate,Market Currency,Accrual Date\n"
)
TAIL = """\xa0
"The content contained herein is owned or licensed by ""BlackRock"",
or others, and may not be redistributed."
"""


def line(
    ticker: str, weight: str = "0.00", kind: str = "Equity", quantity: str = "1,234.00", price: str = "1,069.12"
) -> str:
    cells = [ticker, f"{ticker} INC", "Industrials", kind, "1.00", weight, "1.00", quantity, price, "United States"]
    return ",".join(f'"{cell}"' for cell in [*cells, "NASDAQ", "USD", "1.00", "USD", "-"]) + "\n"


LIST = (
    HEADER
    + line("MOGA", "60.00")
    + line("XTSLA", "0.30", "Money Market")
    + line("RTYH6", "0.00", "Futures")
    + line("-", "0.02")
    + line("BE", "39.55")
)


def parsed(text: str, symbol: str | None = "IWM", session: date | None = DAY) -> Parsed:
    request = Request("blackrock_holdings", "", AT, symbol=symbol, session=session)
    return blackrock_holdings.parse(text.encode(), request)


def test_the_older_form_calls_the_quantity_shares() -> None:
    older = parsed((PREAMBLE + LIST + TAIL).replace("Quantity", "Shares"))
    assert older.tables["memberships"].equals(parsed(PREAMBLE + LIST + TAIL).tables["memberships"])


def test_equities_are_members_and_the_rest_is_accounted_for() -> None:
    found = parsed(PREAMBLE + LIST + TAIL)
    rows = found.tables["memberships"].to_pylist()
    assert rows[0] == {
        "universe": "russell2000",
        "symbol": "MOGA",
        "kind": "snapshot",
        "effective_date": DAY,
        "end_date": None,
        "name": "MOGA INC",
        "sector": "Industrials",
        "weight_pct": 60.0,
        "quantity": 1234.0,
        "price": 1069.12,
        "source": "blackrock_holdings",
    }
    assert [r["symbol"] for r in rows] == ["MOGA", "BE"]
    assert found.notes == {"not_an_equity": 2, "lines_of_the_preamble": 8}
    assert [bad.reason for bad in found.rejected] == ["an equity without a ticker"]


def test_rows_that_cannot_be_read_are_rejected() -> None:
    found = parsed(PREAMBLE + LIST + line("A B") + line("C", price="x") + line("D", price="0.00") + '"E","F"\n' + TAIL)
    assert [bad.reason for bad in found.rejected] == [
        "an equity without a ticker",
        "Ticker 'A B' is no symbol",
        "Price is 'x', no number",
        "price is 0.0, and must be at least 1e-06",
        "2 cells where the header has 15",
    ]


@pytest.mark.parametrize("symbol", ["IVV", "sp500", "239726", None])
def test_the_fund_is_named_by_the_request_and_by_the_file(symbol: str | None) -> None:
    text = (PREAMBLE + LIST + TAIL).replace("iShares Russell 2000 ETF", "iShares Core S&P 500 ETF")
    assert parsed(text, symbol).tables["memberships"]["universe"].to_pylist() == ["sp500", "sp500"]


@pytest.mark.parametrize("text", ["January 22, 2026", "22-Jan-2026", "2026-01-22"])
def test_the_day_in_other_forms(text: str) -> None:
    assert parsed(PREAMBLE.replace("Jan 22, 2026", text) + LIST + TAIL).tables["memberships"].num_rows == 2


def test_a_plain_list_is_of_the_session_asked_or_of_the_day_of_the_fetch() -> None:
    assert parsed(LIST).tables["memberships"]["effective_date"].to_pylist() == [DAY, DAY]
    assert parsed(LIST, session=None).tables["memberships"]["effective_date"].to_pylist()[0] == date(2026, 1, 23)


ERRORS: list[tuple[str, str, type[SourceError]]] = [
    ("empty", "", MalformedAnswer),
    ("html", "<!DOCTYPE html>\n<html><body>iShares</body></html>", MalformedAnswer),
    ("json", '{"error": {"code": "Not Found", "description": "x"}}', SourceError),
    ("no session", PREAMBLE.replace("Jan 22, 2026", "-") + LIST + TAIL, NoData),
    ("no session and no list", PREAMBLE.replace("Jan 22, 2026", "-") + TAIL, NoData),
    ("another day", PREAMBLE.replace("Jan 22", "Jan 21") + LIST + TAIL, NoData),
    ("no date", PREAMBLE.replace("Jan 22, 2026", "22.1.2026") + LIST + TAIL, ChangedShape),
    ("no as-of line", PREAMBLE.replace("Fund Holdings as of", "Holdings") + LIST, ChangedShape),
    ("another fund", PREAMBLE.replace("Russell 2000", "Russell 1000") + LIST, MalformedAnswer),
    ("the other fund", PREAMBLE.replace("iShares Russell 2000", "iShares Core S&P 500") + LIST, MalformedAnswer),
    ("no list", PREAMBLE, ChangedShape),
    ("a column gone", PREAMBLE + LIST.replace("Asset Class", "Class"), ChangedShape),
    ("cut", PREAMBLE + LIST[:-3], MalformedAnswer),
    ("no equities", PREAMBLE + HEADER + line("USD", "100.00", "Cash") + TAIL, NoData),
    ("no disclaimer", PREAMBLE + LIST, MalformedAnswer),
    ("cut after a cell", PREAMBLE + LIST + '"ABCD"', MalformedAnswer),
    ("cut, and the disclaimer there", PREAMBLE + LIST.replace(line("BE", "39.55"), "") + TAIL, MalformedAnswer),
    ("a plain list that is cut", LIST.replace(line("BE", "39.55"), ""), MalformedAnswer),
    ("one line twice", PREAMBLE + LIST + line("BE", "39.55") + TAIL, MalformedAnswer),
    ("shares for per cent", PREAMBLE + LIST.replace("60.00", "0.60").replace("39.55", "0.39") + TAIL, MalformedAnswer),
    ("decimal commas", PREAMBLE + LIST.replace("60.00", "60,00") + TAIL, MalformedAnswer),
    ("another word for half of them", PREAMBLE + LIST.replace('"Equity"', '"Stock"', 1) + TAIL, ChangedShape),
    ("another word for all", PREAMBLE + LIST.replace('"Equity"', '"Stock"') + TAIL, ChangedShape),
    ("half of them as cash", PREAMBLE + LIST.replace('"Equity"', '"Cash"', 1) + TAIL, ChangedShape),
]


@pytest.mark.parametrize(("name", "text", "kind"), ERRORS, ids=[name for name, _, _ in ERRORS])
def test_error_matrix(name: str, text: str, kind: type[SourceError]) -> None:
    with pytest.raises(kind) as caught:
        parsed(text)
    assert kind is SourceError or type(caught.value) is kind


def test_the_sum_of_the_weights_is_said_where_the_list_is_not_whole() -> None:
    with pytest.raises(
        MalformedAnswer, match=r"the weights of its 4 lines sum to 60\.32 % where the whole list gives 100"
    ):
        parsed(PREAMBLE + LIST.replace(line("BE", "39.55"), "") + TAIL)
    with pytest.raises(ChangedShape, match=r"Asset Class is Equity have 39\.57 % of the weight"):
        parsed(PREAMBLE + LIST.replace('"Equity"', '"Stock"', 1) + TAIL)


def test_a_line_of_one_cell_ends_no_list() -> None:
    found = parsed(PREAMBLE + LIST.replace(line("RTYH6", "0.00", "Futures"), "RTYH6\n") + TAIL)
    assert found.tables["memberships"]["symbol"].to_pylist() == ["MOGA", "BE"]
    assert found.rejected[0].reason == "1 cells where the header has 15"


def test_an_unknown_kind_of_holding_is_named_and_not_left_out_in_silence() -> None:
    found = parsed(PREAMBLE + LIST.replace('"Futures"', '"Swaps"') + TAIL)
    assert found.rejected[0].reason == "Asset Class is 'Swaps', none that is known"


def test_a_plain_list_of_an_unnamed_fund_is_refused() -> None:
    with pytest.raises(MalformedAnswer, match="--symbol"):
        parsed(LIST, symbol=None)


def test_fetch_asks_for_the_fund_of_a_universe() -> None:
    client = Recorder({"https://www.blackrock.com/": LIST.encode()})
    requests = blackrock_holdings.requests_for("memberships", ["IVV", "russell2000", "all"], DAY, DAY)
    assert [(r.symbol, r.session) for r in requests] == [("russell2000", DAY), ("sp500", DAY)]
    blackrock_holdings.fetch(client, requests[1])
    assert client.asked[0][1]["portfolioId"] == "239726"
    assert client.asked[0][1]["asOfDate"] == "20260122"
    with pytest.raises(MalformedAnswer, match="no session"):
        blackrock_holdings.fetch(client, Request("blackrock_holdings", "memberships", AT, symbol="IWM"))
