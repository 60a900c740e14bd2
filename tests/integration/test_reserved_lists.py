"""Lists that an older release took under names of the build's own: a build names the import that is to be taken back."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from flows import cli
from flows.build.reserved import refuse_reserved_lists
from flows.ingest.undo import undo_run
from tests.integration.ingesting import NOW
from tests.unit.test_build import rows_of
from warehouse.errors import LakeError
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal


def import_list(home: Path, universe: str) -> str:
    """As an import of an older release wrote it; the run."""
    listed = {"symbol": "KO", "kind": "snapshot", "effective_date": date(2026, 1, 5), "known_at": NOW}
    with Journal(home).record_run("import", {"known_at": NOW.isoformat()}, NOW) as run:
        table = rows_of("memberships", [{"universe": universe, **listed}])
        Lake(home).commit(run.run_id, {"memberships": table})
        run.record_batch("memberships", fetched=1, accepted=1)
    return run.run_id


def refuse(home: Path, minutes: float | None = None) -> None:
    as_of = None if minutes is None else NOW + timedelta(minutes=minutes)
    refuse_reserved_lists(home, Lake(home).manifest(), as_of)


def test_lists_under_names_of_the_build_are_refused_with_the_imports_to_take_back(tmp_path: Path) -> None:
    refuse(tmp_path)
    good = import_list(tmp_path, "my_list_of_mine")
    refuse(tmp_path)
    first, second = import_list(tmp_path, "all"), import_list(tmp_path, "cap:mega")
    with pytest.raises(LakeError) as found:
        refuse(tmp_path)
    advice = "; then import each list under another name by --universe"
    undo = f"take them back by `breadthwise import undo {first}` and `breadthwise import undo {second}`"
    assert str(found.value).endswith(f": all, cap:mega; {undo}{advice}")
    assert good not in str(found.value)
    undo_run(tmp_path, first, NOW + timedelta(minutes=1))
    with pytest.raises(LakeError, match=f": cap:mega; take them back by `breadthwise import undo {second}`;"):
        refuse(tmp_path)
    undo_run(tmp_path, second, NOW + timedelta(minutes=2))
    refuse(tmp_path)
    with pytest.raises(LakeError, match=r": all, cap:mega; they were taken back since; choose a later --as-of"):
        refuse(tmp_path, minutes=0)
    refuse(tmp_path, minutes=-1)


def test_a_list_that_no_import_gave_is_to_be_withdrawn(tmp_path: Path) -> None:
    listed = {"universe": "sector:Energy", "symbol": "KO", "kind": "snapshot", "effective_date": date(2026, 1, 5)}
    Lake(tmp_path).commit("daily", {"memberships": rows_of("memberships", [listed])})
    with pytest.raises(LakeError, match=r": sector:Energy; no import that stands .*; `breadthwise withdraw`"):
        refuse(tmp_path)


@pytest.mark.parametrize("more", [[], ["--out", "old.duckdb"]])
def test_a_build_says_it_before_it_begins(more: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_id = import_list(tmp_path, "all")
    out = [one if one.startswith("--") else str(tmp_path / one) for one in more]
    assert cli.main(["--home", str(tmp_path), "--quiet", "build", *out]) == 1
    assert f"`breadthwise import undo {run_id}`" in capsys.readouterr().err
    assert not (tmp_path / "old.duckdb").exists()
