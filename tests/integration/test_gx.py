"""Great Expectations and the SQL split must give the same verdict for every rule of every dataset."""

from __future__ import annotations

import gc
import math
import os
import weakref
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expectations import frames, suite
from expectations.check import Checked, Counts, PayloadFacts, check_table
from expectations.disputes import Dispute
from expectations.rules import rules_of_contract
from expectations.suite import validate_batch
from warehouse.contracts.contract import Column, Contract
from warehouse.contracts.datasets import CONTRACTS

AT = datetime(2026, 1, 24, 2, tzinfo=UTC)
EQUITY = CONTRACTS["equity_bars"]
# Friday, Saturday, a holiday, a session after most instants below, days far off
DAYS = [date(2026, 1, 23), date(2026, 1, 24), date(2026, 1, 19), date(2026, 1, 26), date(1950, 1, 3), date(2100, 1, 1)]
DAYS += [date(1, 1, 1), date(1800, 1, 2), date(2300, 1, 1)]
INSTANTS = [
    datetime(2026, 1, 23, 23, tzinfo=UTC),
    datetime(2026, 1, 24, tzinfo=UTC),
    datetime(2026, 1, 22, 3, tzinfo=UTC),
]
NUMBERS = [1.0, 2.0, 2.0000000001, 5.0, 0.0, -0.0, -1.0, math.nan, math.inf, -math.inf, 1e300, 1e9]
PAYLOADS = ["p1", "p2"]


def value(column: Column, random: Random) -> Any:
    """A value of a column, good or bad, from few enough that keys repeat."""
    if column.name == "payload_sha256":
        return random.choice(PAYLOADS)
    if column.name == "known_at":
        return random.choice(INSTANTS)
    if column.name == "is_withdrawn":
        return False
    if column.name == "series_id":
        return random.choice(["A", "it's; drop table x", "DGS10", "WALCL", None])
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
    """The rules that the rows break, by the suite; the SQL split must say the same of each row."""
    facts = {"p1": PayloadFacts(until=date(2026, 1, 30), rows_before=1), "p2": PayloadFacts(rows_before=4)}
    checked = check_table(contract, table, run_id="r", at=AT, refused_share_limit=limit, facts=facts)
    validated = validate_batch(contract, table, checked)
    assert [str(one) for one in validated.disputes] == []
    found = validated.found
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
    assert {rule.name for rule in rules_of_contract(contract)} - ours - whole - broken == set()


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
    return table, check_table(EQUITY, table, run_id="r", at=AT, refused_share_limit=1.0, **options)


def test_counts_by_rule() -> None:
    rows = [{"symbol": f"S{i}", "close": -1.0 if i < 2 else 11.0} for i in range(5)]
    table, checked = checked_rows(*rows, {"symbol": "TWO"}, {"symbol": "TWO", "close": 3.0}, {"symbol": "S4"})
    validated = validate_batch(EQUITY, table, checked)
    assert {rule: count for rule, count in validated.found.items() if count} == {"close_minimum": 2, "duplicate_key": 2}
    assert (validated.rows, validated.chunks, validated.is_success) == (7, 1, False)


def test_rules_about_days_and_payloads_agree_too() -> None:
    rows = [{"symbol": f"S{i}"} for i in range(3)] + [{"session_date": date(2026, 1, 22)}]
    table, checked = checked_rows(*rows, facts={"p1": PayloadFacts(until=date(2026, 2, 10))})
    found = validate_batch(EQUITY, table, checked).found
    assert {rule: count for rule, count in found.items() if count} == {"row_count_changed": 1, "not_fresh": 1}


