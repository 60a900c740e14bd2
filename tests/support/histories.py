"""A small market that becomes known in pieces: files, corrections, withdrawals, daily runs, all with their instants.

Whatever the order in which the pieces come, and however often, the same facts are delivered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import duckdb
import pyarrow as pa

from flows.backfill import runner
from flows.build.publish import Published, build_and_publish
from flows.console.context import Reporter
from flows.daily import steps
from flows.ingest.files import import_planned_files
from flows.ingest.import_plan import Import, plan_imports
from flows.ingest.ingest import ingest_payloads
from sources import plan
from sources.base import Request
from sources.providers import simulated
from sources.simulated.bars import FUND_LEVELS, INDEX_LEVELS, SECTOR_FUNDS
from tests.support.payloads import taken_in
from tests.support.withdrawing import withdraw
from warehouse.calendar import sessions_between
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import quote_identifiers
from warehouse.lake.confirmations import sidecar_columns
from warehouse.lake.facts import scan_files_sql
from warehouse.lake.lake import Lake
from warehouse.runs import attempts
from warehouse.runs.journal import Journal, Run
from warehouse.settings import Settings

NOW = datetime(2026, 1, 24, tzinfo=UTC)
DAILY = ("index_bars", "sector_bars")
SETTINGS = Settings(
    sources={name: ["simulated"] if name in DAILY else [] for name in {*plan.ORDER, *CONTRACTS}},
    symbols={"index_bars": list(INDEX_LEVELS), "sector_bars": [*SECTOR_FUNDS, *FUND_LEVELS]},
    reread_sessions=5,
)
QUIET = Reporter(quiet=True)
_DAYS = sessions_between(date(2025, 9, 2), date(2026, 1, 16))
_STOCKS = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF")
# of AAA on this day A, B and A again are told; what CCC did on it is withdrawn
DAY = _DAYS[60]
A, B = 33.25, 36.5

Row = tuple[str, date, float, int]


def close(stock: int, day: int) -> float:
    return round(40 + 3 * stock + (0.25 if stock % 2 else -0.125) * day + (day * (stock + 3) % 7) / 4, 2)


def _rows(days: Iterable[int]) -> list[Row]:
    rows = [(name, _DAYS[d], close(n, d), 1000 + 10 * n + d) for n, name in enumerate(_STOCKS) for d in days]
    return [(s, day, A, volume) if (s, day) == ("AAA", DAY) else (s, day, c, volume) for s, day, c, volume in rows]


def _csv(rows: Iterable[Row]) -> str:
    return "".join(["symbol,date,close,volume\n", *(f"{s},{day},{c},{v}\n" for s, day, c, v in rows)])


def _at(hours: int) -> datetime:
    return datetime(2026, 1, 17, tzinfo=UTC) + timedelta(hours=hours)


def _corrected(value: float) -> str:
    others: list[Row] = [("BBB", _DAYS[70], close(1, 70) + 1, 5), ("DDD", _DAYS[5], close(3, 5) - 1, 5)]
    return _csv([("AAA", DAY, value, 1060), *others])


@dataclass(frozen=True)
class Delivery:
    """A piece: `carry_out` brings it in, in a run of its kind; a second time it tells nothing new."""

    name: str
    kind: str
    carry_out: Callable[[Path, Run], Any]


def _file(name: str, text: str, known_at: datetime, form: str = "bars", **options: str) -> Delivery:
    def carry_out(home: Path, run: Run) -> None:
        inbox = home.parent / f"{home.name}-inbox"
        inbox.mkdir(exist_ok=True)
        path = inbox / name
        path.write_text(text, encoding="utf-8")
        dataset = "" if form == "securities" else "equity_bars"
        wanted = Import(path, form, dataset, "vendor", known_at, options=options)
        report = import_planned_files(home, SETTINGS, run, plan_imports(wanted, NOW), NOW, QUIET)
        assert report.exit_code == 0, report.gaps

    return Delivery(name, "import", carry_out)


def _withdrawal(home: Path, run: Run) -> None:
    keys = {"symbol": ["CCC", "EEE"], "session_date": [DAY, _DAYS[80]], "source": ["vendor"] * 2, "basis": ["raw"] * 2}
    withdraw(run, home, "equity_bars", pa.table(keys), hashlib.sha256(b"CCC, EEE").hexdigest(), _at(30))


def _daily(day: date) -> Delivery:
    def carry_out(home: Path, run: Run) -> None:
        work = steps.Work(home, SETTINGS, run, NOW, day, QUIET)
        for dataset in steps.datasets_to_ask(SETTINGS):
            # the simulated market needs no client
            outcome = steps.ingest_dataset(work, dataset, cast(Any, None))
            assert not outcome.gaps, outcome.gaps

    return Delivery(f"daily {day}", "daily", carry_out)


def _history(home: Path, run: Run) -> None:
    items = []
    for dataset in DAILY:
        request = Request(simulated.NAME, dataset, _at(0), start=_DAYS[0], end=_DAYS[-1])
        items.append(taken_in(home, simulated.payload_for(request), request, simulated.parse))
    assert ingest_payloads(home, SETTINGS, run, items, NOW, QUIET).exit_code == 0


def _backfill(home: Path, run: Run) -> None:
    scope = runner.scope_of(home, SETTINGS, date(2025, 8, 1), date(2025, 8, 29), NOW, DAILY)
    with attempts.open_attempts(home, runner.attempts_since(NOW, False)) as ledger:
        work = runner.Backfill(home, SETTINGS, run, scope, ledger, cast(Any, None), QUIET, lambda: NOW)
        summary = runner.run_rounds(work)
    assert not summary.gaps, summary.gaps


_NAMES = "".join(f"{name},2025-09-02,{name} Corporation Common Stock\n" for name in _STOCKS)
_FIRST, _SECOND = range(70), range(65, len(_DAYS))

DELIVERIES: tuple[Delivery, ...] = (
    _file("names.csv", f"symbol,first_seen,name\n{_NAMES}", _at(0), "securities", taxonomy="nasdaq"),
    # a close below zero is refused, whenever it comes
    _file("first.csv", _csv([*_rows(_FIRST), ("ZZZ", DAY, -1.0, 1)]), _at(1), basis="raw"),
    _file("second.csv", _csv(_rows(_SECOND)), _at(2), basis="raw"),
    _file("corrected.csv", _corrected(B), _at(20), basis="raw"),
    _file("back.csv", _csv([("AAA", DAY, A, 1060), ("BBB", _DAYS[70], close(1, 70), 1080)]), _at(40), basis="raw"),
    # the first file once more, later: it confirms what was withdrawn or corrected meanwhile
    _file("first.csv", _csv([*_rows(_FIRST), ("ZZZ", DAY, -1.0, 1)]), _at(25), basis="raw"),
    Delivery("withdrawal", "import", _withdrawal),
    Delivery("history", "backfill", _history),
    Delivery("August", "backfill", _backfill),
    _daily(date(2026, 1, 20)),
    _daily(date(2026, 1, 21)),
    _daily(date(2026, 1, 22)),
)


def deliver(home: Path, number: int) -> str:
    """Bring in one piece, journaled as the commands do; returns the run's id."""
    one = DELIVERIES[number]
    with Journal(home).record_run(one.kind, {"delivery": one.name}, NOW) as run:
        one.carry_out(home, run)
    return run.run_id


