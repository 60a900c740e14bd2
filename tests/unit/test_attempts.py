"""The ledger of attempts: the newest word of each request, for a time; readable beside the journal's own tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from warehouse.errors import LakeError
from warehouse.instants import to_utc_text
from warehouse.runs.attempts import DONE, EMPTY, FAILED, Attempt, open_attempts
from warehouse.runs.journal import Journal

NOW = datetime(2026, 1, 23, 23, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)
ONE = Attempt("equity_bars", "yahoo_bars", "AAPL", "", "2025-01-02", "2025-12-31", FAILED, to_utc_text(NOW))


def test_the_newest_attempt_of_a_request_stands(tmp_path: Path) -> None:
    with open_attempts(tmp_path, LONG_AGO) as attempts:
        attempts.record_attempts([ONE])
        attempts.record_attempts([replace(ONE, outcome=DONE)])
        assert attempts.attempts_for("equity_bars", "yahoo_bars", "AAPL") == [replace(ONE, outcome=DONE)]
    with open_attempts(tmp_path, LONG_AGO) as attempts:
        assert attempts.attempts_for("equity_bars", "yahoo_bars", "AAPL") == [replace(ONE, outcome=DONE)]
        assert attempts.attempts_for("equity_bars", "yahoo_bars", "MSFT") == []


def test_a_longer_request_holds_a_shorter_one() -> None:
    assert ONE.covers_days(date(2025, 1, 2), date(2025, 12, 31))
    assert ONE.covers_days(date(2025, 3, 3), date(2025, 3, 3))
    assert not ONE.covers_days(date(2025, 1, 1), date(2025, 3, 3))
    assert not ONE.covers_days(date(2025, 12, 31), date(2026, 1, 2))


def test_what_is_older_than_since_counts_no_more(tmp_path: Path) -> None:
    with open_attempts(tmp_path, LONG_AGO) as attempts:
        attempts.record_attempts([replace(ONE, outcome=EMPTY)])
    for later, count in ((timedelta(days=30), 1), (timedelta(days=30, microseconds=1), 0)):
        with open_attempts(tmp_path, NOW + later - timedelta(days=30)) as attempts:
            assert len(attempts.attempts_for("equity_bars", "yahoo_bars", "AAPL")) == count


def test_all_that_was_asked_about_a_subject_is_told_in_order(tmp_path: Path) -> None:
    other = replace(ONE, source="tiingo_bars", asked_at=to_utc_text(NOW - timedelta(hours=1)))
    with open_attempts(tmp_path, LONG_AGO) as attempts:
        attempts.record_attempts([ONE, other, replace(ONE, subject="MSFT")])
        assert attempts.attempts_about("equity_bars", "AAPL") == [other, ONE]


def test_looking_changes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with open_attempts(home, LONG_AGO, to_write=False) as attempts:
        attempts.record_attempts([ONE])
    assert not home.exists()
    with open_attempts(home, LONG_AGO) as attempts:
        attempts.record_attempts([ONE])
    with open_attempts(home, LONG_AGO, to_write=False) as attempts:
        attempts.record_attempts([replace(ONE, outcome=DONE)])
    with open_attempts(home, LONG_AGO) as attempts:
        assert [one.outcome for one in attempts.attempts_for("equity_bars", "yahoo_bars", "AAPL")] == [FAILED]


def test_a_journal_in_which_only_attempts_stand_can_be_read(tmp_path: Path) -> None:
    with open_attempts(tmp_path, LONG_AGO) as attempts:
        attempts.record_attempts([ONE])
    assert Journal(tmp_path).list_runs() == []
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "journal.sqlite").touch()
    assert Journal(tmp_path / "empty").list_runs() == []


def test_a_damaged_file_is_one_readable_error(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"no database at all, but long enough to be read as one" * 40)
    for to_write in (True, False):
        with pytest.raises(LakeError, match="journal"):
            with open_attempts(tmp_path, LONG_AGO, to_write=to_write):
                pass
