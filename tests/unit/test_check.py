"""The split of a batch: exact verdicts on small batches made by hand."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from expectations import accounts
from expectations.check import Checked, Counts, PayloadFacts, check_table
from expectations.split import learnt_date
from warehouse.contracts.contract import Contract
from warehouse.contracts.datasets import CONTRACTS

AT = datetime(2026, 1, 24, 2, tzinfo=UTC)
EQUITY = CONTRACTS["equity_bars"]
GOOD: dict[str, Any] = {
    "symbol": "AAA", "session_date": date(2026, 1, 23), "basis": "raw", "open": 10.0, "high": 12.0, "low": 9.0,
    "close": 11.0, "previous_close": 10.5, "volume": 1000, "market_cap": 5e9, "is_final": True, "source": "vendor",
    "payload_sha256": "p1", "known_at": datetime(2026, 1, 23, 23, tzinfo=UTC), "is_withdrawn": False,
}  # fmt: skip


def batch(*changes: dict[str, Any], contract: Contract = EQUITY, base: dict[str, Any] = GOOD) -> pa.Table:
    return pa.Table.from_pylist([{**base, **change} for change in changes], schema=contract.lake_schema)


def checked(*changes: dict[str, Any], limit: float = 1.0, facts: dict[str, PayloadFacts] | None = None) -> Checked:
    return check_table(EQUITY, batch(*changes), run_id="r1", at=AT, refused_share_limit=limit, facts=facts)


def verdicts(result: Checked) -> list[tuple[str, str]]:
    return [(json.loads(row["key"])["symbol"], row["rule"]) for row in result.refused.to_pylist()]


@pytest.mark.parametrize(
    ("change", "rule", "value"),
    [
        ({"symbol": None}, "symbol_required", None),
        ({"close": None}, "close_required", None),
        ({"basis": "adjusted"}, "basis_known", "adjusted"),
        ({"close": math.nan}, "close_finite", "nan"),
        ({"open": math.inf}, "open_finite", "inf"),
        ({"market_cap": -math.inf}, "market_cap_finite", "-inf"),
        ({"low": 0.0}, "low_minimum", "0.0"),
        ({"previous_close": -3.5}, "previous_close_minimum", "-3.5"),
        ({"volume": -1}, "volume_minimum", "-1"),
        ({"low": 10.01}, "low_not_above_open", "low = 10.01, open = 10.0"),
        ({"close": 12.01}, "close_not_above_high", "close = 12.01, high = 12.0"),
        ({"close": 8.99}, "low_not_above_close", "low = 9.0, close = 8.99"),
        ({"open": 12.5}, "open_not_above_high", "open = 12.5, high = 12.0"),
        ({"session_date": date(2026, 1, 19)}, "session_date_on_session", "2026-01-19"),
        ({"session_date": date(2026, 1, 26)}, "session_date_not_in_future", "2026-01-26"),
    ],
)
def test_a_bad_row_is_refused_by_its_rule(change: dict[str, Any], rule: str, value: str | None) -> None:
    result = checked({}, {"symbol": "BAD", **change})
    assert result.accepted.to_pylist() == [GOOD]
    assert [(row["rule"], row["value"]) for row in result.refused.to_pylist()] == [(rule, value)]
    assert result.counts == {"p1": Counts(fetched=2, accepted=1, refused=1)}


def test_what_is_allowed_stays() -> None:
    rows: list[dict[str, Any]] = [
        {
            "symbol": "NULLS",
            "open": None,
            "high": None,
            "low": None,
            "previous_close": None,
            "volume": None,
            "market_cap": None,
        },
        {"symbol": "ZERO", "volume": 0, "market_cap": 0.0},
        {"symbol": "FLAT", "open": 10.0, "high": 10.0, "low": 10.0, "close": 10.0},
        {"symbol": "ROUNDED", "high": 11.0 - 1e-9, "close": 11.0, "open": 10.0},
    ]
    result = checked(*rows)
    assert result.accepted["symbol"].to_pylist() == ["NULLS", "ZERO", "FLAT", "ROUNDED"]
    assert result.refused.num_rows == 0


def test_the_row_of_quarantine_says_everything() -> None:
    [row] = checked({"symbol": "BRK/B", "close": -1.5, "payload_sha256": "p9", "source": "acme"}).refused.to_pylist()
    assert json.loads(row["key"]) == {"symbol": "BRK/B", "session_date": "2026-01-23", "source": "acme", "basis": "raw"}
    assert json.loads(row["row"]) == {
        "symbol": "BRK/B", "session_date": "2026-01-23", "basis": "raw", "open": "10.0", "high": "12.0", "low": "9.0",
        "close": "-1.5", "previous_close": "10.5", "volume": "1000", "market_cap": "5000000000.0", "is_final": "true",
        "source": "acme",
    }  # fmt: skip
    assert row["reason"] == (
        "close_minimum (close is at least 1e-06): close = -1.5; "
        "low_not_above_close (low does not exceed close): low = 9.0, close = -1.5"
    )
    del row["key"], row["row"], row["reason"]
    assert row == {
        "dataset": "equity_bars", "rule": "close_minimum", "column_name": "close", "value": "-1.5",
        "payload_sha256": "p9", "source": "acme", "run_id": "r1", "quarantined_at": AT,
    }  # fmt: skip


def test_one_key_with_different_values_is_refused_wholly_and_a_repetition_counts_as_known() -> None:
    result = checked(
        {"symbol": "TWO"}, {"symbol": "TWO", "close": 11.5}, {"symbol": "SAME"}, {"symbol": "SAME"}, {"symbol": "SAME"}
    )
    assert verdicts(result) == [("TWO", "duplicate_key"), ("TWO", "duplicate_key")]
    assert result.accepted["symbol"].to_pylist() == ["SAME"]
    assert result.counts == {"p1": Counts(fetched=5, accepted=1, repeated=2, refused=2)}


def test_a_repeated_bad_row_is_quarantined_once_and_no_part_of_what_is_known() -> None:
    result = checked({}, {"symbol": "BAD", "close": -1.0}, {"symbol": "BAD", "close": -1.0})
    assert verdicts(result) == [("BAD", "close_minimum")]
    assert result.counts == {"p1": Counts(fetched=3, accepted=1, refused=2)}


def test_nothing_of_a_stopped_payload_is_known() -> None:
    result = checked({}, {}, {"symbol": "BAD", "close": -1.0}, limit=0.05)
    assert result.counts == {"p1": Counts(fetched=3, refused=1, held_back=2)}
    only = checked(*[{"symbol": "BAD", "close": -1.0}] * 30, limit=0.05)
    assert only.counts == {"p1": Counts(fetched=30, refused=30)}
    assert "30 of 30 rows" in str(only.stopped[0])


def test_a_payload_without_any_readable_row_is_named_by_its_source() -> None:
    result = checked({}, limit=0.05, facts={"p2": PayloadFacts(unreadable=1, source="acme")})
    assert str(result.stopped[0]).startswith("equity_bars from acme is stopped: 1 of 1 rows (100.0%)")


def test_the_same_key_in_two_payloads_is_two_facts() -> None:
    result = checked({"payload_sha256": "p1"}, {"payload_sha256": "p2", "close": 11.5})
    assert result.refused.num_rows == 0
    assert result.counts == {"p1": Counts(fetched=1, accepted=1), "p2": Counts(fetched=1, accepted=1)}


def test_rows_without_a_whole_key_do_not_conflict_with_one_another() -> None:
    result = checked({"symbol": None}, {"symbol": None, "close": 10.5})
    assert [row["rule"] for row in result.refused.to_pylist()] == ["symbol_required", "symbol_required"]
    assert "duplicate_key" not in result.refused["reason"][0].as_py()


def test_a_large_move_is_accepted_with_a_warning() -> None:
    result = checked(
        {"symbol": "JUMP", "previous_close": 5.0, "high": 12.0, "close": 10.01},
        {"symbol": "DOUBLE", "previous_close": 5.5},
    )
    assert result.accepted.num_rows == 2
    [finding] = result.warnings
    assert (finding.rule, finding.count) == ("close_large_move", 1)
    assert finding.examples == (
        "symbol JUMP, session_date 2026-01-23, source vendor, basis raw, close 10.01, previous_close 5.0",
    )


def test_too_many_refused_rows_stop_the_payload_and_no_other() -> None:
    rows = [{"symbol": f"S{i}", "close": -1.0 if i < 2 else 11.0} for i in range(30)]
    others = [{"symbol": f"S{i}", "payload_sha256": "p2", "close": -1.0 if i < 1 else 11.0} for i in range(20)]
    result = check_table(EQUITY, batch(*rows, *others), run_id="r1", at=AT)
    assert result.accepted.num_rows == 19
    assert set(result.accepted["payload_sha256"].to_pylist()) == {"p2"}
    assert result.counts == {
        "p1": Counts(fetched=30, refused=2, held_back=28),
        "p2": Counts(fetched=20, accepted=19, refused=1),
    }
    [stop] = result.stopped
    assert str(stop) == (
        "equity_bars from vendor is stopped: 2 of 30 rows (6.7%) are refused (close_minimum 2), the limit is 5.0%; "
        "look at them with `breadthwise quarantine list` (payload p1), mend the file if it is one of yours, or raise "
        "refused_share_limit.equity_bars in breadthwise.toml"
    )
    note = result.refused.to_pylist()[-1]
    assert (note["rule"], note["value"], json.loads(note["row"])) == (
        "batch_stopped", "2 of 30", {"held_back_rows": "28", "refused_rows_not_shown": "0"},
    )  # fmt: skip


def test_the_limit_is_the_largest_share_allowed() -> None:
    rows = [{"symbol": f"S{i}", "close": -1.0 if i < 1 else 11.0} for i in range(20)]
    assert check_table(EQUITY, batch(*rows), run_id="r1", at=AT).accepted.num_rows == 19
    assert check_table(EQUITY, batch(*rows), run_id="r1", at=AT, refused_share_limit=0.049).accepted.num_rows == 0


@pytest.mark.parametrize(
    ("bad", "rows", "is_stopped"),
    [
        (1, 4, False),
        (1, 25, False),
        (5, 11, False),
        (6, 25, True),
        (1, 2, True),
        (2, 4, True),
        (1, 1, True),
        (4, 5, True),
    ],
)
def test_a_handful_of_refused_rows_stops_no_small_payload_that_is_mostly_sound(
    bad: int, rows: int, is_stopped: bool
) -> None:
    given = batch(*({"symbol": f"S{i}", "close": -1.0 if i < bad else 11.0} for i in range(rows)))
    result = check_table(EQUITY, given, run_id="r1", at=AT, refused_rows_allowed=5)
    assert (result.accepted.num_rows == 0, len(result.stopped) == 1) == (is_stopped, is_stopped)
    assert len(result.taken_in_part) == int(not is_stopped and bad / rows > 0.05)
    strict = check_table(EQUITY, given, run_id="r1", at=AT, refused_rows_allowed=5, refused_share_limit=0)
    assert strict.accepted.num_rows == 0


def test_a_payload_taken_in_part_says_so() -> None:
    given = batch(*({"symbol": f"S{i}", "close": -1.0 if i < 1 else 11.0} for i in range(4)))
    result = check_table(EQUITY, given, run_id="r1", at=AT, refused_rows_allowed=5)
    assert [str(one) for one in result.taken_in_part] == [
        "equity_bars from vendor is taken in part: 1 of 4 rows (25.0%) are refused (close_minimum 1); look at them with "
        "`breadthwise quarantine list`"
    ]
    assert verdicts(result) == [("S0", "close_minimum")]
    assert result.counts == {"p1": Counts(fetched=4, accepted=3, refused=1)}


def test_quarantine_shows_a_bounded_number_of_a_stopped_payload(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "EVIDENCE_LIMIT", 3)
    monkeypatch.setattr("expectations.check.EVIDENCE_LIMIT", 3)
    rows = [{"symbol": f"S{i}", "close": -1.0} for i in range(10)]
    result = check_table(EQUITY, batch(*rows), run_id="r1", at=AT)
    assert result.refused["rule"].to_pylist() == ["close_minimum"] * 3 + ["batch_stopped"]
    assert json.loads(result.refused["row"][3].as_py()) == {"held_back_rows": "0", "refused_rows_not_shown": "7"}
    assert result.counts == {"p1": Counts(fetched=10, refused=10)}


def test_the_count_of_a_day_against_the_session_before() -> None:
    days = {date(2026, 1, 21): 10, date(2026, 1, 22): 12, date(2026, 1, 23): 9}
    rows = [{"symbol": f"S{i}", "session_date": day} for day, count in days.items() for i in range(count)]
    [finding] = checked(*rows).warnings
    assert (finding.rule, finding.count) == ("row_count_changed", 1)  # 12 is 20 % more than 10; 9 is 25 % less than 12
    assert finding.examples == ("source vendor, basis raw, session_date 2026-01-23, rows 9, rows_before 12",)


def test_the_count_of_one_session_against_what_the_lake_holds() -> None:
    rows = [{"symbol": f"S{i}"} for i in range(7)]
    assert checked(*rows, facts={"p1": PayloadFacts(rows_before=8)}).warnings == []
    [finding] = checked(*rows, facts={"p1": PayloadFacts(rows_before=9)}).warnings
    assert finding.examples == ("source vendor, basis raw, session_date 2026-01-23, rows 7, rows_before 9",)


def test_freshness_counts_sessions_up_to_the_day_asked_for() -> None:
    # five sessions before Friday 2026-01-30 is Friday 01-23
    assert checked({}, facts={"p1": PayloadFacts(until=date(2026, 1, 30))}).warnings == []
    [finding] = checked({}, facts={"p1": PayloadFacts(until=date(2026, 2, 2))}).warnings
    assert (finding.rule, finding.examples) == ("not_fresh", ("newest_date 2026-01-23, oldest_fresh_date 2026-01-26",))


def test_the_day_on_which_a_row_was_learnt() -> None:
    assert learnt_date(datetime(2026, 1, 24, 3, tzinfo=UTC)) == date(2026, 1, 23)  # 22:00 in New York
    assert learnt_date(datetime(2026, 6, 10, tzinfo=UTC)) == date(2026, 6, 10)  # a bare day


def test_rows_learnt_at_different_times_are_held_against_their_own_day() -> None:
    early = datetime(2026, 1, 22, 23, tzinfo=UTC)
    result = checked({"symbol": "LATE"}, {"symbol": "EARLY", "known_at": early})
    assert verdicts(result) == [("EARLY", "session_date_not_in_future")]


def test_an_empty_batch_has_nothing_to_say() -> None:
    result = check_table(EQUITY, EQUITY.lake_schema.empty_table(), run_id="r1", at=AT)
    assert (result.accepted.num_rows, result.refused.num_rows, result.warnings, result.counts) == (0, 0, [], {})


def test_another_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="columns are not the contract's"):
        check_table(EQUITY, pa.table({"symbol": ["A"]}), run_id="r1", at=AT)


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_every_contract_can_be_checked(name: str) -> None:
    contract = CONTRACTS[name]
    nothing = pa.Table.from_pylist(
        [{"payload_sha256": "p1", "known_at": AT, "source": "s"}], schema=contract.lake_schema
    )
    result = check_table(contract, nothing, run_id="r1", at=AT)
    first = next(column.name for column in contract.columns if column.required)
    assert result.refused["rule"].to_pylist() == [f"{first}_required", "batch_stopped"]


def test_a_batch_without_rows_has_a_verdict_of_the_same_form() -> None:
    """A split or a dividend is rare: most days their batches are empty."""
    some, none = checked({}), checked()
    assert none.broken.keys() == some.broken.keys()
    assert not any(len(rows) for rows in (*none.broken.values(), none.repeated))
    assert (none.accepted.num_rows, none.refused.num_rows, none.warnings) == (0, 0, [])
    tables = ("accepted", "refused", "days", "freshness")
    assert [getattr(none, name).schema for name in tables] == [getattr(some, name).schema for name in tables]


def test_days_are_counted_where_a_rule_asks_for_them() -> None:
    index = CONTRACTS["index_bars"]
    table = batch({}, contract=index, base={name: value for name, value in GOOD.items() if name != "market_cap"})
    found = check_table(index, table, run_id="r1", at=AT)
    assert (found.accepted.num_rows, found.days.num_rows, checked({}).days.num_rows) == (1, 0, 1)
