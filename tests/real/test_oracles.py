"""The same metrics as other programs made them: LEAN's files for money flow, McClellan and the Arms index."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from tests.support.chain import run_chain


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return [{name.strip(): value.strip() for name, value in row.items()} for row in csv.DictReader(file)]


def scaled(value: str) -> int:
    return round(float(value) * 1_000_000)


def bar(instrument: int, seq: int, high: int, low: int, close: int, volume: int) -> dict[str, object]:
    """A row of the panel; prices as whole millionths."""
    span = high - low
    return {
        "instrument_no": instrument,
        "seq": seq,
        "age": seq,
        "market_age": seq,
        "sessions_since_bar": 0,
        "universe_set_id": 1,
        "fill": "none",
        "close_e6": close,
        "forward_close": float(close),
        "volume": volume,
        "multiplier_e9": round(1e9 * ((close - low) - (high - close)) / span) if span else 0,
        "is_return_broken": False,
        "is_mean_broken": False,
    }


def test_chaikin_money_flow_against_lean(shared: Path) -> None:
    """Window 20 as in LEAN's file, equal to 1e-9 on every row with 20 bars but the last, which is known to be wrong there."""
    given = read(shared / "oracles" / "spy_cmf.txt")
    panel = [
        bar(1, seq, scaled(row["High"]), scaled(row["Low"]), scaled(row["Close"]), int(row["Volume"]))
        for seq, row in enumerate(given, 1)
    ]
    columns = [name for name in panel[0] if name not in ("sessions_since_bar", "fill", "market_age")]
    table = pa.Table.from_pylist([{**{name: row[name] for name in columns}, "is_scored": True} for row in panel])
    profiles = pa.Table.from_pylist([{"universe_set_id": 1, "universes": ["sp500", "sector:Financials"]}])
    given_tables = {"intermediate.scored_panel": table, "intermediate.universe_sets": profiles}
    con = run_chain(["intermediate.stock_signals"], given_tables, cmf_window=20)
    ours = dict(con.execute("select seq, cmf from intermediate.stock_signals where cmf is not null").fetchall())
    theirs = {seq: float(row["CMF_20"]) for seq, row in enumerate(given, 1)}
    assert sorted(ours) == list(range(20, len(given) + 1))
    compared = [seq for seq in ours if seq < len(given)]
    assert len(compared) == 280
    assert max(abs(ours[seq] - theirs[seq]) for seq in compared) < 1e-9


def momentum(net: list[int]) -> duckdb.DuckDBPyConnection:
    sums = [
        {"universe": "u", "seq": seq, "is_defined": True, "place": seq, "advances": max(x, 0), "declines": max(-x, 0)}
        for seq, x in enumerate(net, 1)
    ]
    return run_chain(["intermediate.breadth_momentum"], {"intermediate.net_advances": pa.Table.from_pylist(sums)})


def test_mcclellan_oscillator_against_lean(shared: Path) -> None:
    """Seeds differ, so both are held against the recursion that has no seed; the difference they leave dies out."""
    given = read(shared / "oracles" / "mcclellan_data.csv")
    net = [int(row["A/D Difference"]) for row in given]
    theirs = [float(row["MO"]) for row in given]
    summation = [float(row["MSI"]) for row in given]
    con = momentum(net)
    ours = [
        mo for (mo,) in con.execute("select raw_10 - raw_5 from intermediate.breadth_momentum order by seq").fetchall()
    ]
    assert len(ours) == len(net) == 168

    def error(mo: list[float], t: int) -> float:
        return abs(mo[t] - (1.85 * mo[t - 1] - 0.855 * mo[t - 2] + 0.05 * (net[t] - net[t - 1])))

    assert max(error(ours, t) for t in range(2, len(net))) < 1e-6
    assert max(error(theirs, t) for t in range(40, len(net))) < 1e-6
    assert max(abs(summation[t] - summation[t - 1] - theirs[t]) for t in range(40, len(net))) < 1e-6
    assert abs(ours[-1] - theirs[-1]) == pytest.approx(0.33, abs=0.005)


def test_mcclellan_summation_is_the_running_sum_of_the_oscillator(shared: Path) -> None:
    """The closed form of the mart, checked on LEAN's net advances."""
    net = [int(row["A/D Difference"]) for row in read(shared / "oracles" / "mcclellan_data.csv")]
    con = momentum(net)
    found = con.execute(
        """select raw_10 - raw_5 as mo, (raw_10 - raw_5) - 10 * raw_10 + 20 * raw_5 - 10 * first_value(raw_10) over (order by seq)
        from intermediate.breadth_momentum order by seq"""
    ).fetchall()
    total = 0.0
    for oscillator, summation in found:
        total += oscillator
        assert summation == pytest.approx(total, abs=1e-6)


BREADTH = [
    "intermediate.breadth_cells",
    "intermediate.universe_sums",
    "intermediate.counted_universes",
    "intermediate.breadth_sums",
    "intermediate.net_advances",
    "intermediate.breadth_momentum",
    "marts.breadth_daily",
]


def test_arms_index_against_lean(shared: Path) -> None:
    """The ratio wherever both are defined; NULL where nothing declined and LEAN answers the count of advances."""
    given = read(shared / "oracles" / "arms_data.txt")
    days: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in given:
        days[row["Date"]].append(row)
    numbers = {"AAPL": 1, "GOOG": 2, "IBM": 3}
    panel = [
        bar(
            numbers[row["Symbol"]],
            seq,
            int(row["High"]) * 100,
            int(row["Low"]) * 100,
            int(row["Close"]) * 100,
            int(row["Volume"]),
        )
        for seq, day in enumerate(days.values(), 1)
        for row in day
    ]
    panel.sort(key=lambda row: (row["instrument_no"], row["seq"]))
    marks = [
        {"session_date": f"{day[:4]}-{day[4:6]}-{day[6:]}", "seq": seq, "bars": 3, "mark": "present"}
        for seq, day in enumerate(days, 1)
    ]
    profiles = [
        {"instrument_no": n, "from_seq": 0, "to_seq": 2**31 - 1, "universe_set_id": 1, "universes": ["all"]}
        for n in numbers.values()
    ]
    con = run_chain(
        BREADTH,
        {
            "intermediate.panel": pa.Table.from_pylist(panel),
            "intermediate.session_marks": pa.Table.from_pylist(marks),
            "intermediate.universe_sets": pa.Table.from_pylist(profiles),
        },
    )
    ours = dict(
        con.execute(
            "select strftime(session_date, '%Y%m%d'), trin from marts.breadth_daily where universe = 'all'"
        ).fetchall()
    )
    theirs = {day: rows[-1] for day, rows in days.items()}
    compared = refused = 0
    for day, row in list(theirs.items())[1:]:
        if row["A/D Ratio"] == "0.5" or row["A/D Ratio"] == "2":
            assert ours[day] == pytest.approx(float(row["TRIN"]), rel=1e-6, abs=1e-9)
            compared += 1
        else:
            assert ours[day] is None
            refused += 1
    assert (compared, refused) == (129, 122)
