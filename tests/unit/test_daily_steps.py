"""Which session an evening is for, and what it says: its counts, each gap once, and what was not taken for rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.console.context import Reporter
from flows.daily import steps
from flows.daily.holes import has_session
from flows.daily.steps import Outcome, gap_lines, session_to_run, summarise_outcomes
from flows.fetch.dataset import Fetched
from sources.base import Parsed, Request
from sources.payloads import ParsedPayload
from tests.support.lake_support import at, bar, table
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal
from warehouse.settings import Settings

CAME = Outcome("securities", accepted=10_322, known=7, quarantined=2)
LACKS = Outcome("index_bars", 5, 1, 1, ["SPX is stopped", "RUT 2026-01-23: nothing"], printed=["SPX is stopped"])
NOW = datetime(2026, 1, 23, 23, tzinfo=UTC)


def test_the_summary_counts_all_datasets() -> None:
    assert summarise_outcomes([CAME]) == (0, "10,322 new facts, 7 known, 2 rows quarantined, 0 gaps")
    assert summarise_outcomes([CAME, LACKS]) == (3, "10,327 new facts, 8 known, 3 rows quarantined, 2 gaps")


def test_a_gap_that_was_printed_when_it_was_found_is_not_printed_again() -> None:
    assert gap_lines([CAME, LACKS]) == ["gap: RUT 2026-01-23: nothing"]


def test_what_was_not_taken_for_rows_is_in_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = {"not_an_equity": 5, **{f"reason {number}": 1 for number in range(9)}}
    request = Request("blackrock_holdings", "memberships", NOW, symbol="IWM")

    def fetch_session(*given: Any) -> Fetched:
        take: Callable[[ParsedPayload], None] = given[-1]
        take(ParsedPayload(request, "d" * 64, Parsed({}, notes=notes), NOW))
        return Fetched((), (), "", 1, False)

    monkeypatch.setattr(steps, "fetch_session", fetch_session)
    lines: list[str] = []
    reporter = Reporter(quiet=True, log=lambda _level, text: lines.append(text))
    with Journal(tmp_path).record_run("daily", {}, NOW) as run:
        work = steps.Work(tmp_path, Settings(), run, NOW, date(2026, 1, 23), reporter)
        client: Any = None
        steps.ingest_dataset(work, "memberships", client)
    assert "memberships: note: not_an_equity: 5" in lines
    assert lines[-1] == "memberships: 2 more notes of this kind"


WEDNESDAY, FRIDAY = date(2026, 11, 25), date(2026, 11, 27)
THANKSGIVING = "2026-11-26 is not a trading session: nothing to do, the lake has 2026-11-25"
SATURDAY = "2026-11-28 is not a trading session: nothing to do, the lake has 2026-11-27"


@pytest.mark.parametrize(
    ("due", "begun", "stored", "expected"),
    [
        ("2026-11-25T23:30", "2026-11-25T23:31", True, (WEDNESDAY, "")),
        # begun after midnight: New York has a holiday, and a Saturday
        ("2026-11-25T23:30", "2026-11-26T05:01", False, (WEDNESDAY, "")),
        ("2026-11-25T23:30", "2026-11-26T05:01", True, (WEDNESDAY, "")),
        ("2026-11-27T23:30", "2026-11-28T05:01", False, (FRIDAY, "")),
        ("2026-11-27T23:30", "2026-11-28T05:01", True, (FRIDAY, "")),
        # two days late: what was missed comes when the newest session is there
        ("2026-11-25T23:30", "2026-11-27T23:00", False, (FRIDAY, "")),
        ("2026-11-25T23:30", "2026-11-27T23:00", True, (WEDNESDAY, "")),
        # days without a session, due and begun on time
        ("2026-11-26T23:30", "2026-11-26T23:31", True, (None, THANKSGIVING)),
        ("2026-11-26T23:30", "2026-11-26T23:31", False, (WEDNESDAY, "")),
        ("2026-11-28T23:30", "2026-11-28T23:31", True, (None, SATURDAY)),
        # a clock that runs before the close asks for the session before
        ("2026-11-27T15:00", "2026-11-27T15:01", True, (WEDNESDAY, "")),
    ],
)
def test_a_late_run_is_of_the_session_it_was_due_for(
    due: str, begun: str, stored: bool, expected: tuple[date | None, str]
) -> None:
    now, scheduled = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (begun, due))
    assert session_to_run(None, now, Settings(), True, scheduled, lambda session: stored) == expected
    assert session_to_run(FRIDAY, datetime(2026, 12, 1, tzinfo=UTC), Settings(), True, scheduled) == (FRIDAY, "")


def test_a_session_is_there_where_each_dataset_that_is_asked_has_bars_of_it(tmp_path: Path) -> None:
    settings = Settings(universe=["AAA"])
    day = date(2026, 1, 23)
    bars = [bar(1.0, at(24), "p", day=text) for text in ("2026-01-22", "2026-01-23")]
    only = Settings(universe=["AAA"], sources={"index_bars": [], "sector_bars": []})
    assert has_session(tmp_path, only, day)  # of stocks that were never asked nothing is missing
    Lake(tmp_path).commit("run", {"equity_bars": table(bars[:1])})
    assert not has_session(tmp_path, only, day)
    Lake(tmp_path).commit("run", {"equity_bars": table(bars[1:])})
    assert has_session(tmp_path, only, day)
    assert not has_session(tmp_path, settings, day)  # the indices are not there
