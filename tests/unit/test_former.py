"""A file of the build before is copied only where each of its bytes is as that build left it."""

from __future__ import annotations

from pathlib import Path

import pytest

from transforms.engine import former
from transforms.engine.former import Former, Start
from warehouse.settings import Settings


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Former, Path]:
    """A file of two parts and a half, and what is known of it."""
    monkeypatch.setattr(former, "_PART_BYTES", 2000)
    monkeypatch.setattr(former, "_READ_BYTES", 1000)
    path = tmp_path / "build.duckdb"
    path.write_bytes(bytes(range(250)) * 20)
    return Former().followed_by(path, Settings(), Start.NOTHING), path


def is_copied(before: Former, path: Path | None, folder: Path) -> bool:
    """Whether the file is taken over; whole if it is, and nothing is left if not."""
    target = folder / "copy.duckdb"
    found = before.copy(path, target, Settings()) is Start.COPY
    assert target.exists() == found
    assert not found or (path is not None and target.read_bytes() == path.read_bytes())
    return found


def test_a_file_as_it_was_left_is_copied(known: tuple[Former, Path], tmp_path: Path) -> None:
    before, path = known
    assert is_copied(before, path, tmp_path)
    assert before.fresh_bytes == 5000


@pytest.mark.parametrize("place", [0, 1999, 2000, 3500, 4999])
def test_a_file_with_another_byte_is_not(known: tuple[Former, Path], tmp_path: Path, place: int) -> None:
    before, path = known
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert not is_copied(before, path, tmp_path)


@pytest.mark.parametrize("kept", [slice(0, 4999), slice(0, 4000), slice(2000, 5000), slice(0, 0)])
def test_a_file_of_which_a_piece_is_gone_is_not(known: tuple[Former, Path], tmp_path: Path, kept: slice) -> None:
    before, path = known
    path.write_bytes(path.read_bytes()[kept])
    assert not is_copied(before, path, tmp_path)


def test_parts_that_changed_places_are_another_file(known: tuple[Former, Path], tmp_path: Path) -> None:
    before, path = known
    content = bytes(1000) + path.read_bytes()
    path.write_bytes(content)
    before = before.followed_by(path, Settings(), Start.NOTHING)
    path.write_bytes(content[2000:4000] + content[:2000] + content[4000:])
    assert not is_copied(before, path, tmp_path)


def test_no_file_and_another_storage_version_are_no_start(known: tuple[Former, Path], tmp_path: Path) -> None:
    before, path = known
    assert not is_copied(before, None, tmp_path)
    assert not is_copied(before, path.with_name("none.duckdb"), tmp_path)
    assert not is_copied(Former(before.sha256, "other versions", before.fresh_bytes), path, tmp_path)


@pytest.mark.parametrize(("growth", "start"), [(1.25, Start.COPY), (1.26, Start.TABLES)])
def test_a_file_that_has_grown_gives_its_tables(
    known: tuple[Former, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, growth: float, start: Start
) -> None:
    monkeypatch.setattr(former, "_SLACK_BYTES", 0)
    before, path = known
    path.write_bytes(bytes(int(growth * before.fresh_bytes)))
    grown = before.followed_by(path, Settings(), Start.COPY)
    assert grown.fresh_bytes == before.fresh_bytes
    assert grown.copy(path, tmp_path / "copy.duckdb", Settings()) is start
    assert grown.followed_by(path, Settings(), Start.TABLES).fresh_bytes == path.stat().st_size