def build(home: Path, number: int = 0) -> Published:
    """Build and publish; builds of one home need different numbers."""
    now = NOW + timedelta(seconds=number)
    with Journal(home).record_run("build", {}, now) as run:
        return build_and_publish(home, SETTINGS, run, now, QUIET)


def stored(home: Path) -> dict[tuple[str, str], int]:
    """By dataset and payload, how many facts the lake was told of it (written, or kept as confirmations).

    Fails where a fact is written twice. A confirmation that became a fact later stands in both places: it counts once.
    """
    found: dict[tuple[str, str], int] = {}
    manifest = Lake(home).manifest()
    with duckdb.connect() as con:
        for name, contract in CONTRACTS.items():
            key = quote_identifiers(sidecar_columns(contract))
            parts = [
                f"select {key}, {written} as is_written from {scan_files_sql(home, [file])}"
                for files, written in ((manifest.files, "true"), (manifest.confirmations, "false"))
                for file in files
                if file.dataset == name
            ]
            if parts:
                rows = con.execute(f"""
                    select payload_sha256, count(distinct hash({key})), count(*) filter (is_written),
                        count(distinct hash({key})) filter (is_written)
                    from ({" union all ".join(parts)}) group by all""").fetchall()
                assert [row for row in rows if row[2] != row[3]] == [], f"{name}: facts are doubled"
                found |= {(name, payload): summary for payload, summary, *_ in rows}
    return found
