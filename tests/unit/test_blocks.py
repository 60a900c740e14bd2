"""Blocks that an earlier build kept are read, others made; the tables are those of a build without a store."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.properties.market import NOW, Market
from tests.support.block_builds import DAYS, blocks_in, built, models
from transforms.engine.blocks import BlockBuild
from transforms.engine.former import Former, Start
from transforms.engine.model import Model
from warehouse.errors import ModelError
from warehouse.lake.lake import Lake
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a store, of before its last session came; that session; and the hashes of a build without a store."""
    home = tmp_path_factory.mktemp("blocks")
    Lake(home).commit("run-1", Market(3, stocks=12, days=DAYS - 1).datasets())
    built(home, "before", cache=home / "cache")
    Lake(home).commit("run-2", Market(3, stocks=12, days=DAYS).datasets())
    return home


@pytest.fixture(scope="module")
def plain(market: Path) -> dict[str, str]:
    return built(market, "plain").hashes


@pytest.fixture
def home(market: Path, tmp_path: Path) -> Path:
    shutil.copytree(market, tmp_path / "home")
    return tmp_path / "home"


def test_a_session_more_makes_its_own_block_again_and_nothing_else(home: Path, plain: dict[str, str]) -> None:
    then = blocks_in(home / "cache")
    assert built(home, "one_more", cache=home / "cache", before=home / "before.duckdb").hashes == plain
    now = blocks_in(home / "cache")
    changed = {block for (table, block), name in now.items() if then.get((table, block)) != name}
    assert changed == {max(block for _, block in now)}
    assert {table for table, _ in now} >= {
        "lake.bars", "lake.last_bars", "lake.bearer_bars", "intermediate.universe_sums", "marts.equity_facts"
    }  # fmt: skip


def damage_all(path: Path) -> None:
    path.write_bytes(b"DUCK and no more")


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def take_rows_away(path: Path) -> None:
    """A file that can be read, of other rows than the index says."""
    with duckdb.connect(str(path)) as con:
        con.execute("delete from intermediate.universe_sums where seq % 7 = 0")


@pytest.mark.parametrize("harm", [damage_all, cut_in_half, take_rows_away, Path.unlink])
@pytest.mark.parametrize("file", ["cache/blocks-*.duckdb", "before.duckdb"])
def test_what_is_damaged_or_gone_is_made_again(
    home: Path, plain: dict[str, str], harm: Callable[[Path], None], file: str
) -> None:
    for path in home.glob(file):
        if harm is not take_rows_away or file != "before.duckdb":
            harm(path)
    assert built(home, "harmed", cache=home / "cache", before=home / "before.duckdb").hashes == plain
    assert built(home, "again", cache=home / "cache", before=home / "harmed.duckdb").hashes == plain


