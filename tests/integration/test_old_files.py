"""One more session reads no file of stocks' bars all of whose sessions lie before those that its newest block looks back to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reports.texts import texts_for_sql
from tests.support.long_market import DAYS, NOW, Event, History
from transforms.build import BuildResult, build_warehouse
from transforms.engine.load import load_models
from transforms.engine.reach import REACH_BACK
from transforms.restatements import Before
from warehouse.errors import LakeError
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

LENGTH = 16
LAST = 800
SETTINGS = Settings(series_rank=(("equity_bars", "one", "raw"), ("equity_bars", "two", "split")))
# a name that was changed and served on, adjusted prices beside raw ones, of which later payloads multiply a part, a halt, splits
EVENTS = (
    Event("rename", 1, 300), Event("rename", 2, LAST - 5), Event("gap", 3, 500, 60), Event("split", 4, 250, 1, (2, 1)),
    Event("other_source", 5, 100, 700), Event("other_source", 6, 100, 700, (2, 1)), Event("end", 7, 400),
    Event("restated", 5, 350, 3, (1, 2), 1), Event("withdrawn", 6, 200, 2, (1, 1), 1),
    Event("restated", 3, LAST - 3, 2, (3, 2), 2), Event("restated", 5, LAST - 9, 4, (1, 2), 2),
    Event("twin", 1, 100, 600), Event("rated", 1, 150), Event("rated", 5, 600), Event("rated", 1, LAST, 1, (1, 1), 2),
)  # fmt: skip


@pytest.fixture(scope="module")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two deliveries and builds of them; the third, of a session more, is committed and not built."""
    one, two, three = History(3, EVENTS, (LAST, LAST + 1, LAST + 2)).deliveries()
    home = Lake(tmp_path_factory.mktemp("old") / "home")
    home.commit("one", one)
    built(home, "one")
    home.commit("two", two)
    built(home, "two", "one")
    home.commit("three", three)
    return home.home


@pytest.fixture
def lake(first_home: Path, tmp_path: Path) -> Lake:
    shutil.copytree(first_home, tmp_path / "home")
    return Lake(tmp_path / "home")


def built(lake: Lake, name: str, before: str = "", *, is_plain: bool = False) -> BuildResult:
    return build_warehouse(
        lake,
        lake.manifest(),
        lake.home / f"{name}.duckdb",
        SETTINGS,
        code_version="test",
        built_at=NOW,
        before=Before(lake.home / f"{before}.duckdb") if before else None,
        cache=None if is_plain else lake.home / "cache",
        models=load_models(),
        texts=texts_for_sql(),
        block_sessions=LENGTH,
    )


def old_files(lake: Lake) -> list[Path]:
    """The files of bars of stocks before all that the newest block looks back to."""
    first = str(DAYS[LAST - 2 * LENGTH - REACH_BACK])
    files = lake.manifest().files_of_dataset("equity_bars")
    return [lake.home / file.path for file in files if file.last_date is not None and file.last_date < first]


def test_one_more_session_is_built_although_the_old_files_are_gone(lake: Lake) -> None:
    plain = built(lake, "plain", is_plain=True).hashes
    taken = old_files(lake)
    assert len(taken) >= 2, "a year of the first delivery, and what the second said of it"
    for path in taken:
        path.rename(path.with_suffix(".away"))
    assert built(lake, "three", "two").hashes == plain


def test_a_build_of_all_sessions_misses_them(lake: Lake) -> None:
    path = old_files(lake)[0]
    path.unlink()
    with pytest.raises(LakeError, match=f"{path.name} is missing"):
        built(lake, "plain", is_plain=True)
