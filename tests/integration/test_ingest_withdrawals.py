"""Rows that are withdrawn by hand, served again, and restored."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from expectations.suite import Validated
from flows.ingest import withdraw as by_hand
from tests.integration.ingesting import (
    NOW,
    balance,
    bring,
    facts,
    item,
    lines,
)
from tests.support.withdrawing import withdraw
from warehouse.errors import UsageError
from warehouse.runs.journal import Journal


@pytest.fixture(autouse=True)
def _without_gx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "expectations.suite.validate_batch", lambda contract, table, checked: Validated(contract.name, 0, 0, {})
    )


def test_withdrawn_rows_are_gone_and_come_back_when_delivered_again(tmp_path: Path) -> None:
    text = lines(("SPX", "2026-01-22", 6913.35), ("SPX", "2026-01-23", 6915.61))
    bring(tmp_path, item(text))
    keys = pa.table({"symbol": ["SPX"], "session_date": [date(2026, 1, 23)], "source": ["vendor"], "basis": ["raw"]})
    with Journal(tmp_path).record_run("withdraw", {}, NOW) as run:
        committed = withdraw(run, tmp_path, "index_bars", keys, "f" * 64, NOW)
    assert (committed.written, facts(tmp_path)) == ({"index_bars": 1}, [("SPX", "2026-01-22", 6913.35)])
    bring(tmp_path, item(text, fetched_at=NOW + timedelta(hours=1)))
    assert len(facts(tmp_path)) == 2


def test_a_withdrawal_names_a_dataset_and_whole_keys(tmp_path: Path) -> None:
    with Journal(tmp_path).record_run("withdraw", {}, NOW) as run:
        with pytest.raises(UsageError, match="no dataset is called 'bars'"):
            withdraw(run, tmp_path, "bars", pa.table({}), "f" * 64, NOW)
        with pytest.raises(UsageError, match="symbol, session_date, source, basis is missing"):
            withdraw(run, tmp_path, "index_bars", pa.table({}), "f" * 64, NOW)


def test_a_withdrawn_row_served_again_stays_withdrawn_until_it_is_restored(tmp_path: Path) -> None:
    wrong, good = ("SPX", "2026-01-22", 691335.0), ("SPX", "2026-01-23", 6915.61)
    bring(tmp_path, item(lines(wrong)))
    key = {"symbol": "SPX", "session_date": "2026-01-22"}
    by_hand.withdraw_fact(tmp_path, "index_bars", key, "a hundred times too high", NOW)
    again = bring(tmp_path, item(lines(wrong, good), fetched_at=NOW + timedelta(hours=1)))
    assert facts(tmp_path) == [good]
    assert balance(again) == {"index_bars": (2, 1, 1, 0)}
    assert again.without_effect == ["index_bars: 1 of the known rows say again what was withdrawn, and are left out"]
    # another value is a correction; the wrong one after it is still the wrong one
    mended = ("SPX", "2026-01-22", 6913.35)
    bring(tmp_path, item(lines(mended), fetched_at=NOW + timedelta(hours=2)))
    bring(tmp_path, item(lines(wrong), fetched_at=NOW + timedelta(hours=3)))
    assert facts(tmp_path) == [mended, good]
    # what the line about the row advises works, the correction notwithstanding: what was withdrawn was right after all
    by_hand.restore_fact(tmp_path, "index_bars", key, "it was right", NOW + timedelta(hours=4))
    assert facts(tmp_path) == [wrong, good]
    bring(tmp_path, item(lines(mended), fetched_at=NOW + timedelta(hours=5)))
    bring(tmp_path, item(lines(wrong), fetched_at=NOW + timedelta(hours=6)))
    assert facts(tmp_path) == [wrong, good]
    with pytest.raises(UsageError, match="has no withdrawn fact"):
        by_hand.restore_fact(tmp_path, "index_bars", key, "twice", NOW + timedelta(hours=7))


def test_a_restored_row_may_be_served_again(tmp_path: Path) -> None:
    row = ("SPX", "2026-01-22", 6913.35)
    bring(tmp_path, item(lines(row)))
    key = {"symbol": "SPX", "session_date": "2026-01-22"}
    by_hand.withdraw_fact(tmp_path, "index_bars", key, "a typing error", NOW)
    by_hand.restore_fact(tmp_path, "index_bars", key, "was right", NOW + timedelta(hours=1))
    bring(tmp_path, item(lines(row, ("SPX", "2026-01-23", 1.0)), fetched_at=NOW + timedelta(hours=2)))
    assert facts(tmp_path) == [row, ("SPX", "2026-01-23", 1.0)]


def test_a_backdated_correction_does_not_bring_the_withdrawn_value_back(tmp_path: Path) -> None:
    wrong, mended = ("SPX", "2026-01-22", 691335.0), ("SPX", "2026-01-22", 6913.35)
    bring(tmp_path, item(lines(wrong)))
    key = {"symbol": "SPX", "session_date": "2026-01-22"}
    by_hand.withdraw_fact(tmp_path, "index_bars", key, "a hundred times too high", NOW)
    # known between the wrong value and its withdrawal
    bring(tmp_path, item(lines(mended), fetched_at=NOW - timedelta(hours=1)))
    again = bring(tmp_path, item(lines(wrong), fetched_at=NOW + timedelta(hours=1)))
    assert balance(again) == {"index_bars": (1, 0, 1, 0)}
    assert facts(tmp_path) == []
    bring(tmp_path, item(lines(mended), fetched_at=NOW + timedelta(hours=2)))
    assert facts(tmp_path) == [mended]


def test_an_import_of_which_no_row_can_be_taken_is_refused_as_without_a_withdrawal(tmp_path: Path) -> None:
    bring(tmp_path, item(lines(("SPX", "2026-01-22", 691335.0))))
    key = {"symbol": "SPX", "session_date": "2026-01-22"}
    by_hand.withdraw_fact(tmp_path, "index_bars", key, "a hundred times too high", NOW)
    again = bring(tmp_path, item(lines(("SPX", "2026-01-24", 1.0)), fetched_at=NOW + timedelta(hours=1)))
    assert balance(again) == {"index_bars": (1, 0, 0, 1)}
    assert facts(tmp_path) == []
