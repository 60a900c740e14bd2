"""Facts that no table shows, for an older release took what is refused now: counted, so that the build can say so."""

from __future__ import annotations

from warehouse.duck import cursor
from warehouse.lake.lake import Lake
from warehouse.lake.manifest import Manifest

_DATASET = "index_bars"


def describe_adjusted_indices(lake: Lake, manifest: Manifest) -> str:
    """A line on current facts of indices on another basis than raw, which are no price returns; '' where there are none."""
    if not manifest.files_of_dataset(_DATASET):
        return ""
    sql = f"""select count(*), string_agg(distinct source || ' ' || basis, ', ' order by source || ' ' || basis)
        from ({lake.current_sql(_DATASET, manifest)}) where basis <> 'raw'"""
    with cursor() as con:
        rows, series = con.execute(sql).fetchall()[0]
    if not rows:
        return ""
    return (
        f"{_DATASET}: {rows:,} facts of another basis than raw ({series}) are in no table, for an index is taken as it is "
        "published; `breadthwise import undo RUN_ID` takes them back, and a total-return index has its own symbol, such as SPXTR"
    )
