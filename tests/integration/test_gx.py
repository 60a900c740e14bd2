"""Great Expectations and the SQL split must give the same verdict for every rule of every dataset."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expectations import frames
from expectations.check import Checked, PayloadFacts, check
from expectations.rules import rules_of
from expectations.suite import validate
from warehouse.contracts.contract import Column, Contract
from warehouse.contracts.datasets import CONTRACTS
from warehouse.errors import ExpectationError

AT = datetime(2026, 1, 24, 2, tzinfo=UTC)
EQUITY = CONTRACTS["equity_bars"]
# Friday, Saturday, a holiday, a session after most instants below, days far off
DAYS = [date(2026, 1, 23), date(2026, 1, 24), date(2026, 1, 19), date(2026, 1, 26), date(1950, 1, 3), date(2100, 1, 1)]
INSTANTS = [
    datetime(2026, 1, 23, 23, tzinfo=UTC),
    datetime(2026, 1, 24, tzinfo=UTC),
    datetime(2026, 1, 22, 3, tzinfo=UTC),
]
NUMBERS = [1.0, 2.0, 2.0000000001, 5.0, 0.0, -0.0, -1.0, math.nan, math.inf, -math.inf, 1e300]
PAYLOADS = ["p1", "p2"]


def value(column: Column, random: Random) -> Any:
    """A value of a column, good or bad, from few enough that keys repeat."""
    if column.name == "payload_sha256":
        return random.choice(PAYLOADS)
    if column.name == "known_at":
        return random.choice(INSTANTS)
    if column.name == "is_withdrawn":
        return False
    if random.random() < 0.05:
        return None
    words = [*column.vocabulary[:2], "other"] if column.vocabulary else ["A", "B", "C", "it's; drop table x"]
    by_type: dict[str, list[Any]] = {
        "string": words,
        "date": [DAYS[0], DAYS[0], *DAYS],
        "instant": INSTANTS,
        "float": [1.0, 2.0, 5.0, 7.0, *NUMBERS],
        "integer": [1, 2, 3, 0, -1, 2**40],
        "boolean": [True, False],
    }
    return random.choice(by_type[column.type])


def made(contract: Contract, random: Random, size: int) -> pa.Table:
    """Rows of which some repeat the row before them, wholly or but for one value."""
    rows: list[dict[str, Any]] = []
    for _ in range(size):
        row = {column.name: value(column, random) for column in contract.all_columns}
        if rows and random.random() < 0.2:
            row = dict(rows[-1])
            if random.random() < 0.5:
                row[_free(contract)] = None
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=contract.lake_schema)


def _free(contract: Contract) -> str:
    """A column that is not part of the key."""
    return next(column.name for column in reversed(contract.columns) if column.name not in contract.key)


def agreed(contract: Contract, table: pa.Table, limit: float) -> set[str]:
    """The rules that the rows break, by the suite; it raises where the SQL split does not say the same."""
    facts = {"p1": PayloadFacts(until=date(2026, 1, 30), rows_before=1), "p2": PayloadFacts(rows_before=4)}
    checked = check(contract, table, run_id="r", at=AT, refused_share_limit=limit, facts=facts)
    found = validate(contract, table, checked).found
    assert sum(counts.fetched for counts in checked.counts.values()) == table.num_rows
    for counts in checked.counts.values():
        assert counts.fetched == counts.accepted + counts.repeated + counts.refused + counts.held_back
    return {rule for rule, count in found.items() if count}


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_the_suite_agrees_with_the_split(name: str) -> None:
    """On two batches large enough that every rule is broken in one of them."""
    contract = CONTRACTS[name]
    batches = [(made(contract, Random(1), 600), 1.0), (made(contract, Random(2), 400), 0.9)]
    broken = set().union(*(agreed(contract, table, limit) for table, limit in batches))
    ours = {"payload_sha256_required", "known_at_required", "is_withdrawn_required"}  # set by ingest, never null
    whole = {"row_count_changed", "not_fresh"}  # have a test of their own below
    assert {rule.name for rule in rules_of(contract)} - ours - whole - broken == set()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(sorted(CONTRACTS)),
    random=st.randoms(use_true_random=False),
    size=st.integers(1, 8),
    limit=st.sampled_from([1.0, 0.95, 0.5, 0.0]),
)
def test_the_suite_agrees_on_any_small_batch(name: str, random: Random, size: int, limit: float) -> None:
    agreed(CONTRACTS[name], made(CONTRACTS[name], random, size), limit)


GOOD: dict[str, Any] = {
    "symbol": "AAA", "session_date": date(2026, 1, 23), "basis": "raw", "close": 11.0, "is_final": True,
    "source": "vendor", "payload_sha256": "p1", "known_at": INSTANTS[0], "is_withdrawn": False,
}  # fmt: skip


def checked_rows(*changes: dict[str, Any], **options: Any) -> tuple[pa.Table, Checked]:
    table = pa.Table.from_pylist([{**GOOD, **change} for change in changes], schema=EQUITY.lake_schema)
    return table, check(EQUITY, table, run_id="r", at=AT, refused_share_limit=1.0, **options)


def test_counts_by_rule() -> None:
    rows = [{"symbol": f"S{i}", "close": -1.0 if i < 2 else 11.0} for i in range(5)]
    table, checked = checked_rows(*rows, {"symbol": "TWO"}, {"symbol": "TWO", "close": 3.0}, {"symbol": "S4"})
    validated = validate(EQUITY, table, checked)
    assert {rule: count for rule, count in validated.found.items() if count} == {"close_minimum": 2, "duplicate_key": 2}
    assert (validated.rows, validated.chunks, validated.is_success) == (7, 1, False)


def test_rules_about_days_and_payloads_agree_too() -> None:
    rows = [{"symbol": f"S{i}"} for i in range(3)] + [{"session_date": date(2026, 1, 22)}]
    table, checked = checked_rows(*rows, facts={"p1": PayloadFacts(until=date(2026, 2, 10))})
    found = validate(EQUITY, table, checked).found
    assert {rule: count for rule, count in found.items() if count} == {"row_count_changed": 1, "not_fresh": 1}


def test_a_disagreement_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    table, checked = checked_rows({}, {"symbol": "BAD", "close": -1.0})
    checked.broken["close_minimum"] = np.array([0])  # type: ignore[index] # the test forges the SQL's verdict
    with pytest.raises(ExpectationError, match=r"close_minimum.*rows \[1\] only by the suite, rows \[0\] only by SQL"):
        validate(EQUITY, table, checked)


def test_large_batches_are_judged_in_chunks_that_keep_a_key_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("expectations.suite.CHUNK_ROWS", 10)
    start = date(2026, 1, 5)
    rows = [
        {"symbol": f"S{i % 20}", "session_date": start + timedelta(days=i % 5), "close": float(i + 1)}
        for i in range(40)
    ]
    table, checked = checked_rows(*rows)
    validated = validate(EQUITY, table, checked)
    assert (validated.rows, validated.chunks) == (40, 4)
    assert validated.found["duplicate_key"] == 40  # i and i + 20 name one key


def test_chunks_hold_every_row_once() -> None:
    table, _ = checked_rows(*({"symbol": f"S{i}"} for i in range(100)))
    parts = list(frames.chunks(EQUITY, table, np.arange(100), 30))
    assert len(parts) == 4
    assert sorted(np.concatenate(parts).tolist()) == list(range(100))
