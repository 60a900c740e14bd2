"""A data file that is not as it was written is never read, whatever of it Parquet still makes sense of."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.lake_support import at, bar, table, view
from warehouse.errors import LakeError
from warehouse.lake import checksums
from warehouse.lake.damage import find_damage
from warehouse.lake.lake import Lake
from warehouse.lake.manifest import manifest_path, write_manifest


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A file of two bars, and one with a correction of one of them and what repeats the other."""
    lake = Lake(tmp_path / "home")
    lake.commit("one", {"equity_bars": table([bar(10.0, at(1), "a"), bar(20.0, at(1), "a", symbol="BBB")])})
    lake.commit("two", {"equity_bars": table([bar(11.0, at(2), "b"), bar(20.0, at(2), "b", symbol="BBB")])})
    return lake


def flip_bit(path: Path, luck: random.Random) -> None:
    """As a disk does it: neither size nor times say so."""
    stat, body = path.stat(), bytearray(path.read_bytes())
    body[luck.randrange(len(body))] ^= 1 << luck.randrange(8)
    path.chmod(0o644)
    path.write_bytes(body)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def attach(lake: Lake) -> None:
    with duckdb.connect() as con:
        lake.attach_views(con, lake.manifest())


def test_one_flipped_bit_is_noticed_wherever_it_is(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "_HOLDS_SECONDS", -1.0)
    luck = random.Random(20260123)
    rows = view(lake, "symbol, close")
    assert [row[1] for row in rows] == [11.0, 20.0]
    later = {"equity_bars": table([bar(12.0, at(3), "c")])}
    reads: list[Callable[[], object]] = [
        lambda: view(lake, "*"),
        lambda: attach(lake),
        lambda: lake.history_sql("equity_bars", lake.manifest()),
        lambda: lake.commit("three", later),
        lambda: lake.compact(at(10)),
    ]
    before = lake.manifest()
    for turn in range(40):
        path = lake.home / luck.choice(before.files).path
        whole = path.read_bytes()
        flip_bit(path, luck)
        with pytest.raises(
            LakeError, match=rf"{path} is damaged \(its bytes are not those that were written\); restore"
        ):
            reads[turn % len(reads)]()
        path.write_bytes(whole)
    assert lake.manifest() == before
    assert view(lake, "symbol, close") == rows


def test_what_is_given_again_is_checked_too(lake: Lake) -> None:
    (sidecar,) = lake.manifest().confirmations
    flip_bit(lake.home / sidecar.path, random.Random(1))
    for read in (lambda: attach(lake), lambda: lake.compact(at(10))):
        with pytest.raises(LakeError, match="is damaged"):
            read()
    assert "equity_bars.confirmations" in str(find_damage(lake.home, lake.manifest()))


def test_a_file_is_read_once_an_hour_by_each_process(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    digest = checksums._digest

    def noted_digest(path: Path) -> str:
        read.append(path)
        return digest(path)

    monkeypatch.setattr(checksums, "_digest", noted_digest)
    monkeypatch.setattr(checksums, "_whole", {})
    view(lake, "*")
    view(lake, "*")
    assert len(read) == len(set(read)) == len(lake.manifest().files)
    path = lake.home / lake.manifest().files[0].path
    flip_bit(path, random.Random(2))
    monkeypatch.setattr(checksums, "_HOLDS_SECONDS", 0.0)
    with pytest.raises(LakeError, match="is damaged"):
        view(lake, "*")


def without_digests(lake: Lake) -> None:
    """As an earlier release wrote them."""
    manifest = lake.manifest()
    files = []
    for file in manifest.files:
        path = re.sub(r"\.[0-9a-f]{16}", "", file.path)
        (lake.home / file.path).rename(lake.home / path)
        files.append(replace(file, path=path))
    write_manifest(manifest_path(lake.home), replace(manifest, files=tuple(files)))


def test_a_file_of_an_earlier_release_has_no_digest_and_is_held_against_its_size(lake: Lake) -> None:
    without_digests(lake)
    assert view(lake, "symbol, close") == [("AAA", 11.0), ("BBB", 20.0)]
    path = lake.home / lake.manifest().files[0].path
    body = path.read_bytes()
    path.write_bytes(body[:-1])
    with pytest.raises(LakeError, match=rf"is damaged \({len(body) - 1:,} bytes, and {len(body):,} were written\)"):
        view(lake, "*")


@pytest.mark.parametrize("is_merged", [False, True])
def test_a_compaction_gives_the_files_of_an_earlier_release_a_digest(lake: Lake, is_merged: bool) -> None:
    if is_merged:
        lake.compact(at(10))
        assert lake.compact(at(10)).merged == {}
    without_digests(lake)
    assert list(lake.compact(at(10)).merged) == ["equity_bars 2025"]
    assert all(map(checksums.has_digest, lake.manifest().all_files))
    assert view(lake, "symbol, close") == [("AAA", 11.0), ("BBB", 20.0)]
    assert lake.compact(at(10)).merged == {}


def test_a_compaction_gives_no_digest_to_what_was_changed_since(lake: Lake) -> None:
    without_digests(lake)
    before = lake.manifest()
    path = lake.home / before.files[1].path
    rows = pq.read_table(path)
    column = rows.schema.get_field_index("close")
    changed = rows.set_column(column, rows.schema.field(column), pa.array([11.5] * rows.num_rows))
    pq.write_table(changed, path)
    files = (before.files[0], replace(before.files[1], bytes=path.stat().st_size))
    write_manifest(manifest_path(lake.home), replace(before, files=files))
    with pytest.raises(
        LakeError, match="equity_bars 2025: the facts are not those that were written, .*two-000002.parquet"
    ):
        lake.compact(at(10))
    assert lake.manifest().files == files
