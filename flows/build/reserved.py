"""Lists of an older release under names that a build gives to universes of its own: their members would be counted among those
of the build's own, or the build would fail for a row of a model and name no list."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from flows.ingest.taken import join_names
from flows.ingest.undone import read_undo_history
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import cursor, quote_literal
from warehouse.errors import LakeError
from warehouse.lake.given import given_sql
from warehouse.lake.lake import Lake
from warehouse.lake.manifest import Manifest
from warehouse.names import OWN_UNIVERSES, is_made_by_build

_DATASET = "memberships"


def refuse_reserved_lists(home: Path, manifest: Manifest, as_of: datetime | None = None) -> None:
    """Raises LakeError where a list known at `as_of` bears a name of the build's own; it names the imports to take back."""
    if not manifest.files_of_dataset(_DATASET):
        return
    lake = Lake(home)
    # of all facts first: of one column that is quick, and few lakes ever had such a list
    names = _reserved_names(lake.history_sql(_DATASET, manifest))
    names = names and _reserved_names(lake.current_sql(_DATASET, manifest, as_of))
    if not names:
        return
    undo = " and ".join(f"`breadthwise import undo {run_id}`" for run_id in _imports_of(home, manifest, names))
    if undo:
        advice = f"take them back by {undo}; then import each list under another name by --universe"
    elif as_of:
        advice = "they were taken back since; choose a later --as-of"
    else:
        advice = "no import that stands can be told as theirs; `breadthwise withdraw` takes their rows away one by one"
    raise LakeError(
        f"the lake holds lists of members under names of universes that the build makes itself ({OWN_UNIVERSES}): "
        f"{join_names(names)}; {advice}"
    )


def _reserved_names(memberships: str) -> list[str]:
    with cursor() as con:
        found = con.execute(f"select distinct universe from ({memberships}) order by universe").fetchall()
    return [str(name) for (name,) in found if is_made_by_build(str(name))]


def _imports_of(home: Path, manifest: Manifest, names: list[str]) -> list[str]:
    """The imports that stand and gave members of these lists, the first begun first."""
    history = read_undo_history(home)
    quoted = ", ".join(map(quote_literal, names))
    imports = []
    with cursor() as con:
        for run_id, run in history.runs.items():
            if run["kind"] != "import" or history.undo_in_force(run_id):
                continue
            given = given_sql(CONTRACTS[_DATASET], home, manifest, [history.origin(run_id)])
            if con.execute(f"select 1 from ({given}) where universe in ({quoted}) limit 1").fetchall():
                imports.append(run_id)
    return imports
