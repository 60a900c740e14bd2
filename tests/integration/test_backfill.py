"""Backfills against the mocked APIs: only what is missing, each request once whatever stops it, gaps named."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.backfill import plan, runner
from sources import catalog
from sources.mock_api import MockApi
from sources.mock_api.reply import Asked, Reply
from sources.providers import simulated
from sources.settings import load_settings as load_settings
from tests.integration.backfill_worker import END, NOW, START, run
from tests.integration.conftest import ROOT, breadthwise
from tests.support.patience import HANG_SECONDS, wait_until
from warehouse import calendar
from warehouse.lake.lake import Lake
from warehouse.runs.attempts import open_attempts

THREADS = 4


@pytest.fixture(scope="module")
def market() -> simulated.SimulatedMarket:
    return simulated.generate_market(end=END, symbols=200, years=2)


@pytest.fixture
def api(market: simulated.SimulatedMarket) -> Iterator[MockApi]:
    with MockApi(market) as running:
        yield running


def stocks(market: simulated.SimulatedMarket) -> list[str]:
    """Those that trade from their first bar to the last session, in alphabetical order: no symbol that was used again."""
    days: dict[str, list[date]] = {}
    for symbol, day in true_bars(market, set(market.tables["equity_bars"]["symbol"].to_pylist()), market.start):
        days.setdefault(symbol, []).append(day)
    return sorted(symbol for symbol, of in days.items() if of == calendar.sessions_between(of[0], END))


def home_for(folder: Path, api: MockApi, universe: list[str], pace: float = 5000, **lists: list[str]) -> Path:
    home = folder / "home"
    home.mkdir(exist_ok=True)
    text = f"universe = {json.dumps(universe)}\nfetch_threads = {THREADS}\n"
    text += f'base_urls = {{ "*" = "{api.base_url}" }}\n'
    text += "[sources]\n" + "".join(f"{name} = {json.dumps(of)}\n" for name, of in lists.items())
    text += "[pace]\n" + "".join(f'"{host}" = {pace}\n' for host in api.base_urls)
    (home / "breadthwise.toml").write_text(text, encoding="utf-8")
    return home


def bars(home: Path, columns: str = "symbol, session_date", dataset: str = "equity_bars") -> list[Any]:
    lake = Lake(home)
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        return con.execute(
            f"select {columns} from ({lake.history_sql(dataset, lake.manifest())}) order by all"
        ).fetchall()


def asked(api: MockApi) -> Counter[str]:
    return Counter(logged.path for logged in api.requests if "/chart/" in logged.path)


def true_bars(market: simulated.SimulatedMarket, symbols: Iterable[str], start: date = START) -> list[tuple[str, date]]:
    table = simulated.complete_equity_bars(market)
    rows = zip(table["symbol"].to_pylist(), table["session_date"].to_pylist(), strict=True)
    wanted = set(symbols)
    return sorted((symbol, day) for symbol, day in rows if symbol in wanted and start <= day <= END)


def test_it_fills_what_is_missing_and_then_asks_nothing(
    api: MockApi, market: simulated.SimulatedMarket, tmp_path: Path
) -> None:
    names = stocks(market)[:12]
    home = home_for(tmp_path, api, names)
    summary, code = run(home)
    assert (summary.gaps, code, summary.requests) == ([], 0, 12)
    assert bars(home) == true_bars(market, names)
    assert summary.accepted == len(bars(home)) + len(bars(home, dataset="splits", columns="symbol")) + len(
        bars(home, dataset="dividends", columns="symbol")
    )
    assert all(count == 1 for count in asked(api).values())
    # some were listed only later than the first session: the ledger knows that there is nothing before
    again, code = run(home)
    assert (again.requests, again.accepted, again.gaps, code) == (0, 0, [], 0)


def test_what_a_restored_lake_lacks_is_taken_in_again(
    api: MockApi, market: simulated.SimulatedMarket, tmp_path: Path
) -> None:
    names = stocks(market)[:12]
    home = home_for(tmp_path, api, names)
    run(home, start=END - timedelta(days=30))
    shutil.copytree(home / "lake", tmp_path / "lake")
    shutil.copytree(home / "raw", tmp_path / "raw")
    first, _ = run(home)
    whole, count = bars(home), len(asked(api))
    shutil.rmtree(home / "lake")
    shutil.copytree(tmp_path / "lake", home / "lake")
    # the payloads are still there: they are read again, and nothing is asked
    reread, code = run(home)
    assert (reread.accepted, reread.requests, reread.gaps, code) == (first.accepted, 0, [], 0)
    assert reread.notes[0].startswith("equity_bars: 12 answers that were taken in before are not in the lake")
    assert (bars(home), len(asked(api))) == (whole, count)
    for name in ("lake", "raw"):
        shutil.rmtree(home / name)
        shutil.copytree(tmp_path / name, home / name)
    again, code = run(home)
    assert (again.accepted, again.requests, again.gaps, code) == (first.accepted, 12, [], 0)
    assert bars(home) == whole
    nothing, code = run(home)
    assert (nothing.accepted, nothing.requests, code) == (0, 0, 0)
    assert not [note for note in nothing.notes if "taken in" in note]


def test_killed_and_started_again_it_repeats_no_request(
    api: MockApi, market: simulated.SimulatedMarket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = stocks(market)[:120]
    home = home_for(tmp_path, api, names)
    answer = api.answer_request
    arrived, is_killed = count(1), threading.Event()
    under_way = threading.Semaphore(0)

    def answer_or_hold(request: Asked) -> tuple[Reply, str | None]:
        """From the middle of the third chunk on no answer comes until the process is gone."""
        if next(arrived) > 105:
            under_way.release()
            assert is_killed.wait(HANG_SECONDS)
        return answer(request)

    monkeypatch.setattr(api, "answer_request", answer_or_hold)
    process = subprocess.Popen([sys.executable, "-m", "tests.integration.backfill_worker", str(home)], cwd=ROOT)
    try:
        for _ in range(THREADS):
            assert under_way.acquire(timeout=HANG_SECONDS)
    finally:
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        is_killed.set()
    assert wait_until(lambda: len(api.requests) == 105 + THREADS)
    committed = {symbol for symbol, _ in bars(home)}
    assert len(committed) == 100
    before = asked(api)
    home_for(tmp_path, api, names)
    summary, code = run(home)
    assert (summary.gaps, code) == ([], 0)
    twice = {path.rpartition("/")[2] for path, count in asked(api).items() if count > 1}
    # only what was on its way when the process died, and nothing of a chunk that had been committed
    assert len(twice) == THREADS
    assert not twice & {symbol.replace("/", "-") for symbol in committed}
    assert summary.requests == 120 - sum(before.values()) + len(twice)
    assert bars(home) == true_bars(market, names)


def test_a_day_afterwards_adds_that_day_alone(api: MockApi, market: simulated.SimulatedMarket, tmp_path: Path) -> None:
    names = stocks(market)[:5]
    home = home_for(tmp_path, api, names)
    yesterday = date(2026, 1, 22)
    run(home, end=yesterday, now=NOW - timedelta(days=1))
    assert max(day for _, day in bars(home)) == yesterday
    summary, code = run(home)
    assert code == 0
    assert summary.requests == 5
    assert bars(home) == true_bars(market, names)


def test_of_the_whole_market_a_month_is_a_chunk(
    api: MockApi, market: simulated.SimulatedMarket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLYGON_API_KEY", "a-key-of-the-tests")
    home = home_for(tmp_path, api, [], equity_bars=["polygon_grouped"])
    settings = load_settings(home)
    scope = runner.scope_of(home, settings, date(2025, 11, 28), date(2026, 1, 5), NOW, ["equity_bars"])
    with open_attempts(home, NOW, to_write=False) as attempts:
        planned = plan.make_plan(home, settings, scope, attempts, catalog.adapters_by_name())
    labels = [(chunk.label, len(chunk.requests)) for chunk in planned.chunks]
    # 2025-11-28 is a half day, 12-25 and 01-01 are holidays
    assert labels == [
        ("equity_bars polygon_grouped 2025-11", 1),
        ("equity_bars polygon_grouped 2025-12", 22),
        ("equity_bars polygon_grouped 2026-01", 2),
    ]
    summary, code = run(home, start=date(2025, 12, 31), end=date(2026, 1, 5))
    assert (summary.requests, summary.gaps, code) == (3, [], 0)
    assert {day for _, day in bars(home)} == {date(2025, 12, 31), date(2026, 1, 2), date(2026, 1, 5)}
    assert run(home, start=date(2025, 12, 30), end=date(2026, 1, 5))[0].requests == 1


def test_a_few_named_stocks_of_a_session_are_not_its_market(
    api: MockApi, market: simulated.SimulatedMarket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLYGON_API_KEY", "a-key-of-the-tests")
    first, last = date(2025, 12, 31), date(2026, 1, 5)
    names = stocks(market)[:6]
    assert run(home_for(tmp_path, api, names), start=first, end=last)[0].requests == 6
    # as `run` advises: the source of the market first, the named stocks stay
    home = home_for(tmp_path, api, names, equity_bars=["polygon_grouped"])
    with open_attempts(home, NOW, to_write=False) as attempts:
        settings = load_settings(home)
        # who names the stocks for this backfill has them
        scope = runner.scope_of(home, settings, first, last, NOW, ["equity_bars"], names)
        assert plan.make_plan(home, settings, scope, attempts, catalog.adapters_by_name()).request_count == 0
    summary, code = run(home, start=first, end=last)
    assert (summary.requests, summary.gaps, code) == (3, [], 0)
    assert len({symbol for symbol, _ in bars(home)}) > 100
    assert run(home, start=first, end=last)[0].requests == 0


def test_no_more_requests_than_allowed_newest_first(
    api: MockApi, market: simulated.SimulatedMarket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLYGON_API_KEY", "a-key-of-the-tests")
    home = home_for(tmp_path, api, [], equity_bars=["polygon_grouped"])
    summary, code = run(home, start=date(2025, 12, 1), end=date(2026, 1, 5), most=3, newest_first=True)
    assert summary.requests == 3
    assert code == 3
    assert summary.gaps[0] == "21 requests were left for the next run (--max-requests)"
    # January whole, then the first session of December
    assert {day for _, day in bars(home)} == {date(2026, 1, 2), date(2026, 1, 5), date(2025, 12, 1)}


def test_what_a_source_has_not_is_a_gap_and_is_not_asked_again_for_a_month(
    api: MockApi, market: simulated.SimulatedMarket, tmp_path: Path
) -> None:
    home = home_for(tmp_path, api, [stocks(market)[0], "NOSUCH"])
    summary, code = run(home)
    assert code == 3
    assert len(summary.gaps) == 1
    assert summary.gaps[0].startswith(
        "equity_bars NOSUCH 2025-01-02, 2025-01-03, 2025-01-06 and 262 more sessions: NotFound"
    )
    before = len(api.requests)
    summary, code = run(home, now=NOW + timedelta(days=29))
    assert (len(api.requests), code, len(summary.gaps)) == (before, 3, 1)
    assert run(home, now=NOW + timedelta(days=29), again=True)[0].requests == 1
    # that was an attempt, too: the month begins anew
    assert run(home, now=NOW + timedelta(days=58))[0].requests == 0
    assert run(home, now=NOW + timedelta(days=60))[0].requests == 1


def test_faulty_answers_are_asked_for_again_by_the_next_run(
    api: MockApi, market: simulated.SimulatedMarket, tmp_path: Path
) -> None:
    names = stocks(market)[:6]
    home = home_for(tmp_path, api, names)
    api.faults.order_faults(f"*/chart/{names[0]}", "html", times=9)
    summary, code = run(home)
    assert (code, [gap.split(" 2025")[0] for gap in summary.gaps]) == (3, [f"equity_bars {names[0]}"])
    assert {symbol for symbol, _ in bars(home)} == set(names[1:])
    api.faults.order_faults(f"*/chart/{names[0]}", "html", times=0)
    summary, code = run(home)
    assert (summary.requests, summary.gaps, code) == (1, [], 0)
    assert bars(home) == true_bars(market, names)


def test_a_dry_run_shows_the_budget_and_asks_nothing(
    api: MockApi, market: simulated.SimulatedMarket, tmp_path: Path
) -> None:
    home = home_for(tmp_path, api, stocks(market)[:60], pace=2)
    days = len(calendar.sessions_between(date(2024, 12, 2), date(2025, 1, 31)))
    done = breadthwise(home, "backfill", "2024-12-02", "2025-01-31", "--datasets", "equity_bars", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == f"{days} sessions from 2024-12-02 to 2025-01-31"
    assert (
        f"  equity_bars from yahoo_bars: 60 requests in 2 chunks for {60 * days:,} missing bars, 30 s at 2/s"
        in done.stdout.splitlines()
    )
    assert not api.requests
    assert sorted(path.name for path in home.iterdir()) == ["breadthwise.toml"]


def test_wrong_use_is_told_before_anything_starts(
    api: MockApi, market: simulated.SimulatedMarket, tmp_path: Path
) -> None:
    home = home_for(tmp_path, api, [])
    for arguments, words in (
        (("2026-01-24", "2026-01-25"), "there is no ended session from 2026-01-24 to 2026-01-25"),
        (("2026-01-22", "2026-01-20"), "START 2026-01-22 lies after END 2026-01-20; give the earlier day first"),
        (("2026-01-20", "2026-01-22", "--datasets", "events"), "events cannot be asked for the past"),
        (("2026-01-20", "2026-01-22", "--universe", "sp501"), "the lake knows no members of it"),
    ):
        done = breadthwise(home, "backfill", *arguments)
        assert done.returncode == 2
        assert words in done.stderr
        assert len(done.stderr.splitlines()) == 1
