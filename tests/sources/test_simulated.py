"""The simulated market: the same bytes for a seed, only appended to by a later end, and full of what real data has."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest

from sources.base import Request
from sources.providers import simulated
from sources.simulated.universe import GICS
from warehouse import calendar
from warehouse.contracts.datasets import CONTRACTS
from warehouse.errors import MalformedAnswer, UsageError

END = date(2026, 1, 23)
PAYLOAD = simulated.describe_payload("splits", end=END, symbols=60)
NIGHT = datetime(2026, 1, 24, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def market() -> simulated.SimulatedMarket:
    return simulated.generate_market(end=END, symbols=120)


def _signed(**changes: Any) -> bytes:
    """A description with other values and the check sum that belongs to them."""
    document = {k: v for k, v in json.loads(PAYLOAD).items() if k != "check"} | changes
    return json.dumps({**document, "check": simulated._description_checksum(document)}).encode()


def rows(market: simulated.SimulatedMarket, dataset: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = market.tables[dataset].to_pylist()
    return found


def test_a_seed_gives_the_same_bytes_on_every_machine() -> None:
    tables = simulated.generate_market(seed=7, end=date(2017, 3, 31), symbols=60, years=1).tables
    digest = hashlib.sha256()
    for name in sorted(tables):
        for column in tables[name].columns:
            plain = column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column
            digest.update(repr(plain.to_pylist()).encode())
    assert digest.hexdigest()[:16] == "77b3dad5332a7223"


def test_another_seed_gives_another_market(market: simulated.SimulatedMarket) -> None:
    other = simulated.generate_market(seed=8, end=END, symbols=120)
    assert rows(other, "index_bars")[-1]["close"] != rows(market, "index_bars")[-1]["close"]


@pytest.mark.parametrize("dataset", simulated.DATASETS)
def test_every_row_says_that_it_is_simulated(market: simulated.SimulatedMarket, dataset: str) -> None:
    table = market.tables[dataset]
    assert table.schema == CONTRACTS[dataset].row_schema
    assert table.column("source").unique().to_pylist() == ["simulated"]


@pytest.mark.parametrize("dataset", simulated.DATASETS)
def test_the_contract_holds(market: simulated.SimulatedMarket, dataset: str) -> None:
    contract = CONTRACTS[dataset]
    table = market.tables[dataset]
    keys = list(zip(*(table.column(k).to_pylist() for k in contract.key), strict=True))
    assert len(set(keys)) == len(keys)
    for column in contract.columns:
        values = table.column(column.name).to_pylist()
        present = [v for v in values if v is not None]
        assert not column.required or len(present) == len(values), column.name
        assert not column.vocabulary or set(present) <= set(column.vocabulary), column.name
        if column.minimum is not None:
            least = min(present, default=column.minimum + 1)
            assert least > column.minimum or (least == column.minimum and not column.exclusive_minimum), column.name
        if column.maximum is not None:
            assert max(present, default=column.maximum) <= column.maximum, column.name
    if dataset.endswith("_bars"):
        for bar in table.to_pylist():
            assert bar["low"] <= min(bar["open"], bar["close"])
            assert max(bar["open"], bar["close"]) <= bar["high"]
            assert market.start <= bar["session_date"] <= market.end


@pytest.mark.parametrize("dataset", simulated.DATASETS)
def test_a_later_end_only_appends(market: simulated.SimulatedMarket, dataset: str) -> None:
    later = simulated.generate_market(end=date(2026, 4, 30), symbols=120)
    column = simulated._KNOWN_ON[dataset]

    def known(of: simulated.SimulatedMarket) -> set[str]:
        table = of.tables[dataset]
        days = table.column(column).cast(pa.date32()).to_pylist()
        # from 2024 on both hold everything
        return {repr(r) for d, r in zip(days, table.to_pylist(), strict=True) if date(2024, 1, 1) <= d <= END}

    assert known(market) == known(later)
    assert known(market)


@pytest.mark.parametrize("dataset", simulated.DATASETS)
def test_days_one_by_one_are_the_whole(dataset: str) -> None:
    """What daily runs fetch after a first load is what a later load holds beyond it."""
    days = calendar.sessions_between(date(2025, 9, 29), date(2025, 11, 28))
    column = simulated._KNOWN_ON[dataset]
    gathered: list[str] = []
    for day in days:
        payload = simulated.describe_payload(dataset, end=day, start=day, symbols=60)
        table = simulated.parse(payload, Request("simulated", dataset, NIGHT)).tables[dataset]
        gathered += map(repr, table.to_pylist())
    whole = simulated.generate_market(end=days[-1], symbols=60).tables[dataset]
    known = whole.column(column).cast(pa.date32()).to_pylist()
    # the weekend before the first day belongs to it
    since = date(2025, 9, 27)
    assert sorted(gathered) == sorted(repr(r) for d, r in zip(known, whole.to_pylist(), strict=True) if d >= since)
    # two months of sixty companies may pass without a listing, a split or a change
    if dataset not in ("securities", "splits", "symbol_changes"):
        assert gathered


def test_companies_come_and_go(market: simulated.SimulatedMarket) -> None:
    lives: dict[str, list[date]] = {}
    for bar in rows(market, "equity_bars"):
        lives.setdefault(bar["symbol"], []).append(bar["session_date"])
    newly_listed = [s for s, days in lives.items() if days[0] > market.start]
    gone = [s for s, days in lives.items() if days[-1] < market.end]
    assert len(newly_listed) >= 5
    assert len(gone) >= 5
    first_bars = {b["symbol"]: b for b in reversed(rows(market, "equity_bars"))}
    assert first_bars[newly_listed[0]]["previous_close"] is None


def test_a_symbol_is_used_again_by_another_company(market: simulated.SimulatedMarket) -> None:
    days_of_market = calendar.sessions_between(market.start, market.end)
    names: dict[str, list[dict[str, Any]]] = {}
    for row in rows(market, "securities"):
        names.setdefault(row["symbol"], []).append(row)
    reused = {s: r for s, r in names.items() if len({x["name"] for x in r}) > 1}
    assert reused
    for symbol in reused:
        days = [days_of_market.index(b["session_date"]) for b in rows(market, "equity_bars") if b["symbol"] == symbol]
        assert max(b - a for a, b in pairwise(days)) > 21


def test_a_company_changes_its_symbol_and_goes_on(market: simulated.SimulatedMarket) -> None:
    change = rows(market, "symbol_changes")[-2]
    assert market.start < change["change_date"] < market.end
    bars = rows(market, "equity_bars")
    old = [b for b in bars if b["symbol"] == change["from_symbol"]][-1]
    new = next(b for b in bars if b["symbol"] == change["to_symbol"])
    assert old["session_date"] < change["change_date"] == new["session_date"]
    assert new["previous_close"] == old["close"]


def test_splits_stand_in_the_stated_previous_close(market: simulated.SimulatedMarket) -> None:
    by_symbol: dict[str, list[dict[str, Any]]] = {}
    for bar in rows(market, "equity_bars"):
        by_symbol.setdefault(bar["symbol"], []).append(bar)
    seen = 0
    for split in market.all_splits.to_pylist():
        bars = by_symbol.get(split["symbol"], [])
        here = next((i for i, b in enumerate(bars) if b["session_date"] == split["ex_date"]), 0)
        if here:
            expected = bars[here - 1]["close"] * split["denominator"] / split["numerator"]
            assert bars[here]["previous_close"] == pytest.approx(expected, abs=0.00006)
            seen += 1
    assert seen >= 4
    given = {(s["symbol"], s["ex_date"]) for s in rows(market, "splits")}
    assert 0 < len(given) < seen


def test_lost_and_mixed_sessions(market: simulated.SimulatedMarket) -> None:
    present = set(market.tables["equity_bars"].column("session_date").to_pylist())
    lost = [d for d in calendar.sessions_between(market.start, market.end) if d not in present]
    assert lost == [date(2023, 4, 21), date(2024, 4, 19), date(2025, 9, 9), date(2025, 9, 10)]
    assert set(lost) < set(market.tables["index_bars"].column("session_date").to_pylist())
    mixed = calendar.sessions_between(date(2023, 11, 9), date(2023, 11, 14))
    bars = rows(market, "equity_bars")
    before, day, after = ({b["symbol"]: b for b in bars if b["session_date"] == d} for d in mixed[:3])
    of_the_next = [
        s
        for s in day
        if s in after
        and s in before
        and day[s]["close"] == after[s]["close"]
        and day[s]["volume"] == after[s]["volume"]
    ]
    assert 0.3 < len(of_the_next) / len(day) < 0.5


def test_what_is_no_common_stock_says_so_by_name(market: simulated.SimulatedMarket) -> None:
    words = ("Warrant", "Preferred", "Depositary", "Fund", "ETF", "Unit", "Notes")
    names = {r["name"] for r in rows(market, "securities")}
    assert all(name.startswith("Simulated ") for name in names)
    for word in words:
        assert any(word in name for name in names), word
    stocks = [n for n in names if not any(word in n for word in words)]
    assert all(n.endswith(("Common Stock", "Ordinary Shares")) for n in stocks)


def test_memberships_tell_the_same_story(market: simulated.SimulatedMarket) -> None:
    """Intervals and changes give the yearly list, but for companies that are gone."""
    inside: set[str] = set()
    document = [r for r in rows(market, "memberships") if r["universe"] == "sp500"]
    dated = [r for r in document if r["kind"] != "snapshot"]
    dated.sort(key=lambda r: (r["effective_date"], r["kind"] == "add"))
    newest = max(r["effective_date"] for r in document if r["kind"] == "snapshot")
    changes = {c["from_symbol"]: c["to_symbol"] for c in rows(market, "symbol_changes") if c["change_date"] <= newest}
    for row in dated:
        if row["effective_date"] > newest:
            break
        if row["kind"] == "remove":
            inside.discard(row["symbol"])
        elif row["end_date"] is None:
            inside.add(row["symbol"])
    while any(s in changes for s in inside):
        inside = {changes.get(s, s) for s in inside}
    listed = {r["symbol"] for r in document if r["kind"] == "snapshot" and r["effective_date"] == newest}
    assert inside == listed
    assert len(listed) == 30
    assert {r["sector"] for r in document} == set(GICS)


def test_a_payload_parses_to_the_rows_that_it_describes(market: simulated.SimulatedMarket) -> None:
    request = Request("simulated", "equity_bars", NIGHT, end=END, options={"symbols": "120"})
    payload = simulated.payload_for(request)
    assert payload == (
        b'{"check": "db4f00051318ee01", "dataset": "equity_bars", "end": "2026-01-23", "seed": 7, "simulated": 1, '
        b'"start": null, "symbols": 120, "years": 3}'
    )
    parsed = simulated.parse(payload, request)
    assert parsed.tables["equity_bars"].equals(market.tables["equity_bars"])


def test_it_can_stand_in_for_a_live_source() -> None:
    (planned,) = simulated.requests_for("index_bars", [], date(2026, 1, 22), END)
    payload, request = simulated.fetch(None, planned)
    # an hour after the close of 16:00 in New York
    assert request.fetched_at == datetime(2026, 1, 23, 22, tzinfo=UTC)
    bars = simulated.parse(payload, request).tables["index_bars"]
    assert bars.column("session_date").unique().to_pylist() == [date(2026, 1, 22), END]
    assert set(bars.column("is_final").to_pylist()) == {True}


def test_a_vendor_that_loses_nothing(market: simulated.SimulatedMarket) -> None:
    whole = simulated.complete_equity_bars(market)
    days = set(whole.column("session_date").to_pylist())
    assert days == set(calendar.sessions_between(market.start, END))
    on = date(2025, 10, 1)
    listed = {
        r["symbol"] for r in rows(market, "memberships") if r["universe"] == "russell2000" and r["effective_date"] == on
    }
    assert {r["symbol"] for r in simulated.members_on(market, "russell2000", on)} == listed
    assert simulated.members_on(market, "sp500", date(2026, 1, 24)) == []


def test_a_day_alone_and_its_provisional_bars(market: simulated.SimulatedMarket) -> None:
    at_noon = datetime(2026, 1, 23, 17, tzinfo=UTC)
    request = Request("simulated", "index_bars", at_noon, session=END, options={"symbols": "120"})
    table = simulated.parse(simulated.payload_for(request), request).tables["index_bars"]
    assert table.column("symbol").to_pylist() == ["SPX", "COMP", "DJI", "RUT"]
    assert table.column("is_final").to_pylist() == [False] * 4
    assert table.column("close").to_pylist() == [b["close"] for b in rows(market, "index_bars")[-4:]]
    # the session ends at 21:00 UTC; fifteen minutes later its bars are final
    late = Request("simulated", "index_bars", datetime(2026, 1, 23, 21, 15, tzinfo=UTC), session=END)
    final = simulated.parse(simulated.payload_for(request), late).tables["index_bars"]
    assert final.column("is_final").to_pylist() == [True] * 4


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'{"simulated": 2}',
        b"\xff\xfe",
        PAYLOAD.replace(b"splits", b"x"),
        PAYLOAD.replace(b"2026", b"1999"),
        PAYLOAD.replace(b"7", b"-1"),
        PAYLOAD.replace(b"60", b"61"),
        PAYLOAD[:-5],
        PAYLOAD + b" " * 1000 + b"1",
        _signed(symbols=10**9),
        _signed(dataset="x"),
        _signed(seed=-1),
        _signed(end="1999-01-04"),
        _signed(end=None),
        _signed(seed="seven"),
    ],
)
def test_what_describes_no_market_is_refused(payload: bytes) -> None:
    assert simulated.parse(PAYLOAD, Request("simulated", "splits", NIGHT)).tables["splits"].num_rows > 0
    with pytest.raises(MalformedAnswer, match="no simulated market|the simulated market"):
        simulated.parse(payload, Request("simulated", "splits", NIGHT))


def test_a_market_outside_its_span_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="ends between 2016-01-04 and"):
        simulated.generate_market(end=date(2015, 6, 1))
    with pytest.raises(UsageError, match="60 to 20000 symbols, not 5"):
        simulated.generate_market(end=END, symbols=5)
