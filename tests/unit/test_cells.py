"""Cells that an earlier build kept are read, others made; the tables are those of a build without the cache."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.properties.market import DAYS, NOW, Market
from transforms.build import BuildResult, build_warehouse
from transforms.engine.cells import BLOCK, KEEP_DAYS, CellCache, _adjacent_runs
from transforms.engine.graph import model_inputs
from transforms.engine.model import LAYERS, Model, load_models
from warehouse.calendar_table import session_table
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

WANTED = ("marts.breadth_daily", "marts.flows_by_cap_band", "intermediate.session_ledger")


def models() -> dict[str, Model]:
    found, known, todo = {}, load_models(), list(WANTED)
    while todo:
        name = todo.pop()
        if name in known and name not in found:
            found[name] = known[name]
            todo += model_inputs(known[name], {"lake", *LAYERS})
    return found


def built(home: Path, name: str, cache: Path | None) -> BuildResult:
    lake = Lake(home)
    made = build_warehouse(
        lake,
        lake.manifest(),
        home / f"{name}.duckdb",
        Settings(),
        code_version="test",
        built_at=NOW,
        cache=cache,
        models=models(),
    )
    return made


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose cache was filled before its last session came."""
    home = tmp_path_factory.mktemp("cells")
    Lake(home).commit("run-1", Market(3, days=len(DAYS) - 1).datasets())
    built(home, "before", home / "cache")
    Lake(home).commit("run-2", Market(3).datasets())
    return home


@pytest.fixture(scope="module")
def plain(home: Path) -> dict[str, str]:
    return built(home, "plain", None).hashes


def test_a_session_more_makes_its_own_block_again_and_nothing_else(home: Path, plain: dict[str, str]) -> None:
    calendar = [session_table()[name].to_pylist() for name in ("session_date", "seq")]
    numbers = dict(zip(*calendar, strict=True))
    blocks = {numbers[day] // BLOCK for day in DAYS}
    before = set((home / "cache").iterdir())
    assert len(before) == 3 * len(blocks)
    assert built(home, "one_more", home / "cache").hashes == plain
    new = sorted(path.name.split("-")[0] for path in set((home / "cache").iterdir()) - before)
    assert new == ["breadth_cells", "flow_cells", "intraday_cells"]


def test_a_damaged_file_is_made_again(home: Path, plain: dict[str, str]) -> None:
    for path in (home / "cache").iterdir():
        path.write_bytes(b"PAR1 and no more")
    assert built(home, "damaged", home / "cache").hashes == plain
    # those of the last block as it was before its last session are of no use any more
    assert [path.read_bytes() for path in (home / "cache").iterdir()].count(b"PAR1 and no more") == 3


def test_what_no_build_has_used_for_two_weeks_goes_away(tmp_path: Path) -> None:
    for name, days in {"breadth_cells-a.parquet": KEEP_DAYS + 1, "breadth_cells-b.parquet": KEEP_DAYS - 1}.items():
        (tmp_path / name).write_bytes(b"")
        used = (NOW - timedelta(days=days)).timestamp()
        os.utime(tmp_path / name, (used, used))
    CellCache(tmp_path, NOW).prune_cells()
    assert [path.name for path in tmp_path.iterdir()] == ["breadth_cells-b.parquet"]


def test_adjacent_blocks_are_made_in_one_go() -> None:
    assert _adjacent_runs([3, 4, 5, 9, 11, 12]) == [(3, 5), (9, 9), (11, 12)]
    assert _adjacent_runs([]) == []
