"""From payloads to the lake: what is stored, what is accounted for, and what one bad payload does not touch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from expectations import suite
from expectations.suite import Validated
from flows.console.context import Reporter
from flows.ingest import batch
from flows.ingest.ingest import ingest_payloads
from flows.ingest.report import Account, Failure
from tests.integration.ingesting import (
    FETCHED,
    NOW,
    Item,
    balance,
    bring,
    facts,
    item,
    lines,
    quarantined,
    taken,
)
from warehouse.errors import TransientSourceError
from warehouse.lake.lake import Lake
from warehouse.payloads.store import PayloadStore
from warehouse.runs.journal import Journal
from warehouse.settings import Settings


@pytest.fixture
def with_gx() -> None:
    """Asked for by the tests that let Great Expectations judge too; tests/integration/test_gx.py has its verdicts."""


@pytest.fixture(autouse=True)
def _without_gx(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "with_gx" not in request.fixturenames:
        monkeypatch.setattr(
            "expectations.suite.validate_batch", lambda contract, table, checked: Validated(contract.name, 0, 0, {})
        )


def test_rows_become_facts_with_their_payload_and_instant(tmp_path: Path, with_gx: None) -> None:
    text = lines(("SPX", "2026-01-22", 6913.35), ("SPX", "2026-01-23", 6915.61))
    report = bring(tmp_path, item(text))
    [account] = report.accounts
    digest = account.payload_sha256
    assert account == Account("index_bars", "vendor", digest, 2, 2, 0, 0)
    assert (report.exit_code, report.gaps, report.notes) == (0, [], {"lines": 1})
    assert facts(tmp_path, columns="symbol, close, source, payload_sha256, known_at") == [
        ("SPX", 6913.35, "vendor", digest, FETCHED),
        ("SPX", 6915.61, "vendor", digest, FETCHED),
    ]
    store = PayloadStore(tmp_path)
    assert store.get_payload(digest) == text.encode()
    [asked] = store.requests_for_payload(digest)
    assert (asked["source"], asked["symbol"], asked["fetched_at"]) == ("vendor", "SPX", "2026-01-23 23:00:00+00:00")
    assert Journal(tmp_path).list_batches()[0]["accepted"] == 2


def test_the_same_again_is_known_and_adds_nothing(tmp_path: Path) -> None:
    text = lines(("SPX", "2026-01-22", 6913.35), ("SPX", "2026-01-23", 6915.61))
    bring(tmp_path, item(text))
    before = Lake(tmp_path).manifest()
    report = bring(tmp_path, item(text))
    assert balance(report) == {"index_bars": (2, 0, 2, 0)}
    assert Lake(tmp_path).manifest() == before
    later = bring(tmp_path, item(text, fetched_at=FETCHED + timedelta(hours=1)))
    assert balance(later) == {"index_bars": (2, 0, 2, 0)}


def test_every_row_is_accounted_for(tmp_path: Path, with_gx: None) -> None:
    good = [("SPX", str(date(2026, 1, 5) + timedelta(days=day)), 6900 + day) for day in range(5)]
    bring(tmp_path, item(lines(good[0])))
    text = lines(
        *good,
        good[4],
        ("SPX", "2026-01-19", 1),
        ("DJI", "2026-01-22", 2),
        ("DJI", "2026-01-22", 3),
        ("X", "2026-01-22", "n/a"),
    )
    report = bring(tmp_path, item(text), settings=Settings(refused_share_limit={"index_bars": 0.5}))
    # one known before, one said twice; a holiday, two that contradict each other, one that is no number
    assert balance(report) == {"index_bars": (10, 4, 2, 4)}
    assert quarantined(tmp_path) == [
        ("index_bars", "duplicate_key", "symbol = DJI, session_date = 2026-01-22, source = vendor, basis = raw"),
        ("index_bars", "duplicate_key", "symbol = DJI, session_date = 2026-01-22, source = vendor, basis = raw"),
        ("index_bars", "session_date_on_session", "2026-01-19"),
        ("index_bars", "unreadable", "X,2026-01-22,n/a"),
    ]
    run = max(Journal(tmp_path).list_runs(), key=lambda run: run["fetched"])  # the two begin at one instant
    assert {name: run[name] for name in ("fetched", "accepted", "known", "quarantined")} == {
        "fetched": 10, "accepted": 4, "known": 2, "quarantined": 4,
    }  # fmt: skip


def test_the_same_bad_file_again_doubles_nothing_in_quarantine(tmp_path: Path) -> None:
    text = lines(*(("SPX", f"2026-01-{day:02d}", 6900 + day) for day in range(5, 10)), ("SPX", "2026-01-10", 1))
    settings = Settings(refused_share_limit={"index_bars": 0.2})
    for instant in (FETCHED, FETCHED + timedelta(hours=1)):
        assert balance(bring(tmp_path, item(text, fetched_at=instant), settings=settings))["index_bars"][3] == 1
    assert quarantined(tmp_path) == [("index_bars", "session_date_on_session", "2026-01-10")]


def test_a_stopped_dataset_stops_no_other(tmp_path: Path, with_gx: None) -> None:
    bad = lines(("AAA", "2026-01-22", 1), ("AAA", "2026-01-19", 1))
    report = bring(tmp_path, item(bad, "equity_bars"), item(lines(("SPX", "2026-01-23", 6915.61))))
    assert balance(report) == {"equity_bars": (2, 0, 0, 2), "index_bars": (1, 1, 0, 0)}
    assert facts(tmp_path, "equity_bars") == []
    assert report.exit_code == 3
    assert report.gaps[0].startswith(
        "equity_bars from vendor is stopped: 1 of 2 rows (50.0%) are refused (session_date_on_session 1), "
        "the limit is 5.0%"
    )
    assert [row[1] for row in quarantined(tmp_path)] == ["batch_stopped", "session_date_on_session"]


def test_one_bad_row_stops_no_small_file(tmp_path: Path) -> None:
    days = ("2026-01-20", "2026-01-21", "2026-01-22", "2026-01-23")
    text = lines(*(("SPX", day, -1 if day == days[2] else 6900) for day in days))
    report = bring(tmp_path, item(text))
    assert (balance(report), report.exit_code) == ({"index_bars": (4, 3, 0, 1)}, 3)
    assert "is taken in part: 1 of 4 rows" in report.gaps[0]
    assert "is taken in part: 1 of 4 rows" in Journal(tmp_path).list_batches()[0]["message"]
    assert quarantined(tmp_path) == [("index_bars", "close_minimum", "-1.0")]


def test_unreadable_rows_count_towards_the_limit(tmp_path: Path, with_gx: None) -> None:
    report = bring(tmp_path, item(lines(("SPX", "2026-01-22", 1), ("SPX", "2026-01-23", "n/a"))))
    assert balance(report) == {"index_bars": (2, 0, 0, 2)}
    assert "(unreadable 1)" in report.gaps[0]
    only = bring(tmp_path, item(lines(("SPX", "2026-01-23", "n/a"))))
    assert (balance(only), only.exit_code) == ({"index_bars": (1, 0, 0, 1)}, 1)


def test_payloads_that_are_no_answers_are_gaps_and_the_others_go_on(tmp_path: Path) -> None:
    lost = Failure(item("", symbol="DJI").request, TransientSourceError("no answer within 10 s"))
    report = bring(
        tmp_path, item("html", symbol="NDX"), lost, item("changed"), item(lines(("SPX", "2026-01-23", 6915.61)))
    )
    assert report.gaps == [
        "index_bars: vendor NDX: it is a web page, not CSV",
        "index_bars: vendor DJI: no answer within 10 s",
        "index_bars: vendor SPX: the column close is gone; kept in the home as payload raw/d6/d67e2e944994*.gz,"
        " which `breadthwise parse vendor d67e2e944994 --dataset index_bars --symbol SPX` reads",
    ]
    assert (report.exit_code, facts(tmp_path)) == (3, [("SPX", "2026-01-23", 6915.61)])
    messages = [batch["message"] for batch in Journal(tmp_path).list_batches()]
    assert messages[:3] == [
        "vendor NDX: it is a web page, not CSV",
        "vendor DJI: no answer within 10 s",
        report.gaps[2].removeprefix("index_bars: "),
    ]


def test_nothing_came_is_a_failure(tmp_path: Path) -> None:
    report = bring(tmp_path, item("html"))
    assert (report.exit_code, Lake(tmp_path).manifest().generation) == (1, 0)


def test_small_payloads_are_committed_together(tmp_path: Path) -> None:
    items = [item(lines((f"S{i}", "2026-01-23", 100 + i)), "equity_bars", symbol=f"S{i}") for i in range(10)]
    report = bring(tmp_path, *items)
    assert Lake(tmp_path).manifest().generation == 1
    assert report.accounts == [Account("equity_bars", "vendor", "", 10, 10, 0, 0, 0, "10 payloads")]


def test_full_groups_are_committed_before_all_has_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "GROUP_PAYLOADS", 2)
    seen = []

    def items() -> Iterator[Item]:
        for number in range(5):
            seen.append(Lake(tmp_path).manifest().generation)
            yield item(lines((f"S{number}", "2026-01-23", 100 + number)), "equity_bars", symbol=f"S{number}")

    with Journal(tmp_path).record_run("import", {}, NOW) as run:
        ingest_payloads(tmp_path, Settings(), run, taken(tmp_path, items()), NOW, Reporter(quiet=True))
    assert seen == [0, 0, 1, 1, 2]
    assert len(facts(tmp_path, "equity_bars")) == 5


def test_the_same_bytes_at_two_instants_are_no_contradiction(tmp_path: Path) -> None:
    text = lines(("SPX", "2026-01-23", 6915.61))
    report = bring(tmp_path, item(text), item(text, fetched_at=FETCHED + timedelta(hours=1)))
    assert balance(report) == {"index_bars": (2, 1, 1, 0)}


def test_very_large_payloads_are_committed_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "BATCH_ROWS", 10)
    rows: list[tuple[str, str, float | str]] = [(f"S{i}", "2026-01-23", 100 + i) for i in range(38)]
    rows += [
        ("S0", "2026-01-23", 1.0),
        ("X", "2026-01-23", "n/a"),
    ]
    report = bring(
        tmp_path, item(lines(*rows), "equity_bars"), settings=Settings(refused_share_limit={"equity_bars": 0.9})
    )
    assert balance(report) == {"equity_bars": (40, 37, 0, 3)}  # S0 contradicts itself, X cannot be read
    assert len(report.accounts) == 4
    assert len(facts(tmp_path, "equity_bars")) == 37


def test_a_whole_market_is_counted_against_the_session_before(tmp_path: Path) -> None:
    whole: dict[str, Any] = {"dataset": "equity_bars", "symbol": None}
    bring(tmp_path, item(lines(*((f"S{i}", "2026-01-22", 100) for i in range(10))), **whole))
    report = bring(tmp_path, item(lines(*((f"S{i}", "2026-01-23", 100) for i in range(7))), **whole))
    [finding] = [one for one in report.warnings if one.rule == "row_count_changed"]
    assert finding.examples == ("source vendor, basis raw, session_date 2026-01-23, rows 7, rows_before 10",)
    assert (report.exit_code, report.accounts[0].warnings) == (0, 1)
    one = bring(tmp_path, item(lines(("S8", "2026-01-23", 100)), "equity_bars", symbol="S8"))
    assert one.warnings == []


def test_rows_in_dispute_are_quarantined_and_the_rest_is_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_gx: None
) -> None:
    run = suite._run_suite

    def forged(expectations: Any, frame: Any) -> dict[str, set[int] | str]:
        found = run(expectations, frame)
        return {**found, "close_minimum": {0}} if "close_minimum" in found else found

    monkeypatch.setattr(suite, "_run_suite", forged)
    report = bring(tmp_path, item(lines(("SPX", "2026-01-22", 6913.35), ("SPX", "2026-01-23", 6915.61))))
    assert facts(tmp_path) == [("SPX", "2026-01-23", 6915.61)]
    [account] = report.accounts
    assert (account.fetched, account.accepted, account.quarantined) == (2, 1, 1)
    assert report.exit_code == 3
    assert "close_minimum: Great Expectations and the SQL disagree (1 rows, 1 bad only by the former)" in report.gaps[0]


def test_a_bar_of_the_first_day_of_all_stops_no_import(tmp_path: Path, with_gx: None) -> None:
    report = bring(tmp_path, item(lines(("SPX", "0001-01-01", 1), *((f"S{i}", "2026-01-23", 100) for i in range(40)))))
    [account] = report.accounts
    assert (account.fetched, account.accepted, account.quarantined, report.exit_code) == (41, 40, 1, 0)
