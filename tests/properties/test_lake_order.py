"""The lake's promise: the same facts, in any order, cut into any commits, compacted anywhen, read the same."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.lake_support import at, bar, kept_view, table, view
from warehouse.lake import views
from warehouse.lake.lake import Lake

COLUMNS = "symbol, close, known_at, payload_sha256"
INSTANTS = (1, 2, 3, 4, 5)

# One fact a (symbol, instant, payload): few of each, so that equal neighbours and late arrivals abound.
facts = st.dictionaries(
    st.tuples(st.sampled_from("AB"), st.sampled_from(INSTANTS), st.sampled_from("pq")),
    st.sampled_from([10.0, 11.0, None]),
    min_size=1,
    max_size=10,
)
Fact = tuple[tuple[str, int, str], float | None]


def rows(some: Sequence[Fact]) -> list[dict[str, Any]]:
    return [bar(close, at(day), payload, symbol=symbol) for (symbol, day, payload), close in some]


def expected(every: Sequence[Fact], day: int) -> list[tuple[Any, ...]]:
    """The definition, word for word: order, collapse equal neighbours, take the newest, drop the withdrawn."""
    shown = []
    for symbol in "AB":
        mine = sorted((when, payload, close) for (s, when, payload), close in every if s == symbol and when <= day)
        runs = [f for i, f in enumerate(mine) if i == 0 or mine[i - 1][2] != f[2]]
        if runs and runs[-1][2] is not None:
            when, payload, close = runs[-1]
            shown.append((symbol, close, at(when), payload))
    return shown


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
        with mock.patch.object(views, "_COMPARED_ROWS", compared):
            for day in INSTANTS:
                assert view(lake, COLUMNS, at(day)) == expected(every, day)
                assert kept_view(lake, COLUMNS, at(day)) == expected(every, day)
        assert view(lake, COLUMNS) == expected(every, 5)
        assert view(plain, COLUMNS) == expected(every, 5)
        assert lake.manifest().fingerprint == plain.manifest().fingerprint
        again = lake.commit("again", {"equity_bars": table(rows(every))})
        assert again.written == {"equity_bars": 0}
        assert again.generation == lake.manifest().generation
