"""The ledger of attempts: the newest word of each request, for a time; readable beside the journal's own tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from warehouse.errors import LakeError
from warehouse.instants import utc_text
from warehouse.runs.attempts import DONE, EMPTY, FAILED, Attempt, opened
from warehouse.runs.journal import Journal

NOW = datetime(2026, 1, 23, 23, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)
ONE = Attempt("equity_bars", "yahoo_bars", "AAPL", "", "2025-01-02", "2025-12-31", FAILED, utc_text(NOW))


def test_the_newest_attempt_of_a_request_stands(tmp_path: Path) -> None:
    with opened(tmp_path, LONG_AGO) as attempts:
        attempts.note([ONE])
        attempts.note([replace(ONE, outcome=DONE)])
        assert attempts.of("equity_bars", "yahoo_bars", "AAPL") == [replace(ONE, outcome=DONE)]
    with opened(tmp_path, LONG_AGO) as attempts:
        assert attempts.of("equity_bars", "yahoo_bars", "AAPL") == [replace(ONE, outcome=DONE)]
        assert attempts.of("equity_bars", "yahoo_bars", "MSFT") == []


def test_a_longer_request_holds_a_shorter_one() -> None:
    assert ONE.holds(date(2025, 1, 2), date(2025, 12, 31))
    assert ONE.holds(date(2025, 3, 3), date(2025, 3, 3))
    assert not ONE.holds(date(2025, 1, 1), date(2025, 3, 3))
    assert not ONE.holds(date(2025, 12, 31), date(2026, 1, 2))


def test_what_is_older_than_since_counts_no_more(tmp_path: Path) -> None:
    with opened(tmp_path, LONG_AGO) as attempts:
        attempts.note([replace(ONE, outcome=EMPTY)])
    for later, count in ((timedelta(days=30), 1), (timedelta(days=30, microseconds=1), 0)):
        with opened(tmp_path, NOW + later - timedelta(days=30)) as attempts:
            assert len(attempts.of("equity_bars", "yahoo_bars", "AAPL")) == count


def test_all_that_was_asked_about_a_subject_is_told_in_order(tmp_path: Path) -> None:
    other = replace(ONE, source="tiingo_bars", asked_at=utc_text(NOW - timedelta(hours=1)))
    with opened(tmp_path, LONG_AGO) as attempts:
        attempts.note([ONE, other, replace(ONE, subject="MSFT")])
        assert attempts.about("equity_bars", "AAPL") == [other, ONE]


def test_looking_changes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with opened(home, LONG_AGO, to_write=False) as attempts:
        attempts.note([ONE])
    assert not home.exists()
    with opened(home, LONG_AGO) as attempts:
        attempts.note([ONE])
    with opened(home, LONG_AGO, to_write=False) as attempts:
        attempts.note([replace(ONE, outcome=DONE)])
    with opened(home, LONG_AGO) as attempts:
        assert [one.outcome for one in attempts.of("equity_bars", "yahoo_bars", "AAPL")] == [FAILED]


def test_a_journal_in_which_only_attempts_stand_can_be_read(tmp_path: Path) -> None:
    with opened(tmp_path, LONG_AGO) as attempts:
        attempts.note([ONE])
    assert Journal(tmp_path).runs() == []
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "journal.sqlite").touch()
    assert Journal(tmp_path / "empty").runs() == []


def test_a_damaged_file_is_one_readable_error(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"no database at all, but long enough to be read as one" * 40)
    for to_write in (True, False):
        with pytest.raises(LakeError, match="journal"):
            with opened(tmp_path, LONG_AGO, to_write=to_write):
                pass
