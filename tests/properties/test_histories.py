"""The warehouse hangs on the facts alone: whatever the history that delivered them, every table comes out the same."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.integration import chaos_worker
from tests.support import histories
from tests.support.histories import DELIVERIES
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal

EXAMPLES = int(os.environ.get("BREADTHWISE_HISTORIES", "3"))
_PIECES = range(len(DELIVERIES))
# fsyncs and renames of a delivery: some 20 to 40
_CALLS = st.one_of(st.none(), st.integers(1, 40))


@pytest.fixture(scope="module")
def processes() -> Any:
    return chaos_worker.forking()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], str, dict[tuple[str, str], int]]:
    """Of the home that was told everything in the order of time, undisturbed: hashes, fingerprint, facts by payload."""
    home = tmp_path_factory.mktemp("plain") / "home"
    for number in _PIECES:
        histories.deliver(home, number)
    return histories.build(home).result.hashes, Lake(home).manifest().fingerprint, histories.stored(home)


@st.composite
def history(draw: st.DrawFn) -> list[tuple[str, int, int | None]]:
    """Steps (what, piece, call at which it is killed): every piece in any order, some twice, compactions between."""
    order = draw(st.permutations([*_PIECES, *draw(st.lists(st.sampled_from(_PIECES), max_size=2))]))
    steps: list[tuple[str, int, int | None]] = [("deliver", piece, None) for piece in order]
    disturbed = st.tuples(
        st.integers(0, len(steps)), st.sampled_from(["deliver", "compact"]), st.sampled_from(_PIECES), _CALLS
    )
    for place, what, piece, call in draw(st.lists(disturbed, min_size=2, max_size=4)):
        steps.insert(place, (what, piece, call))
    return steps


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # a history takes seconds: the one that failed is told as it is
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=history())
def test_any_history_of_the_same_facts_gives_the_same_tables(plain: Any, processes: Any, steps: Any) -> None:
    hashes, fingerprint, held = plain
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        for what, piece, call in steps:
            if call is None:
                chaos_worker.carry_out(home, (what, piece))
                continue
            child = processes.Process(target=chaos_worker.one_step, args=(home, (what, piece), call))
            child.start()
            child.join(120)
            assert child.exitcode in (0, -signal.SIGKILL), "a step ends, or is killed at its call"
        assert Lake(home).manifest().fingerprint == fingerprint
        assert histories.stored(home) == held, "a fact is lost"
        published = histories.build(home)
        assert published.result.hashes == hashes
        assert {run["status"] for run in Journal(home).list_runs()} <= {"done", "crashed"}
        with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
            closes = con.execute("select symbol, close from marts.equity_facts where session_date = ?", [histories.DAY])
            found = dict(closes.fetchall())
        assert found["AAA"] == histories.A, "A, B, A ends as A"
        # told again before it was withdrawn, and not after
        assert "CCC" not in found