def test_rows_in_dispute_are_refused_with_both_verdicts() -> None:
    table, checked = checked_rows({}, {"symbol": "BAD", "close": -1.0}, {"symbol": "GOOD"})
    checked.broken["close_minimum"] = np.array([0])  # type: ignore[index] # the test forges the SQL's verdict
    [dispute] = validate_batch(EQUITY, table, checked).disputes
    assert (dispute.rule, dispute.only_suite.tolist(), dispute.only_sql.tolist()) == ("close_minimum", [1], [0])
    forged = Dispute("equity_bars", "close_minimum", only_suite=np.array([0]), only_sql=np.array([1]))
    # none of it may stop the payload: the fault is not the data's
    settled = check_table(EQUITY, table, run_id="r", at=AT, refused_share_limit=0.4, disputes=[forged])
    assert settled.accepted["symbol"].to_pylist() == ["GOOD"]
    assert [(row["rule"], row["value"], row["reason"].split("; ")[0]) for row in settled.refused.to_pylist()] == [
        ("in_dispute", "11.0", "close_minimum: Great Expectations refuses the row, the SQL accepts it"),
        ("in_dispute", "-1.0", "close_minimum: Great Expectations accepts the row, the SQL refuses it"),
    ]
    assert settled.counts == {"p1": Counts(fetched=3, accepted=1, refused=2)}


def test_a_dispute_about_days_is_named_and_refuses_nothing() -> None:
    table, checked = checked_rows({}, facts={"p1": PayloadFacts(until=date(2026, 2, 10))})
    [dispute] = validate_batch(EQUITY, table, replace(checked, warnings=[])).disputes
    assert (dispute.rule, dispute.note) == ("not_fresh", "1 lines against 0")


def test_a_rule_that_could_not_be_run_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    table, checked = checked_rows({})
    fails = {"close_minimum": "no such column"}
    monkeypatch.setattr(
        "expectations.suite._run_suite",
        lambda suite, frame: {one.meta["rule"]: fails.get(one.meta["rule"], set()) for one in suite},
    )
    assert [str(one) for one in validate_batch(EQUITY, table, checked).disputes] == [
        "equity_bars: rule close_minimum: Great Expectations and the SQL disagree (no such column): this is a fault of "
        "Breadthwise, please report it with the payload; rows in dispute are in quarantine, the rest is committed"
    ]


EXTREME: dict[str, list[Any]] = {
    "string": ["", " ", "A", "x" * 3000, "\x00", "é中"],
    "date": [date.min, date(1, 1, 2), date(1582, 10, 10), date(1970, 1, 1), date(2026, 1, 23), date(9999, 12, 31)],
    "instant": [datetime(1, 1, 1, 2, tzinfo=UTC), INSTANTS[0], datetime(9999, 12, 31, 23, tzinfo=UTC)],
    "float": [math.nan, math.inf, -math.inf, 1e308, -1e308, 1.7976931348623157e308, 5e-324, -0.0, 1.0, 2.0],
    "integer": [-(2**63), 2**63 - 1, 2**53 + 1, 0, 1, -1],
    "boolean": [True, False],
}


def extreme(contract: Contract, random: Random, size: int) -> pa.Table:
    """Rows of extreme values and some ordinary ones; the instants of learning and the payloads may be extreme too."""
    rows = []
    for _ in range(size):
        row = {
            column.name: None if random.random() < 0.05 else random.choice(_choices(column, random))
            for column in contract.all_columns
        }
        rows.append(row | {"payload_sha256": random.choice(PAYLOADS), "is_withdrawn": False})
    return pa.Table.from_pylist(rows, schema=contract.lake_schema)


def _choices(column: Column, random: Random) -> list[Any]:
    return [*EXTREME[column.type], *column.vocabulary[:1]] if random.random() < 0.7 else [value(column, random)]


