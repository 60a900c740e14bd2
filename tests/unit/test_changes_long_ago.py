"""A change of long ago makes again what hangs on it: the blocks after it, and the newest session's table where that does."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.properties.market import NOW, Market, table_of
from tests.support.block_builds import blocks_in, built, models
from transforms.engine import run
from transforms.engine.blocks import BlockBuild
from transforms.engine.model import Model
from warehouse.lake.lake import Lake


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[int]]:
    """By table, the blocks that builds have made; of one made whole none."""
    found: dict[str, set[int]] = {}
    insert, make = BlockBuild._insert_blocks, run.make_table

    def insert_and_note(self: BlockBuild, model: Model, values: Any, blocks: Collection[int]) -> None:
        found.setdefault(model.name, set()).update(blocks)
        insert(self, model, values, blocks)

    def make_and_note(con: Any, model: Model, values: Any) -> None:
        found.setdefault(model.name, set())
        make(con, model, values)

    monkeypatch.setattr(BlockBuild, "_insert_blocks", insert_and_note)
    monkeypatch.setattr(run, "make_table", make_and_note)
    return found


def test_a_bar_restated_long_ago_leaves_the_newest_block_alone(tmp_path: Path, made: dict[str, set[int]]) -> None:
    wanted = models("marts.equities_latest")
    lake = Lake(tmp_path)
    lake.commit("run-1", Market(3, stocks=12).datasets())
    built(tmp_path, "before", cache=tmp_path / "cache", models=wanted)
    made.clear()
    bar = Market(3, stocks=12, days=2).datasets()["equity_bars"].slice(13, 1).to_pylist()[0]
    lake.commit(
        "run-2",
        {
            "equity_bars": table_of(
                "equity_bars", [{**bar, "close": 1.01 * bar["close"], "known_at": NOW + timedelta(days=1)}]
            )
        },
    )
    asked: dict[str, Any] = {"cache": tmp_path / "cache", "before": tmp_path / "before.duckdb", "models": wanted}
    hashes = built(tmp_path, "next", built_at=NOW + timedelta(days=2), **asked).hashes
    blocks = {table: found for table, found in made.items() if found}
    newest = max(block for _, block in blocks_in(tmp_path / "cache"))
    assert newest not in blocks["intermediate.breadth_cells"] | blocks["marts.equity_facts"]
    assert len(blocks["intermediate.breadth_cells"]) == len(blocks["intermediate.universe_sums"])
    assert len(blocks["marts.equity_facts"]) < len(blocks["intermediate.universe_sums"]), "what looks less far back"
    assert "marts.equities_latest" not in made
    made.clear()
    assert hashes == built(tmp_path, "plain", built_at=NOW + timedelta(days=2), models=wanted).hashes
    assert "marts.equities_latest" in made


def test_the_table_of_the_newest_session_follows_what_it_shows(tmp_path: Path, made: dict[str, set[int]]) -> None:
    """New facts that are no bars, of which the last build has nothing in reach, begin a second attempt."""
    wanted = models("marts.equities_latest")
    lake = Lake(tmp_path)
    market = Market(3, stocks=12).datasets()
    lake.commit("run-1", market)
    built(tmp_path, "before", cache=tmp_path / "cache", models=wanted)
    renamed = [
        {**row, "name": "Another Name", "known_at": NOW + timedelta(days=1)}
        for row in market["securities"].to_pylist()[:1]
    ]
    bar = {**market["equity_bars"].slice(13, 1).to_pylist()[0], "volume": 7, "known_at": NOW + timedelta(days=1)}
    lake.commit("run-2", {"securities": table_of("securities", renamed), "equity_bars": table_of("equity_bars", [bar])})
    asked: dict[str, Any] = {"cache": tmp_path / "cache", "before": tmp_path / "before.duckdb", "models": wanted}
    made.clear()
    hashes = built(tmp_path, "next", built_at=NOW + timedelta(days=2), **asked).hashes
    assert "marts.equities_latest" in made
    assert hashes == built(tmp_path, "plain", built_at=NOW + timedelta(days=2), models=wanted).hashes
