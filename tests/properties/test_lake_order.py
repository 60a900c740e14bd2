"""The lake's promise: the same facts, in any order, cut into any commits, compacted anywhen, read the same."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.lake_support import at, bar, kept_view, table, view
from warehouse.lake import reading, views
from warehouse.lake.lake import Lake

COLUMNS = "symbol, close, known_at, payload_sha256"
INSTANTS = (1, 2, 3, 4, 5)
SYMBOLS = "ABCD"

# One fact a (symbol, instant, payload): few of each, so that equal neighbours and late arrivals abound.
facts = st.dictionaries(
    st.tuples(st.sampled_from(SYMBOLS), st.sampled_from(INSTANTS), st.sampled_from("pq")),
    st.sampled_from([10.0, 11.0, None]),
    min_size=1,
    max_size=14,
)
Fact = tuple[tuple[str, int, str], float | None]


def rows(some: Sequence[Fact]) -> list[dict[str, Any]]:
    return [bar(close, at(day), payload, symbol=symbol) for (symbol, day, payload), close in some]


Written = tuple[int, str, float | None]


def starts_of_runs(some: Sequence[Written]) -> list[Written]:
    """The facts (day, payload, close) of one key, in order, without those that equal the one before them."""
    mine = sorted(some, key=lambda fact: fact[:2])
    return [fact for i, fact in enumerate(mine) if i == 0 or mine[i - 1][2] != fact[2]]


def runs_of_symbols(every: Sequence[Fact], day: int) -> dict[str, list[Written]]:
    return {
        symbol: starts_of_runs(
            [(when, payload, close) for (s, when, payload), close in every if s == symbol and when <= day]
        )
        for symbol in SYMBOLS
    }


def expected(every: Sequence[Fact], day: int) -> list[tuple[Any, ...]]:
    """The definition, word for word: order, collapse equal neighbours, take the newest, drop the withdrawn."""
    newest = {symbol: runs[-1] for symbol, runs in runs_of_symbols(every, day).items() if runs}
    return [(s, close, at(when), payload) for s, (when, payload, close) in newest.items() if close is not None]


def restated(lake: Lake, as_of: datetime | None, is_compared_once: bool) -> dict[str, list[Written]]:
    """By symbol, what the view of keys with several facts tells: the ones that differ from the one before."""
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        lake.attach_views(con, lake.manifest(), as_of, is_compared_once=is_compared_once)
        found = con.execute(
            "select symbol, day(known_at), payload_sha256, close from lake.equity_bars_history"
        ).fetchall()
    runs = {
        s: starts_of_runs([(day, payload, close) for symbol, day, payload, close in found if symbol == s])
        for s in SYMBOLS
    }
    return {symbol: some for symbol, some in runs.items() if len(some) > 1}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), given_facts=facts)
def test_any_order_cut_and_compaction_reads_the_same(data: st.DataObject, given_facts: dict[Any, Any]) -> None:
    every = list(given_facts.items())
    order = data.draw(st.permutations(every), label="order")
    cuts = data.draw(st.sets(st.integers(1, len(order)), max_size=4), label="cuts")
    compactions = data.draw(st.sets(st.integers(0, 5), max_size=2), label="compactions")
    with tempfile.TemporaryDirectory() as folder:
        lake, plain = Lake(Path(folder) / "a"), Lake(Path(folder) / "b")
        plain.commit("r", {"equity_bars": table(rows(every))})
        bounds = [0, *sorted(cuts), len(order)]
        for number, (start, end) in enumerate(pairwise(bounds)):
            some = rows(order[start:end])
            done = lake.commit(f"r{number}", {"equity_bars": table(some)})
            assert done.written["equity_bars"] + done.known["equity_bars"] == len(some)
            if number in compactions:
                before = lake.manifest().fingerprint
                lake.compact(at(20))
                assert lake.manifest().fingerprint == before
        compared = data.draw(st.sampled_from([1, 3, 1_000_000]), label="facts that are compared in one go")
        most = data.draw(st.sampled_from([0, 0.4, 1]), label="most changes in a year that is not compared whole")
        with (
            mock.patch.object(views, "_COMPARED_ROWS", compared),
            mock.patch.object(reading, "_MOST_CHANGED", most),
        ):
            # the last is what is known now
            for day, as_of in [*((day, at(day)) for day in INSTANTS), (INSTANTS[-1], None)]:
                assert view(lake, COLUMNS, as_of) == expected(every, day)
                assert kept_view(lake, COLUMNS, as_of) == expected(every, day)
            for day, as_of in ((3, at(3)), (INSTANTS[-1], None)):
                several_runs = {s: runs for s, runs in runs_of_symbols(every, day).items() if len(runs) > 1}
                assert restated(lake, as_of, is_compared_once=False) == several_runs
                assert restated(lake, as_of, is_compared_once=True) == several_runs
        assert view(lake, COLUMNS) == expected(every, 5)
        assert view(plain, COLUMNS) == expected(every, 5)
        assert lake.manifest().fingerprint == plain.manifest().fingerprint
        again = lake.commit("again", {"equity_bars": table(rows(every))})
        assert again.written == {"equity_bars": 0}
        assert again.generation == lake.manifest().generation
