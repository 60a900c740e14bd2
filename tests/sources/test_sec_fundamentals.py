"""SEC EDGAR: tags in order of preference, filings kept apart, one currency, the map of tickers."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sources.base import Parsed, Request
from sources.providers import sec_fundamentals
from tests.sources.recorder import AT, Recorder
from warehouse.errors import AccessRefused, ChangedShape, MalformedAnswer, NoData, NotFound, SourceError

OLD, NEW, AMENDED = "0000000001-24-000010", "0000000001-25-000010", "0000000001-25-000020"
TICKERS = {
    "0": {"cik_str": 1067983, "ticker": "BRK-B", "title": "BERKSHIRE HATHAWAY INC"},
    "1": {"cik_str": 1067983, "ticker": "BRK-A", "title": "BERKSHIRE HATHAWAY INC"},
    "2": {"cik_str": 320193, "ticker": "AAPL", "title": "Apple Inc."},
}


def figure(val: Any, accn: str = OLD, filed: str = "2024-02-01", **more: Any) -> dict[str, Any]:
    year = {"start": "2023-01-01", "end": "2023-12-31", "fy": 1999, "fp": "Q2", "form": "10-K"}
    return year | {"val": val, "accn": accn, "filed": filed} | more


def facts(**spaces: dict[str, dict[str, list[Any]]]) -> bytes:
    """`us_gaap={tag: {unit: entries}}` as a companyfacts answer."""
    shaped = {
        space.replace("_", "-"): {tag: {"label": tag, "units": units} for tag, units in tags.items()}
        for space, tags in spaces.items()
    }
    return json.dumps({"cik": 1, "entityName": "Small Co", "facts": shaped}).encode()


def parsed(payload: bytes, symbol: str | None = "SMAL") -> Parsed:
    return sec_fundamentals.parse(payload, Request("sec_fundamentals", "", AT, symbol=symbol))


def values(found: Parsed) -> list[tuple[str, str, str, float]]:
    rows = found.tables["fundamentals"].to_pylist()
    return [(r["concept"], r["period_end"].isoformat(), r["accession"], r["value"]) for r in rows]


def test_a_figure_is_named_by_its_dates_and_filing_never_by_fy_and_fp() -> None:
    (row,) = parsed(facts(us_gaap={"Revenues": {"USD": [figure(1000)]}})).tables["fundamentals"].to_pylist()
    assert row == {
        "symbol": "SMAL",
        "concept": "revenue",
        "period_start": date(2023, 1, 1),
        "period_end": date(2023, 12, 31),
        "accession": OLD,
        "value": 1000.0,
        "unit": "USD",
        "form": "10-K",
        "filed_date": date(2024, 2, 1),
        "is_filed_assumed": False,
        "available_at": datetime(2024, 2, 1, 23, tzinfo=UTC),  # 18:00 in New York
        "source": "sec_fundamentals",
    }


def test_a_restatement_is_a_row_of_its_own() -> None:
    entries = [figure(1000), figure(990, NEW, "2025-02-01"), figure(985, AMENDED, "2025-03-01", form="10-K/A")]
    found = parsed(facts(us_gaap={"NetIncomeLoss": {"USD": entries}}))
    assert values(found) == [
        ("net_income", "2023-12-31", OLD, 1000.0),
        ("net_income", "2023-12-31", NEW, 990.0),
        ("net_income", "2023-12-31", AMENDED, 985.0),
    ]


def test_revenue_moves_between_tags_and_the_better_tag_of_one_filing_wins() -> None:
    tags = {
        "SalesRevenueNet": {"USD": [figure(900)]},
        "Revenues": {"USD": [figure(1100, NEW, "2025-02-01")]},
        "RevenueFromContractWithCustomerExcludingAssessedTax": {"USD": [figure(1050, NEW, "2025-02-01")]},
    }
    found = parsed(facts(us_gaap=tags))
    assert sorted(values(found)) == [("revenue", "2023-12-31", OLD, 900.0), ("revenue", "2023-12-31", NEW, 1100.0)]
    assert found.notes == {"also_under_another_tag": 1}


def test_all_concepts_and_shares_of_one_day() -> None:
    found = parsed(
        facts(
            us_gaap={
                "EarningsPerShareDiluted": {"USD/shares": [figure(-1.5)]},
                "WeightedAverageNumberOfDilutedSharesOutstanding": {"shares": [figure(200)]},
            },
            dei={"EntityCommonStockSharesOutstanding": {"shares": [figure(210, start=None)]}},
        )
    )
    assert values(found) == [
        ("eps_diluted", "2023-12-31", OLD, -1.5),
        ("shares_diluted", "2023-12-31", OLD, 200.0),
        ("shares_outstanding", "2023-12-31", OLD, 210.0),
    ]
    assert found.tables["fundamentals"]["period_start"].to_pylist()[2] == date(2023, 12, 31)


def test_ifrs_in_the_currency_of_most_figures() -> None:
    twd = [figure(2000), figure(1900, end="2023-06-30")]
    found = parsed(facts(ifrs_full={"Revenue": {"TWD": twd, "USD": [figure(70)]}}))
    assert values(found) == [("revenue", "2023-12-31", OLD, 2000.0), ("revenue", "2023-06-30", OLD, 1900.0)]
    assert found.notes == {"in_another_currency": 1}


def test_what_cannot_be_read_is_rejected_with_its_reason() -> None:
    entries = [
        figure(1),
        figure("NaN", end="2023-11-30"),
        figure(1, accn="../../x", end="2023-10-31"),
        figure(1, start="2024-06-01"),
        figure(1, start=None, end="2023-09-30"),
        figure(1, filed="soon", end="2023-08-31"),
        None,
    ]
    found = parsed(facts(us_gaap={"Revenues": {"USD": entries, "USD/EUR": [figure(3)]}}))
    assert values(found) == [("revenue", "2023-12-31", OLD, 1.0)]
    assert [bad.reason for bad in found.rejected] == [
        "val is 'NaN', no number",
        "accn is '../../x', no accession number",
        "the period starts on 2024-06-01, after its end on 2023-12-31",
        "revenue without the start of its period",
        "filed is 'soon', no date written as YYYY-MM-DD",
        "a figure should be an object",
    ]
    assert found.notes == {"in_an_unknown_unit": 1}


def test_one_concept_alone_is_read_like_all_of_them() -> None:
    document = {"cik": 1, "taxonomy": "us-gaap", "tag": "Revenues", "units": {"USD": [figure(1000)]}}
    assert values(parsed(json.dumps(document).encode())) == [("revenue", "2023-12-31", OLD, 1000.0)]


def test_without_a_symbol_the_company_is_named_by_its_number() -> None:
    found = parsed(facts(us_gaap={"Revenues": {"USD": [figure(1)]}}), symbol=None)
    assert found.tables["fundamentals"]["symbol"].to_pylist() == ["CIK0000000001"]


@pytest.mark.parametrize(
    "document",
    [
        TICKERS,
        {
            "fields": ["cik", "name", "ticker", "exchange"],
            "data": [[c["cik_str"], c["title"], c["ticker"], "NYSE"] for c in TICKERS.values()],
        },
    ],
    ids=["company_tickers", "company_tickers_exchange"],
)
def test_the_map_of_tickers_gives_securities(document: dict[str, Any]) -> None:
    rows = parsed(json.dumps(document).encode(), None).tables["securities"].to_pylist()
    assert [(r["symbol"], r["name"], r["first_seen"]) for r in rows] == [
        ("BRK/B", "BERKSHIRE HATHAWAY INC", date(2026, 1, 23)),
        ("BRK/A", "BERKSHIRE HATHAWAY INC", date(2026, 1, 23)),
        ("AAPL", "Apple Inc.", date(2026, 1, 23)),
    ]


ERRORS: list[tuple[str, bytes, type[SourceError]]] = [
    ("empty", b"", MalformedAnswer),
    ("html", b"<!DOCTYPE html><html></html>", MalformedAnswer),
    ("cut", b'{"facts": {"us-gaap"', MalformedAnswer),
    ("404", b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", NotFound),
    ("no client name", b"Your Request Originates from an Undeclared Automated Tool", AccessRefused),
    ("a list", b"[1, 2]", ChangedShape),
    ("another document", b'{"filings": {"recent": 1}}', ChangedShape),
    ("empty document", b"{}", ChangedShape),
    ("facts a list", b'{"cik": 1, "facts": []}', ChangedShape),
    ("units gone", b'{"cik": 1, "facts": {"us-gaap": {"Revenues": {}}}}', ChangedShape),
    ("entries an object", facts(us_gaap={"Revenues": {"USD": {}}}), ChangedShape),  # type: ignore[dict-item]
    ("no concept of ours", facts(us_gaap={"Assets": {"USD": [figure(1)]}}), NoData),
    ("nothing readable", facts(us_gaap={"Revenues": {"USD": [figure("x")]}}), ChangedShape),
]


@pytest.mark.parametrize(("name", "body", "kind"), ERRORS, ids=[name for name, _, _ in ERRORS])
def test_error_matrix(name: str, body: bytes, kind: type[SourceError]) -> None:
    with pytest.raises(SourceError) as caught:
        parsed(body)
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)


def test_fetch_looks_the_company_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Recorder({"https://www.sec.gov/": json.dumps(TICKERS).encode(), "https://data.sec.gov/": b"{}"})
    requests = sec_fundamentals.requests_for(
        "fundamentals", ["BRK/B", "AAPL", "SPY"], date(2026, 1, 1), date(2026, 1, 2)
    )
    with pytest.raises(AccessRefused, match="SEC_CONTACT"):
        sec_fundamentals.fetch(client, requests[0])
    monkeypatch.setenv("SEC_CONTACT", "Ann Example ann@example.org")
    for request in requests[:2]:
        _, filled = sec_fundamentals.fetch(client, request)
    assert filled.options == {"cik": "320193"}
    assert [url for url, _, _ in client.asked] == [
        "https://www.sec.gov/files/company_tickers.json",
        "https://data.sec.gov/api/xbrl/companyfacts/CIK0001067983.json",
        "https://data.sec.gov/api/xbrl/companyfacts/CIK0000320193.json",
    ]
    assert {headers["User-Agent"] for _, _, headers in client.asked} == {"Ann Example ann@example.org"}
    with pytest.raises(NotFound, match="SPY"):
        sec_fundamentals.fetch(client, requests[2])


def test_the_facts_of_another_company_are_refused() -> None:
    payload = facts(us_gaap={"Revenues": {"USD": [figure(1000)]}})
    asked = Request("sec_fundamentals", "", AT, symbol="SMAL", options={"cik": "1"})
    assert sec_fundamentals.parse(payload, asked).tables["fundamentals"].num_rows == 1
    reason = (
        "'CIK0000320193' was asked and the answer is about 'CIK0000000001'; does the company file under another CIK now"
    )
    with pytest.raises(MalformedAnswer, match=reason):
        sec_fundamentals.parse(payload, Request("sec_fundamentals", "", AT, symbol="AAPL", options={"cik": "320193"}))
    with pytest.raises(ChangedShape, match="names no company"):
        sec_fundamentals.parse(payload.replace(b'"cik"', b'"cikNew"'), asked)


def test_a_form_that_all_figures_lack_has_been_renamed() -> None:
    payload = facts(us_gaap={"Revenues": {"USD": [figure(1000)]}}).replace(b'"form"', b'"formNew"')
    with pytest.raises(ChangedShape, match="no figure has form"):
        parsed(payload)
