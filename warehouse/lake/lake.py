"""The lake: facts in immutable Parquet files, named by one manifest. This is its whole face to the project."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.contracts.datasets import CONTRACTS
from warehouse.lake import commit, views
from warehouse.lake.commit import Committed
from warehouse.lake.manifest import Manifest, manifest_path, read_manifest
from warehouse.lake.quarantine import quarantined_sql
from warehouse.maintenance.compaction import GRACE, Compacted, compact_lake

__all__ = ["Committed", "Compacted", "Lake"]


class Lake:
    """The lake of one home. Holds no state: any number of processes may use one home at once."""

    def __init__(self, home: Path) -> None:
        self.home = Path(home).absolute()

    def manifest(self) -> Manifest:
        """A snapshot. Its files stay on disk for compaction's grace period (24 h), however the lake moves on."""
        return read_manifest(manifest_path(self.home))

    def commit(
        self,
        run_id: str,
        tables: commit.Tables | Callable[[Manifest], commit.Tables],
        quarantined: pa.Table | None = None,
    ) -> Committed:
        """Add facts (per dataset, the contract's `lake_schema`) and refused rows (QUARANTINE_SCHEMA) at once. Facts that are made
        of those in the lake are given as what makes them: of the manifest that they follow, while nobody else writes.

        Rows that repeat what is known are not written again. All becomes visible in one switch, or
        nothing does. The order of commits never matters to what is read. Of a fact given twice with
        the same key, known_at and payload, the first stands. Raises LakeError for null keys, NaN,
        infinities, one payload contradicting itself, and where lock or disk refuse.
        """
        return commit.commit_tables(self.home, run_id, tables, quarantined)

    def attach_views(
        self,
        con: duckdb.DuckDBPyConnection,
        manifest: Manifest,
        as_of: datetime | None = None,
        schema: str = "lake",
        is_compared_once: bool = False,
        without: Collection[str] = (),
    ) -> None:
        """Create in `con` one view per dataset (its columns without is_withdrawn) as known at `as_of`, one
        `<dataset>_history` of all facts of the keys that have several or were withdrawn, one `<dataset>_confirmations` of
        what was given again (key, known_at, payload_sha256), the view `quarantine` (QUARANTINE_SCHEMA), and the tables
        `sessions` and `grades(spelling, level)`. Of keys with several facts the newest are found by each query or, where
        `is_compared_once`, now, and kept in tables of `con`: for one that reads them often. Datasets in `without` have no view
        and no history."""
        views.attach_views(con, self.home, manifest, as_of, schema, is_compared_once, without)

    def attach_days(
        self,
        con: duckdb.DuckDBPyConnection,
        manifest: Manifest,
        dataset: str,
        days: Sequence[tuple[date, date]],
        as_of: datetime | None,
        view: str,
        history: str,
    ) -> None:
        """Create or replace `view` and `history` (schema.name) as `attach_views` makes them of the dataset, for rows of `days`
        alone (from, to): no file without a fact of these is read."""
        views.attach_days(con, self.home, manifest, dataset, days, as_of, view, history)

    def history_sql(self, dataset: str, manifest: Manifest) -> str:
        """A SELECT of all written facts of `dataset`, tombstones too. Equal neighbours may be among them:
        order by known_at, payload_sha256 within the key."""
        return views.history_sql(CONTRACTS[dataset], self.home, manifest)

    def current_sql(self, dataset: str, manifest: Manifest, as_of: datetime | None = None) -> str:
        """The SELECT behind the view of `dataset`."""
        return views.current_sql(CONTRACTS[dataset], self.home, manifest, as_of)

    def compact(
        self,
        now: datetime,
        dry_run: bool = False,
        retention_days: float = 30,
        keep_builds_days: float = 14,
        grace: timedelta = GRACE,
    ) -> Compacted:
        """Merge files, pack payloads older than `retention_days`, prune builds, sweep what is dead; see compaction.py."""
        return compact_lake(self.home, now, dry_run, retention_days, keep_builds_days, grace)

    def quarantined_sql(self, manifest: Manifest) -> str:
        """A SELECT of all refused rows, QUARANTINE_SCHEMA."""
        return quarantined_sql(self.home, manifest.quarantine)
