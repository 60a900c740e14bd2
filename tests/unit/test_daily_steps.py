"""What an evening says: all counts of its datasets, each gap once, and what of the answers was not taken for rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.console.context import Reporter
from flows.daily import steps
from flows.daily.steps import Outcome, gap_lines, summarise_outcomes
from flows.fetch.dataset import Fetched
from sources.base import Parsed, Request
from sources.payloads import ParsedPayload
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
