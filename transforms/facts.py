"""How a build reads the lake: the views of its facts, and the tables of schema `lake` that the models read beside them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

import duckdb

from transforms.engine.databases import SEARCH_PATH
from transforms.engine.reach import BARS, BLOCK_BARS, Reach, read_all_bars
from transforms.engine.store import BlockStore
from warehouse.contracts.datasets import CONTRACTS
from warehouse.instants import to_utc_text
from warehouse.lake.manifest import Manifest
from warehouse.settings import Settings

LAKE_TABLES = (
    *CONTRACTS,
    *(f"{name}_history" for name in CONTRACTS),
    *(f"{name}_confirmations" for name in CONTRACTS),
    "quarantine",
    "sessions",
    "grades",
    "series_rank",
    "sessions_in_reach",
    "equity_bars_of_block",
    "carried_bars",
)
_HISTORY = f"{BARS}_history"
_BARS = ("index_bars", "sector_bars", "equity_bars")


class Facts(Protocol):
    """What a build needs of the lake."""

    def attach_views(
        self,
        con: duckdb.DuckDBPyConnection,
        manifest: Manifest,
        as_of: datetime | None = None,
        schema: str = "lake",
        is_compared_once: bool = False,
        without: Collection[str] = (),
    ) -> None: ...

    def attach_days(
        self,
        con: duckdb.DuckDBPyConnection,
        manifest: Manifest,
        dataset: str,
        days: Sequence[tuple[date, date]],
        as_of: datetime | None,
        view: str,
        history: str,
    ) -> None: ...


def attach_lake(
    con: duckdb.DuckDBPyConnection, lake: Facts, manifest: Manifest, as_of: datetime | None, settings: Settings
) -> None:
    """The tables of schema `lake` that a build of all bars reads."""
    lake.attach_views(con, manifest, as_of, "lake", is_compared_once=True)
    read_all_bars(con, manifest)
    _rank_series(con, settings, None)


def attach_reach(
    con: duckdb.DuckDBPyConnection,
    lake: Facts,
    manifest: Manifest,
    as_of: datetime | None,
    settings: Settings,
    store: BlockStore,
    wanted: frozenset[int],
    length: int,
) -> Reach:
    """The same for a build that reads of the bars of stocks what its blocks of `length` sessions want, `wanted` among them."""
    lake.attach_views(con, manifest, as_of, "lake", is_compared_once=True, without=("equity_bars",))
    attached: dict[str, list[tuple[date, date]]] = {}

    def attach(view: str, days: list[tuple[date, date]]) -> None:
        has_history = days == attached.get(_HISTORY)
        if has_history and days == attached.get(view):
            return
        if has_history and view == BLOCK_BARS and days == attached.get(BARS):
            con.execute(f"create or replace view {BLOCK_BARS} as from {BARS}")
        else:
            lake.attach_days(con, manifest, "equity_bars", days, as_of, view, _HISTORY)
            attached[_HISTORY] = days
        attached[view] = days

    reach = Reach(con, store, attach, wanted, length)
    reach.read(manifest, "" if as_of is None else to_utc_text(as_of))
    _rank_series(con, settings, reach.series_of_stocks())
    return reach


def _rank_series(con: duckdb.DuckDBPyConnection, settings: Settings, of_stocks: list[tuple[str, str]] | None) -> None:
    """Make `lake.series_rank`, and set the path on which models find their tables. `of_stocks` are (source, basis) where
    known."""
    found = {dataset: f"select distinct source, basis from lake.{dataset} order by all" for dataset in _BARS}
    present = [
        (dataset, source, basis)
        for dataset, query in found.items()
        for source, basis in (
            of_stocks if dataset == "equity_bars" and of_stocks is not None else con.execute(query).fetchall()
        )
    ]
    ranked = [*settings.series_rank, *(series for series in present if series not in settings.series_rank)]
    con.execute("create table lake.series_rank (dataset varchar, source varchar, basis varchar, rank integer)")
    con.executemany("insert into lake.series_rank values (?, ?, ?, ?)", [(*row, i) for i, row in enumerate(ranked, 1)])
    con.execute(f"set search_path = '{SEARCH_PATH}'")
