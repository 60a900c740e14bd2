"""A home of which something was lost, damaged, or put back from a backup: it builds again, and nothing is said that is not so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from flows import cli
from flows.build.publish import is_build_due
from tests.integration.restating import ask, at, bar, commit, make_home, publish
from warehouse.builds.publish import current_build
from warehouse.durable_io import write_text
from warehouse.errors import LakeError
from warehouse.lake.lake import Lake


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small home with one build."""
    home = tmp_path_factory.mktemp("small") / "home"
    make_home(home)
    publish(home, at(0))
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template, tmp_path / "home", symlinks=True)
    return tmp_path / "home"


def build(home: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """`breadthwise build`: its exit code, what it prints, and what it says on stderr."""
    capsys.readouterr()
    code = cli.main(["--home", str(home), "--quiet", "build"])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_a_build_is_due_where_the_lake_has_other_facts_or_no_build_can_be_read(home: Path) -> None:
    assert not is_build_due(home)
    commit(home, "run-2", {"index_bars": [bar("SPX", 10, 6300.0)]})
    assert is_build_due(home)
    publish(home, at(1))
    assert not is_build_due(home)
    current = current_build(home)
    assert current is not None
    current.chmod(0o644)
    current.write_bytes(b"")
    assert is_build_due(home)
    current.unlink()
    assert is_build_due(home)
    assert not is_build_due(home / "empty")


def test_a_lost_build_is_made_again(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(home / "builds")
    with pytest.raises(LakeError, match="which is gone; run `breadthwise build`"):
        current_build(home)
    code, out, _ = build(home, capsys)
    assert code == 0
    assert "is published" in out
    assert current_build(home) is not None


def test_a_damaged_record_stops_no_build(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (record,) = (home / "builds").glob("*.record.json.gz")
    record.write_bytes(b"")
    code, out, err = build(home, capsys)
    assert code == 0
    assert "is published" in out
    (line,) = err.splitlines()
    assert f"{record} is damaged" in line
    assert "the build goes on without it" in line


def test_the_build_of_a_restored_lake_is_published(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup = home.parent / "backup"
    shutil.copytree(home / "lake", backup)
    for number in (2, 3):
        commit(home, f"run-{number}", {"index_bars": [bar("SPX", 10, 6300.0 + number)]})
    newer = publish(home, at(1)).result.build_id
    shutil.rmtree(home / "lake")
    shutil.copytree(backup, home / "lake")
    code, out, _ = build(home, capsys)
    assert code == 0
    assert "is published" in out
    assert ask(home, "select any_value(lake_fingerprint) from ops.builds") == [(Lake(home).manifest().fingerprint,)]
    current = current_build(home)
    assert current is not None
    assert current.stem != newer


def test_a_build_that_another_one_overtook_is_not_called_published(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = current_build(home)
    assert old is not None
    commit(home, "run-2", {"index_bars": [bar("SPX", 10, 6300.0)]})
    generation = Lake(home).manifest().generation + 1
    real = Lake(home).manifest

    def overtaken(lake: Lake) -> object:
        """While this build is under way another commit comes, and its build is published."""
        found = real()
        commit(home, "run-3", {"index_bars": [bar("SPX", 11, 6400.0)]})
        write_text(home / "builds" / ".published.json", f'{{"build": "{old.name}", "generation": {generation}}}')
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lake, "manifest", overtaken)
        code, out, _ = build(home, capsys)
    assert code == 0
    assert "is not published: one of a newer lake is already" in out
    assert current_build(home) == old


def damage(path: Path) -> None:
    """Turn over a byte of each of DuckDB's blocks but the first, so that it can be opened still, and the last, its catalogue."""
    path.chmod(0o644)
    body = bytearray(path.read_bytes())
    for place in range(12_288 + 262_144 + 100, len(body) - 262_144, 262_144):
        body[place] ^= 0xFF
    path.write_bytes(body)


def test_a_damaged_build_is_named_and_made_again(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    current = current_build(home)
    assert current is not None
    damage(current)
    for command in (["report"], ["sql", "from marts.index_returns"]):
        assert cli.main(["--home", str(home), "--quiet", *command]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert "is damaged" in line
        assert line.endswith("; `breadthwise build` makes the warehouse anew")
    code, out, _ = build(home, capsys)
    assert code == 0
    assert "is published" in out
    ((cause,),) = ask(home, "select cause from ops.restatement_counts")
    assert f"{current.stem} cannot be read and was not compared with: Corrupt database file" in cause
    assert cli.main(["--home", str(home), "--quiet", "sql", "from marts.index_returns"]) == 0


@pytest.mark.parametrize("command", ["status", "build", "backfill"])
def test_a_damaged_journal_may_be_moved_away(home: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    days = ["2026-01-05", "2026-01-06", "--dry-run"] if command == "backfill" else []
    for path in home.glob("journal.sqlite*"):
        path.unlink()
    (home / "journal.sqlite").write_bytes(b"no database" * 1000)
    assert cli.main(["--home", str(home), "--quiet", command, *days]) == 1
    assert "it is damaged (file is not a database); move it away" in capsys.readouterr().err
    (home / "journal.sqlite").unlink()
    assert cli.main(["--home", str(home), "--quiet", command, *days]) == 0


@pytest.mark.parametrize("kind", ["bytes", "size"])
def test_a_damaged_file_of_the_lake_is_named(home: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    file = max(Lake(home).manifest().files_of_dataset("index_bars"), key=lambda one: one.bytes)
    path = home / file.path
    written = path.read_bytes()
    # all before the footer, which DuckDB would miss first
    broken = bytes(~byte & 0xFF for byte in written[4:600]) if kind == "bytes" else b""
    path.chmod(0o644)
    path.write_bytes(written[:4] + broken + written[4 + (600 - 4 if kind == "bytes" else 64) :])
    code, _, said = build(home, capsys)
    assert code == 1
    assert f"{path} is damaged" in said
    assert "restore it from a backup of the home" in said
    path.write_bytes(written)
    assert build(home, capsys)[0] == 0
