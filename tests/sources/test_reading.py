"""The guards: what is no data is called by its name, values are clean or refused, contradictions put aside."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from sources import catalog
from sources.parsing import documents, values
from sources.parsing.rows import Rows
from sources.parsing.values import BadCell
from warehouse.errors import (
    AccessRefused,
    ChangedShape,
    MalformedAnswer,
    NoData,
    NotFound,
    RateLimited,
    SourceError,
    TransientSourceError,
    UsageError,
)

NOT_JSON: list[tuple[bytes, type[SourceError], str]] = [
    (b"", MalformedAnswer, "is empty"),
    (b"\xef\xbb\xbf \r\n", MalformedAnswer, "is empty"),
    (b"<!-- x --><!DOCTYPE html><html>", MalformedAnswer, "an HTML page"),
    (b"\n\n <HTML>", MalformedAnswer, "an HTML page"),
    (b"\xff\xfe{\x00}\x00", MalformedAnswer, "byte 0 of the answer is not UTF-8"),
    (b'{"a": [1, 2', MalformedAnswer, "cut off"),
    (b'{"a": NaN}', MalformedAnswer, "NaN is no JSON"),
    (b'{"a": -Infinity}', MalformedAnswer, "-Infinity is no JSON"),
    (b'{"a": ' + b"9" * 5000 + b"}", MalformedAnswer, "not whole JSON"),
    (b"[" * 100_000, MalformedAnswer, "nested too deeply"),
    (b"Edge: Too Many Requests", RateLimited, "lower the pace"),
    (b"No data", NoData, "no rows for these dates"),
    (b"404 page not found", NotFound, "check the symbol"),
    (b"Access Denied", AccessRefused, "check the key"),
    (b"upstream request timeout", TransientSourceError, "try again"),
    (b"hello", MalformedAnswer, "'hello' where data was expected$"),
]


@pytest.mark.parametrize(("payload", "kind", "words"), NOT_JSON)
def test_what_is_no_json(payload: bytes, kind: type[SourceError], words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        documents.parse_json(payload, "some source")
    assert type(caught.value) is kind
    assert str(caught.value).startswith("some source: ")


def test_json_with_a_byte_order_mark_is_json() -> None:
    assert documents.parse_json(b'\xef\xbb\xbf{"a": 1}', "x") == {"a": 1}


NO_ENVELOPES: list[Any] = [
    None,
    [],
    {},
    {"status": "OK"},
    {"data": {"rows": []}, "status": {"rCode": 200}},
    {"chart": {"result": [1], "error": None}},
]


@pytest.mark.parametrize("document", NO_ENVELOPES)
def test_what_is_no_error_envelope(document: Any) -> None:
    documents.refuse_envelope(document, "x")


def test_csv() -> None:
    assert documents.csv_rows(b'\xef\xbb\xbfa,b\r\n"1,000",2\r\n\r\n', "x") == [["a", "b"], ["1,000", "2"]]
    assert documents.csv_rows(b'a|"b\n1|2"\n', "x", "|", quoting=False) == [["a", '"b'], ["1", '2"']]
    with pytest.raises(MalformedAnswer, match=r"not whole CSV"):
        documents.csv_rows(b'a,b\n"1,2\n', "x")
    with pytest.raises(NotFound):
        documents.csv_rows(b'{"error": "series not found"}', "x")
    with pytest.raises(MalformedAnswer, match=r"separators and nothing else"):
        documents.csv_rows(b",,\n,\n", "x")
    with pytest.raises(ChangedShape, match=r"no column c among"):
        documents.find_columns(["a", " b "], ("b", "c"), "x")


GOOD_NUMBERS = [("1.50", 1.5), ("-3", -3.0), (".5", 0.5), ("1e3", 1000.0), (7, 7.0), (None, None), ("", None)]
BAD_NUMBERS = [
    "x",
    "NaN",
    "inf",
    "1_000",
    "\uff11",
    "1,000",
    True,
    [],
    {},
    10**30,
    float("nan"),
    float("inf"),
    "9" * 50,
    "1e999",
]


@pytest.mark.parametrize(("value", "number"), GOOD_NUMBERS)
def test_numbers(value: Any, number: float | None) -> None:
    assert values.read_number(value, "n") == number


@pytest.mark.parametrize("value", BAD_NUMBERS)
def test_what_is_no_number(value: Any) -> None:
    for read in (values.read_number, values.read_whole_number):
        with pytest.raises(BadCell, match=r"^n is "):
            read(value, "n")


def test_other_cells() -> None:
    assert values.read_whole_number(2**53 + 1, "n") == 2**53 + 1
    assert values.read_money("$1,069.12", "n") == 1069.12
    assert values.read_money("-$1.5", "n") == -1.5
    assert values.read_money("1,234,567.00", "n") == 1234567
    assert values.read_percentage("-1.693%", "n") == -1.693
    assert values.read_percentage("1,000.5", "n") == 1000.5
    assert values.read_money("--", "n") is None
    assert values.read_words("  a b ", "n") == "a b"
    assert values.read_words(" ", "n") is None
    assert values.read_symbol("brk.b") == "BRK/B"
    assert values.read_day("01232026", "n", "%m%d%Y") == date(2026, 1, 23)
    assert values.read_instant(-1325583000, "n") == datetime(1927, 12, 30, 14, 30, tzinfo=UTC)
    refused: list[tuple[Any, ...]] = [
        (values.read_whole_number, 1.5),
        *(
            (values.read_money, value)
            for value in ("26.50%", "$26,50", "2,6.50", "1.026,50", "1,0691", ",5", "2$6", "$$1")
        ),
        *((values.read_percentage, value) for value in ("0,96", "1%%", "$1")),
        *((values.read_words, value) for value in ("a\x00b", "\ud800", "a\x9b", "a\u202eb", "\u2067a", "a" * 501, 5)),
        *((values.read_symbol, value) for value in (None, "a b")),
        *((values.read_day, value) for value in ("0001-01-01", "2026-02-30", 5)),
        *((values.read_instant, value) for value in (None, 1e12, "soon")),
    ]
    for read, value in refused:
        with pytest.raises(BadCell):
            read(value, "n")


def split(**change: Any) -> dict[str, Any]:
    return {"symbol": "A", "ex_date": date(2026, 1, 2), "numerator": 2, "denominator": 1, **change}


def test_rows_that_the_contract_does_not_take_are_rejected() -> None:
    rows = Rows("x", "splits")
    bad = [
        (split(numerator=0), "numerator is 0, and must be at least 1"),
        (split(denominator=None), "denominator is missing"),
        (split(denominator=2**63), "denominator is beyond reason (64 bits)"),
        (split(numerator="2"), "numerator is '2', not of type integer"),
        (split(ex_date="2026-01-02"), "ex_date is '2026-01-02', not of type date"),
    ]
    for row, _ in bad:
        rows.add_row("splits", row)
    assert [r.reason for r in rows.rejected] == [reason for _, reason in bad]
    with pytest.raises(ChangedShape, match=r"x: not one row can be read: numerator is 0"):
        rows.require_rows("splits", "x")
    rows.add_row("splits", split())
    rows.require_rows("splits", "x")


def test_a_key_given_twice() -> None:
    rows = Rows("x", "splits")
    for row in (split(), split(), split(symbol="B"), split(symbol="B", numerator=3), split(symbol="C")):
        rows.add_row("splits", row)
    found = rows.to_parsed()
    assert [r["symbol"] for r in found.tables["splits"].to_pylist()] == ["A", "C"]
    assert found.notes == {"repeated": 1}
    assert len(found.rejected) == 2


def test_refused_texts_are_short_and_printable() -> None:
    rows = Rows("x", "splits")
    rows.reject_row("splits", {"a": "\ud800\n" * 5000, "b": list(range(9999))}, "no")
    (refused,) = rows.rejected
    assert len(refused.text) <= 503
    assert refused.text.isascii()
    assert refused.text.isprintable()


def test_the_catalog_finds_every_source_by_its_name() -> None:
    found = catalog.adapters_by_name()
    assert {
        "yahoo_bars",
        "yahoo_ratings",
        "nasdaq_screener",
        "nasdaq_symbols",
        "polygon_grouped",
        "tiingo_bars",
    } <= set(found)
    for name, adapter in found.items():
        assert catalog.find_adapter(name) is adapter
        assert name == adapter.NAME
        assert adapter.PACE > 0
        assert isinstance(adapter.HOSTS, tuple)
        assert adapter.NEEDS_KEY is None or adapter.NEEDS_KEY.isupper()
        assert callable(adapter.requests_for)
    with pytest.raises(UsageError, match=r"no source 'nope'; choose from alfred, "):
        catalog.find_parser("nope")
    with pytest.raises(UsageError, match=r"files asks no host"):
        catalog.find_adapter("files")