BATCHES = int(os.environ.get("BREADTHWISE_GX_BATCHES", "30"))


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_the_two_agree_on_extreme_values(name: str) -> None:
    """On batches generated at random; `make properties` has ten times as many."""
    for seed in range(BATCHES // len(CONTRACTS) + 1):
        random = Random(f"{name} {seed}")
        agreed(CONTRACTS[name], extreme(CONTRACTS[name], random, random.choice([1, 3, 20, 200])), 1.0)


@pytest.mark.parametrize("day", [date.min, date(1, 1, 2), date(999, 12, 31), date(1000, 1, 1), date.max])
def test_a_day_outside_the_calendar_is_refused_and_stops_nothing(day: date) -> None:
    table, checked = checked_rows({}, {"symbol": "BAD", "session_date": day})
    assert validate_batch(EQUITY, table, checked).disputes == []
    assert checked.accepted["symbol"].to_pylist() == ["AAA"]
    assert checked.refused["rule"].to_pylist() == ["session_date_on_session"]


def test_large_batches_are_judged_in_chunks_that_keep_a_key_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("expectations.suite.CHUNK_ROWS", 10)
    start = date(2026, 1, 5)
    rows = [
        {"symbol": f"S{i % 20}", "session_date": start + timedelta(days=i % 5), "close": float(i + 1)}
        for i in range(40)
    ]
    table, checked = checked_rows(*rows)
    validated = validate_batch(EQUITY, table, checked)
    assert (validated.rows, validated.chunks) == (40, 4)
    assert validated.found["duplicate_key"] == 40  # i and i + 20 name one key


def test_chunks_hold_every_row_once() -> None:
    table, _ = checked_rows(*({"symbol": f"S{i}"} for i in range(100)))
    parts = list(frames.chunks_of_rows(EQUITY, table, np.arange(100), 30))
    assert len(parts) == 4
    assert sorted(np.concatenate(parts).tolist()) == list(range(100))


def test_a_batch_is_let_go_when_the_next_one_is_validated() -> None:
    """The context that all batches share keeps the newest frame, and no other."""
    frames_seen: list[weakref.ref[Any]] = []

    def noted(*given: Any) -> Any:
        frame = frames.batch_frame(*given)
        frames_seen.append(weakref.ref(frame))
        return frame

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("expectations.suite.batch_frame", noted)
        for _ in range(4):
            validate_batch(EQUITY, *checked_rows({}, {"symbol": "B"}))
    gc.collect()
    assert [one() is not None for one in frames_seen[:-1]] == [False, False, False]


def test_the_bounds_of_a_column_are_held_against_it_at_once_and_a_break_is_of_its_own_rule() -> None:
    """One expectation stands for all of them while they hold; each is named by itself where it does not."""
    whole = [
        suite._make_expectation(rule, EQUITY) for rule in rules_of_contract(EQUITY) if rule.scope in ("row", "key")
    ]
    screens = [rules for _, rules in suite._screens(whole)]
    assert sorted(name for rules in screens for name in rules) == sorted(one.meta["rule"] for one in whole)
    assert {"close_finite", "close_minimum", "close_maximum"} in map(set, screens)
    bounds = {math.inf: {"close_finite", "close_maximum"}, 0.0: {"close_minimum"}, 1e15: {"close_maximum"}}
    for close, broken in bounds.items():
        validated = validate_batch(EQUITY, *checked_rows({"close": close, "open": None, "high": None, "low": None}))
        assert {name for name, count in validated.found.items() if count and name.startswith("close_")} == broken
        assert validated.disputes == []


def test_an_expectation_makes_its_configuration_once() -> None:
    import great_expectations.expectations

    gxe: Any = great_expectations.expectations
    given: dict[str, Any] = {"column": "close", "min_value": 1.0, "strict_min": True, "meta": {"rule": "close_minimum"}}
    one, plain = (
        suite._expectation_class("ExpectColumnValuesToBeBetween")(**given),
        gxe.ExpectColumnValuesToBeBetween(**given),
    )
    assert one.configuration is one.configuration
    assert one.configuration.kwargs == plain.configuration.kwargs
    assert one.configuration.meta == plain.configuration.meta
    assert one.dict() == plain.dict()
    other = suite._expectation_class("ExpectColumnValuesToBeBetween")(**(given | {"column": "open"}))
    assert other.configuration.kwargs["column"] == "open"
