"""Taking a run back: what stood before stands again, what was new is withdrawn, what others changed stays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.lake_support import at, bar, table, view
from warehouse.errors import LakeError
from warehouse.lake.lake import Lake
from warehouse.lake.undo import undo_by_dataset

COLUMNS = "symbol, close"


def _home(tmp_path: Path) -> Lake:
    """AAA and CCC stood before the run `wrong`, which changed both and brought BBB; then another run changed CCC."""
    lake = Lake(tmp_path)
    lake.commit("before", {"equity_bars": table([bar(1.0, at(1), "p1"), bar(3.0, at(1), "p1", symbol="CCC")])})
    wrong = [bar(10.0, at(2), "p2"), bar(20.0, at(2), "p2", symbol="BBB"), bar(30.0, at(2), "p2", symbol="CCC")]
    lake.commit("wrong", {"equity_bars": table(wrong)})
    lake.commit("later", {"equity_bars": table([bar(31.0, at(3), "p3", symbol="CCC")])})
    return lake


def test_each_key_says_again_what_it_said(tmp_path: Path) -> None:
    lake = _home(tmp_path)
    found = undo_by_dataset(tmp_path, Lake(tmp_path).manifest(), "wrong", at(2), 3, at(4))["equity_bars"]
    assert (found.restored, found.withdrawn) == (1, 1)
    assert [(row["symbol"], row["payload_sha256"]) for row in found.changed_later.to_pylist()] == [("CCC", "p3")]
    lake.commit("undo", {"equity_bars": found.facts})
    assert view(lake, COLUMNS) == [("AAA", 1.0), ("CCC", 31.0)]
    # nothing is forgotten: before, the wrong rows were what was known
    assert view(lake, COLUMNS, as_of=at(3)) == [("AAA", 10.0), ("BBB", 20.0), ("CCC", 31.0)]
    # taking that back brings the wrong rows again
    again = undo_by_dataset(tmp_path, Lake(tmp_path).manifest(), "undo", at(4), 2, at(5))["equity_bars"]
    assert (again.restored, again.withdrawn) == (2, 0)
    lake.commit("undo-undo", {"equity_bars": again.facts})
    assert view(lake, COLUMNS) == [("AAA", 10.0), ("BBB", 20.0), ("CCC", 31.0)]


def test_a_key_that_was_withdrawn_before_is_withdrawn_again(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for run, close, day in (("a", 1.0, 1), ("b", None, 2), ("wrong", 5.0, 3)):
        lake.commit(run, {"equity_bars": table([bar(close, at(day), f"p{day}")])})
    found = undo_by_dataset(tmp_path, Lake(tmp_path).manifest(), "wrong", at(3), 1, at(4))["equity_bars"]
    lake.commit("undo", {"equity_bars": found.facts})
    assert view(lake, COLUMNS) == []


def test_a_compacted_run_is_found_by_its_instant_or_refused(tmp_path: Path) -> None:
    lake = _home(tmp_path)
    compacted = lake.compact(at(20), grace=timedelta(0))
    assert compacted is not None
    assert {file.run_id for file in lake.manifest().files} == {"compaction"}
    with pytest.raises(LakeError, match="only 0 of the 3 facts of run wrong can be told from others"):
        undo_by_dataset(tmp_path, Lake(tmp_path).manifest(), "wrong", None, 3, at(21))
    found = undo_by_dataset(tmp_path, Lake(tmp_path).manifest(), "wrong", at(2), 3, at(21))["equity_bars"]
    lake.commit("undo", {"equity_bars": found.facts})
    assert view(lake, COLUMNS) == [("AAA", 1.0), ("CCC", 31.0)]
