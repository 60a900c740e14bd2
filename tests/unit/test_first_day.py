"""What a run says of what is not there: holes of a pause, and breadth that has no stocks yet."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from flows.console import hints
from flows.daily.first_day import first_day_advice, history_start
from flows.daily.holes import find_holes
from tests.support.lake_support import at, table
from tests.support.lake_support import bar as equity
from warehouse.calendar import sessions_between
from warehouse.contracts.datasets import CONTRACTS
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

NOW = datetime(2026, 1, 24, 3, 0, tzinfo=UTC)
SESSION = date(2026, 1, 23)
SETTINGS = Settings(universe=["AAA"], reread_sessions=5)  # reads again from 2026-01-16 on


@pytest.fixture(autouse=True)
def typed_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a command had been typed in a shell whose home is this one."""
    monkeypatch.setattr(hints, "_typed_home", [(tmp_path, False)])


def store(home: Path, days: list[date]) -> None:
    rows = [equity(1.0, at(24), "p", day=day.isoformat()) for day in days]
    Lake(home).commit("run", {"equity_bars": table(rows)})


def test_a_pause_longer_than_the_window_is_named_with_the_command_that_fills_it(tmp_path: Path) -> None:
    listed = sessions_between(date(2025, 12, 1), SESSION)
    store(tmp_path, [day for day in listed if not date(2025, 12, 30) <= day <= date(2026, 1, 15)])
    (hole,) = find_holes(tmp_path, SETTINGS, SESSION)
    assert hole.is_new
    assert str(hole) == (
        "equity_bars: the lake has nothing of 12 sessions from 2025-12-30 to 2026-01-15, which a run does not read again; "
        "`breadthwise backfill 2025-12-30 2026-01-15 --datasets equity_bars` fills them"
    )


def test_an_older_hole_is_known_and_what_lies_before_the_first_bar_is_none(tmp_path: Path) -> None:
    listed = sessions_between(date(2025, 12, 1), SESSION)
    store(tmp_path, [day for day in listed if day != date(2025, 12, 30)])
    (hole,) = find_holes(tmp_path, Settings(reread_sessions=5), SESSION)
    assert (hole.sessions, hole.is_new) == ((date(2025, 12, 30),), False)
    assert "1 session from 2025-12-30 to 2025-12-30" in str(hole)
    assert "--datasets equity_bars --universe sp500` fills them" in str(hole)
    assert find_holes(tmp_path, SETTINGS, date(2025, 12, 5)) == []


def test_a_hole_of_years_ago_is_not_said_every_evening(tmp_path: Path) -> None:
    listed = sessions_between(date(2024, 6, 3), SESSION)
    store(tmp_path, [day for day in listed if day != date(2024, 6, 10)])
    assert find_holes(tmp_path, SETTINGS, SESSION) == []


def warehouse(home: Path, advances: int | None) -> None:
    with duckdb.connect(str(home / "warehouse.duckdb")) as con:
        con.execute("create schema reports")
        con.execute("create table reports.breadth (session_date date, universe text, advances bigint, note_en text)")
        note = "no member has closes of this session and the one before"
        con.execute("insert into reports.breadth values (?, 'all', ?, ?)", [SESSION, advances, note])


def test_empty_breadth_says_what_fills_it_with_requests_and_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POLYGON_API_KEY", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    warehouse(tmp_path, None)
    universe = [f"M{number:02d}" for number in range(40)]
    lines = first_day_advice(tmp_path, Settings(universe=universe), SESSION, NOW)
    assert lines == [
        "breadth of 2026-01-23 is empty: no member has closes of this session and the one before. What fills it:",
        "  the next runs: advances and declines need 2 sessions of a stock, means 20, 50 or 200, highs of 52 weeks 252",
        # 11 indices, 23 funds, 40 stocks at 2 a second
        "  breadthwise run --with-history 260: indices, sectors and the stocks of `universe` (40), 74 requests, 37 s",
        '  POLYGON_API_KEY in the environment (a free account) and `equity_bars = ["polygon_grouped"]` under [sources] of '
        "breadthwise.toml, then breadthwise backfill 2025-01-10 2026-01-23 --datasets equity_bars: the whole market, "
        "260 requests, 52 min",
        "  files of your own: breadthwise import PATH --dataset equity_bars --basis raw --dry-run shows what they give",
    ]
    # 15 sessions of 2026 and the last 245 of the 250 of 2025
    assert history_start(SESSION, 260) == date(2025, 1, 10)
    without = first_day_advice(tmp_path, Settings(), SESSION, NOW)
    assert "  POLYGON_API_KEY in the environment (a free account), then breadthwise backfill" in "\n".join(without)
    assert without[2].startswith("  a list of stocks: `universe` in breadthwise.toml, or a membership list")


def test_with_its_key_the_whole_market_is_offered_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYGON_API_KEY", "k")
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    warehouse(tmp_path, None)
    command = (
        "breadthwise backfill 2025-01-10 2026-01-23 --datasets equity_bars: the whole market, 260 requests, 52 min"
    )
    assert f"  {command}" in first_day_advice(tmp_path, Settings(), SESSION, NOW)
    # stocks of `universe` are asked of the first source that is listed
    before = '  `equity_bars = ["polygon_grouped"]` under [sources] of breadthwise.toml, then '
    assert f"{before}{command}" in first_day_advice(tmp_path, Settings(universe=["AAA"]), SESSION, NOW)


def test_only_the_sessions_without_the_market_are_priced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POLYGON_API_KEY", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    warehouse(tmp_path, None)
    listed = sessions_between(history_start(SESSION, 260), SESSION)
    settings = Settings(universe=["AAA"])

    def offered() -> list[str]:
        lines = first_day_advice(tmp_path, settings, SESSION, NOW)
        return [line.rpartition("the whole market, ")[2] for line in lines if "the whole market" in line]

    def fill(days: list[date], source: str, names: str) -> None:
        rows = [equity(1.0, at(24), "p", symbol=name, day=f"{day}", source=source) for day in days for name in names]
        Lake(tmp_path).commit("run", {"equity_bars": table(rows)})

    fill(listed, "yahoo_bars", "ABC")
    assert offered() == ["260 requests, 52 min"]
    fill(listed[:100] + listed[102:-1], "nasdaq_screener", "ABCDEFGH")
    assert offered() == ["3 requests, 36 s"]
    fill(listed[100:102], "polygon_grouped", "ABCDEFGH")
    assert offered() == ["1 request, 12 s"]
    fill(listed[-1:], "polygon_grouped", "ABCDEFGH")
    assert offered() == []


def test_the_stocks_of_the_list_that_a_run_brings_are_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    warehouse(tmp_path, None)
    row = dict.fromkeys(CONTRACTS["memberships"].lake_schema.names)
    members = [
        row | {"universe": "sp500", "symbol": name, "effective_date": date(2025, 6, 2), "kind": "snapshot", "source": "s"}
        | {"payload_sha256": "p", "known_at": at(24), "is_withdrawn": False}
        for name in ("AAA", "BBB")
    ]  # fmt: skip
    Lake(tmp_path).commit("run", {"memberships": table(members, "memberships")})
    lines = first_day_advice(tmp_path, Settings(), SESSION, NOW)
    assert lines[2] == (
        "  breadthwise run --with-history 260: indices, sectors and the stocks of sp500 (2), 36 requests, 18 s"
    )


def test_breadth_that_is_there_needs_no_advice(tmp_path: Path) -> None:
    warehouse(tmp_path, 12)
    assert first_day_advice(tmp_path, Settings(), SESSION, NOW) == []