@pytest.mark.parametrize("index", ["", "{}", '{"format": 2, "tables": 3}', None])
def test_a_store_without_a_readable_index_is_filled_anew(home: Path, plain: dict[str, str], index: str | None) -> None:
    if index is None:
        shutil.rmtree(home / "cache")
    else:
        (home / "cache" / "index.json").write_text(index, encoding="utf-8")
    assert built(home, "anew", cache=home / "cache").hashes == plain
    assert blocks_in(home / "cache")


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files of builds before that builds began with."""
    found: list[Path] = []
    original = Former.copy

    def copy(former: Former, source: Path | None, target: Path, settings: Settings) -> Start:
        start = original(former, source, target, settings)
        if start is not Start.NOTHING and source is not None:
            found.append(source)
        return start

    monkeypatch.setattr(Former, "copy", copy)
    return found


def test_the_large_table_is_taken_over_from_the_file_of_the_build_before(
    home: Path, plain: dict[str, str], copies: list[Path]
) -> None:
    made = built(home, "next", cache=home / "cache", before=home / "before.duckdb")
    assert home / "before.duckdb" in copies
    assert made.hashes == plain
    with duckdb.connect(str(home / "next.duckdb"), read_only=True) as con:
        tables = {
            f"{schema}.{name}"
            for schema, name in con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        }
        assert {name for name in tables if not name.startswith("ops.")} == set(plain)
        changed = con.execute("select * from ops.restatements").fetchall()
    assert changed == [], "a session more restates nothing"


@pytest.mark.parametrize(
    "alteration",
    [
        "create table marts.mine as select 1 as x",
        "update marts.equity_facts set close = 1 where symbol = 'ST01'",
        "comment on column marts.equity_facts.close is null",
    ],
)
def test_what_a_client_did_to_the_build_before_never_reaches_the_next(
    home: Path, plain: dict[str, str], copies: list[Path], alteration: str
) -> None:
    with duckdb.connect(str(home / "before.duckdb")) as con:
        con.execute(alteration)
    assert built(home, "next", cache=home / "cache", before=home / "before.duckdb").hashes == plain
    assert home / "before.duckdb" not in copies
    with duckdb.connect(str(home / "next.duckdb"), read_only=True) as con:
        assert not con.execute("from duckdb_tables() where table_name = 'mine'").fetchall()
        query = "select count(comment), count(*) from duckdb_columns() where table_name = 'equity_facts'"
        commented, columns = con.execute(query).fetchall()[0]
        assert commented == columns


@pytest.mark.parametrize("databases", [("out",), ("kept",), ("out", "kept")])
def test_of_a_file_that_has_grown_the_tables_are_written_to_a_new_one(
    home: Path, plain: dict[str, str], monkeypatch: pytest.MonkeyPatch, databases: tuple[str, ...]
) -> None:
    index = home / "cache" / "index.json"
    known = json.loads(index.read_text(encoding="utf-8"))
    for database in databases:
        known[database]["fresh_bytes"] = -1e12
    index.write_text(json.dumps(known), encoding="utf-8")
    replace_blocks, made = BlockBuild._replace_blocks, dict[str, int]()

    def count_blocks(
        self: BlockBuild, model: Model, values: Any, kept: Collection[int], missing: Collection[int]
    ) -> None:
        made[model.name] = len(missing)
        replace_blocks(self, model, values, kept, missing)

    monkeypatch.setattr(BlockBuild, "_replace_blocks", count_blocks)
    assert built(home, "next", cache=home / "cache", before=home / "before.duckdb").hashes == plain
    assert made["marts.equity_facts"] == made["intermediate.universe_sums"] == 1, "no other block is made again"
    after = json.loads(index.read_text(encoding="utf-8"))
    files = {"out": home / "next.duckdb", "kept": home / "cache" / after["file"]}
    for database in databases:
        assert after[database]["fresh_bytes"] == files[database].stat().st_size
    with duckdb.connect(str(home / "next.duckdb"), read_only=True) as con:
        query = "select count(comment), count(*) from duckdb_columns() where table_name = 'equity_facts'"
        commented, columns = con.execute(query).fetchall()[0]
        assert commented == columns


def test_what_was_known_at_an_instant_is_built_beside_the_store(home: Path) -> None:
    then = blocks_in(home / "cache")
    files = sorted(path.name for path in (home / "cache").iterdir())
    as_of = NOW + timedelta(days=1)
    assert built(home, "of", cache=home / "cache", as_of=as_of).hashes == built(home, "off", as_of=as_of).hashes
    assert blocks_in(home / "cache") == then
    assert sorted(path.name for path in (home / "cache").iterdir()) == files


def test_what_does_not_fit_into_memory_is_made_again_of_all_its_blocks(
    home: Path, plain: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = BlockBuild._insert_blocks
    failed: list[str] = []

    def insert_once(self: BlockBuild, model: Model, *given: Any) -> None:
        if model.name == "marts.breadth_daily" and not failed:
            failed.append(model.name)
            raise duckdb.OutOfMemoryException("Out of Memory Error")
        insert(self, model, *given)

    monkeypatch.setattr(BlockBuild, "_insert_blocks", insert_once)
    assert built(home, "next", cache=home / "cache", before=home / "before.duckdb").hashes == plain
    assert failed == ["marts.breadth_daily"]


def test_what_of_a_part_does_not_fit_into_memory_is_made_of_all_bars(
    home: Path, plain: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make, failed = BlockBuild.make_part, list[str]()

    def make_of_all(self: BlockBuild, con: Any, model: Model, values: Any) -> None:
        if model.name == "intermediate.series_bars" and not self.reach.is_whole:
            failed.append(model.name)
            raise ModelError(model.name) from duckdb.OutOfMemoryException("Out of Memory Error")
        make(self, con, model, values)

    monkeypatch.setattr(BlockBuild, "make_part", make_of_all)
    assert built(home, "next", cache=home / "cache", before=home / "before.duckdb").hashes == plain
    assert len(failed) > 2, "in small pieces, and alone"


def test_the_store_may_lie_on_another_file_system(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = os.rename

    def rename_within(source: Any, target: Any) -> None:
        if Path(target).name.startswith("blocks-"):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        rename(source, target)

    monkeypatch.setattr(os, "rename", rename_within)
    then = (home / "cache" / "index.json").read_text(encoding="utf-8")
    built(home, "next", cache=home / "cache", before=home / "before.duckdb")
    assert json.loads((home / "cache" / "index.json").read_text(encoding="utf-8"))["file"] not in then


def test_what_a_build_leaves_is_on_the_disk(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: set[int] = set()
    fsync = os.fsync

    def fsync_and_note(handle: int) -> None:
        synced.add(os.fstat(handle).st_ino)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", fsync_and_note)
    out = built(home, "next", cache=home / "cache", before=home / "before.duckdb").path
    kept = json.loads((home / "cache" / "index.json").read_text(encoding="utf-8"))["file"]
    assert {path.stat().st_ino for path in (out, home / "cache" / kept, home / "cache" / "index.json")} <= synced


def test_another_rule_makes_its_blocks_again(home: Path, plain: dict[str, str]) -> None:
    changed = models()
    cells = changed["intermediate.breadth_cells"]
    changed[cells.name] = replace(cells, sql=cells.sql.replace("n20 <= 1", "n20 <= 0"))
    made = built(home, "changed", cache=home / "cache", models=changed)
    assert made.hashes == built(home, "unaided", models=changed).hashes
    assert made.hashes["marts.breadth_daily"] != plain["marts.breadth_daily"]


def test_parts_that_are_made_at_once_count_for_a_blocks_name(home: Path) -> None:
    """Stretches that a part cuts in two would be other rows."""
    changed = models()
    spans = changed["intermediate.bar_spans"]
    assert spans.shards is not None
    changed[spans.name] = replace(spans, shards=replace(spans.shards, each=2 * spans.shards.each))
    built(home, "changed", cache=home / "cache", models=changed)
    built(home, "again", cache=home / "cache2")
    now, then = (blocks_in(home / name) for name in ("cache", "cache2"))
    assert not {now[key] for key in now if key[0] == spans.name} & {then[key] for key in then if key[0] == spans.name}


@pytest.mark.parametrize("given", ["nothing", "securities", "indices"])
def test_a_lake_without_bars_of_stocks_is_built_like_any_other(tmp_path: Path, given: str) -> None:
    datasets = Market(3, stocks=3, days=40).datasets()
    names = {"nothing": [], "securities": ["securities"], "indices": ["index_bars", "securities"]}[given]
    if names:
        Lake(tmp_path).commit("run-1", {name: datasets[name] for name in names})
    first = built(tmp_path, "first", cache=tmp_path / "cache")
    again = built(tmp_path, "again", cache=tmp_path / "cache", before=first.path)
    assert first.hashes == again.hashes == built(tmp_path, "plain").hashes
    Lake(tmp_path).commit("run-2", {"equity_bars": datasets["equity_bars"]})
    assert built(tmp_path, "bars", cache=tmp_path / "cache", before=again.path).hashes == built(tmp_path, "all").hashes


def test_files_that_no_index_names_go_away_after_a_day(home: Path) -> None:
    stray = home / "cache" / "stray.parquet"
    stray.write_bytes(b"")
    built(home, "soon", cache=home / "cache", built_at=NOW + timedelta(days=365 * 50))
    assert not stray.exists()
