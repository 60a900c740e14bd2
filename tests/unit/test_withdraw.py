"""A wrong fact is ended with its reason, and given back; what was known before stays what it was."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.commands.withdraw import parse_key
from flows.ingest.withdraw import restore_fact, withdraw_fact
from tests.unit.fetching import AT, WEEK, bar, store
from warehouse.errors import UsageError
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal

KEY = {"symbol": "AAPL", "session_date": str(WEEK[1])}
WITHDRAWN, RESTORED = AT + timedelta(hours=1), AT + timedelta(hours=2)


def closes(home: Path, as_of: datetime | None = None) -> dict[Any, float]:
    lake = Lake(home)
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        lake.attach_views(con, lake.manifest(), as_of)
        return dict(con.execute("select session_date, close from lake.equity_bars where symbol = 'AAPL'").fetchall())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    rows = [bar(symbol, day, 10.0 + number) for symbol in ("AAPL", "MSFT") for number, day in enumerate(WEEK)]
    store(tmp_path, "equity_bars", "vendor", rows)
    store(tmp_path, "equity_bars", "other", [bar("MSFT", WEEK[1], 11.0)])
    return tmp_path


def test_a_withdrawn_fact_is_gone_since_then_and_back_when_restored(home: Path) -> None:
    before = closes(home)
    withdraw_fact(home, "equity_bars", KEY, "a hundred times too high", WITHDRAWN)
    assert closes(home) == {day: close for day, close in before.items() if day != WEEK[1]}
    assert closes(home, AT) == before, "as of before, it stands"
    restore_fact(home, "equity_bars", KEY, "it was real", RESTORED)
    assert closes(home) == before
    assert closes(home, WITHDRAWN) == {day: close for day, close in before.items() if day != WEEK[1]}


def test_who_when_and_why_stand_in_the_journal(home: Path) -> None:
    withdraw_fact(home, "equity_bars", KEY, "a hundred times too high", WITHDRAWN)
    run = Journal(home).list_runs()[-1]
    arguments = json.loads(run["arguments"])
    assert (run["kind"], run["started_at"], run["message"]) == ("withdraw", WITHDRAWN, "a hundred times too high")
    assert (arguments["dataset"], arguments["reason"]) == ("equity_bars", run["message"])
    assert arguments["by"]
    assert arguments["key"] == {"symbol": "AAPL", "session_date": str(WEEK[1]), "source": "vendor", "basis": "raw"}


@pytest.mark.parametrize(
    ("dataset", "key", "reason", "message"),
    [
        ("equity_bar", KEY, "why", "no dataset is called 'equity_bar'"),
        ("equity_bars", KEY, " ", "a withdrawal needs its reason"),
        ("equity_bars", {"close": "11"}, "why", "close is none of these"),
        ("equity_bars", {"symbol": "TSLA"}, "why", "equity_bars has no fact symbol=TSLA"),
        ("equity_bars", {"symbol": "AAPL", "session_date": "2031-01-20"}, "why", "has no fact symbol=AAPL session_"),
        (
            "equity_bars",
            {"session_date": "20.1.2026"},
            "why",
            "session_date=20.1.2026 is no date; write it as 2026-01-23",
        ),
        ("rating_actions", {"rated_at": "soon"}, "why", "rated_at=soon is no instant; write it as 2026-01-23T23"),
        ("equity_bars", KEY | {"symbol": "MSFT"}, "why", "2 facts of equity_bars are symbol=MSFT .*source=other"),
        ("splits", {"symbol": "AAPL"}, "why", "the lake holds no splits"),
    ],
)
def test_what_names_no_one_fact_is_refused(
    home: Path, dataset: str, key: dict[str, str], reason: str, message: str
) -> None:
    before = closes(home)
    with pytest.raises(UsageError, match=message):
        withdraw_fact(home, dataset, key, reason, WITHDRAWN)
    assert closes(home) == before


def test_twice_withdrawn_or_never_withdrawn_is_refused(home: Path) -> None:
    with pytest.raises(UsageError, match="has no withdrawn fact"):
        restore_fact(home, "equity_bars", KEY, "why", WITHDRAWN)
    withdraw_fact(home, "equity_bars", KEY, "wrong", WITHDRAWN)
    with pytest.raises(UsageError, match="is withdrawn already"):
        withdraw_fact(home, "equity_bars", KEY, "wrong", RESTORED)


def test_a_key_is_pairs_of_column_and_value() -> None:
    assert parse_key("symbol=AAPL, session_date=2026-01-20") == {"symbol": "AAPL", "session_date": "2026-01-20"}
    assert parse_key("firm=Goldman Sachs symbol=A") == {"firm": "Goldman Sachs", "symbol": "A"}
    with pytest.raises(UsageError, match="is no key"):
        parse_key("AAPL 2026-01-20")


def test_a_day_without_hyphens_names_its_fact(home: Path) -> None:
    withdraw_fact(home, "equity_bars", KEY | {"session_date": f"{WEEK[1]:%Y%m%d}"}, "wrong", WITHDRAWN)
    assert WEEK[1] not in closes(home)
