"""A stock that is renamed and gets its first name back, which another company or a slow source used in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from reports.texts import texts_for_sql
from tests.support.block_builds import with_inputs
from tests.support.long_market import DAYS, NOW, facts
from transforms.build import BuildResult, build_warehouse
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

RENAMED = 100


def bars(symbol: str, first: int, until: int, close: float, source: str = "one") -> list[dict[str, Any]]:
    """Bars of these sessions whose closes go to and fro around `close`."""
    return [
        {
            "symbol": symbol,
            "session_date": DAYS[at],
            "source": source,
            "basis": "raw" if source == "one" else "split",
            "close": round(close * (1 + at % 7 / 100), 2),
            "volume": 1000 + at,
            "is_final": True,
        }
        for at in range(first, until)
    ]


def renamed(back: int) -> pa.Table:
    changes = [("OLD", "NEW", RENAMED), ("NEW", "OLD", back)]
    rows = [{"from_symbol": one, "to_symbol": other, "change_date": DAYS[at]} for one, other, at in changes]
    return facts("symbol_changes", rows, 0)


def built(lake: Lake, name: str, cache: Path | None = None) -> BuildResult:
    return build_warehouse(
        lake,
        lake.manifest(),
        lake.home / f"{name}.duckdb",
        Settings(),
        code_version="test",
        built_at=NOW,
        cache=cache,
        models=with_inputs("marts.suspect_rows", "marts.equity_facts", "intermediate.session_ledger"),
        texts=texts_for_sql(),
        block_sessions=16,
    )


def test_of_two_names_bars_before_a_halt_that_of_the_later_name_is_carried(tmp_path: Path) -> None:
    halt, back = RENAMED + 40, 455
    old, new = bars("OLD", 0, RENAMED, 50), bars("NEW", RENAMED, halt, 50)
    # another company, up to the session before the halt
    other = bars("OLD", RENAMED + 25, halt, 30)
    returned = bars("OLD", back, back + 2, 25)
    returned[0]["previous_close"] = new[-1]["close"] / 2
    rows = [*old, *new, *other, *returned, *bars("OTHER", 0, back + 2, 10)]
    lake = Lake(tmp_path)
    lake.commit("changes", {"symbol_changes": renamed(back)})
    for number in range(2):
        first, last = DAYS[back + number - 1] if number else DAYS[0], DAYS[back + number]
        part = [row for row in rows if (number == 0 or row["session_date"] > first) and row["session_date"] <= last]
        lake.commit(f"part-{number}", {"equity_bars": facts("equity_bars", part, number)})
        made = built(lake, f"made-{number}", tmp_path / "cache")
        assert made.hashes == built(lake, f"plain-{number}").hashes, f"after part {number}"


def test_the_days_of_the_company_in_between_are_its_own(tmp_path: Path) -> None:
    back, until = 200, 230
    mine = [*bars("OLD", 0, RENAMED, 50), *bars("NEW", RENAMED, back, 50), *bars("OLD", back, until, 50)]
    # the stock was halted for a week, and a source that ranks first gave the other company's bars alone
    mine = [bar for bar in mine if bar["session_date"] not in DAYS[150:155]]
    other = [bar for name in ("one", "two") for bar in bars("OLD", RENAMED + 25, back, 30, name)]
    lake = Lake(tmp_path)
    rows = [*mine, *other, *bars("OTHER", 0, until, 10)]
    lake.commit("all", {"symbol_changes": renamed(back), "equity_bars": facts("equity_bars", rows, 0)})
    with duckdb.connect(str(built(lake, "made", tmp_path / "cache").path), read_only=True) as con:
        closes = """select instrument_id, min(close), max(close) from marts.equity_facts
            where instrument_id like 'OLD%' and close is not null group by instrument_id order by instrument_id"""
        found = con.execute(closes).fetchall()
        halted = con.execute(
            "select count(*) from marts.equity_facts where instrument_id = 'OLD' and close is not null"
            " and session_date between ? and ?",
            [DAYS[150], DAYS[154]],
        ).fetchall()
    assert [(name, round(low), round(high)) for name, low, high in found] == [
        ("OLD", 50, 53),
        (f"OLD@{DAYS[RENAMED + 25]}", 30, 32),
    ]
    assert halted == [(0,)]


def test_a_source_that_serves_the_former_names_for_two_weeks_stops_no_build(tmp_path: Path) -> None:
    back, until = 140, 200

    def named(lag: int, source: str) -> list[dict[str, Any]]:
        first, second = RENAMED + lag, back + lag
        parts = ("OLD", 0, first), ("NEW", first, second), ("OLD", second, until)
        return [bar for name, begin, end in parts for bar in bars(name, begin, end, 50, source)]

    lake = Lake(tmp_path)
    rows = [*named(0, "one"), *named(10, "two"), *bars("OTHER", 0, until, 10)]
    lake.commit("all", {"symbol_changes": renamed(back), "equity_bars": facts("equity_bars", rows, 0)})
    assert built(lake, "made").rows["marts.equity_facts"] > 0
