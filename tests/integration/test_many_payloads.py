"""Many small payloads in one run: memory is flat, no file stays open, commits come in batches.

BREADTHWISE_PAYLOADS is how many; `make payloads` takes ten thousand, in batches as they are.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.console.context import Reporter
from flows.fetch.dataset import fetch_dataset
from flows.ingest import batch
from flows.ingest.ingest import Ingestion
from sources.base import Request
from sources.payloads import ParsedPayload
from tests.unit.fetching import AT, WEEK, FakeSource
from warehouse.lake.lake import Lake
from warehouse.payloads.store import PayloadStore
from warehouse.runs.journal import Journal
from warehouse.settings import Settings

FEW = 500
COUNT = int(os.environ.get("BREADTHWISE_PAYLOADS", FEW))
# seen: 15 MB over the last 8,000 of 10,000 payloads, which is what the run knows of each subject
GROWTH_MB = 40.0


class Bars(FakeSource):
    """Five bars of whatever is asked."""

    def fetch(self, client: Any, request: Request) -> tuple[bytes, Request]:
        listed = [(request.symbol, day.isoformat(), 100.0) for day in WEEK]
        return json.dumps([self.NAME, listed]).encode(), replace(request, fetched_at=AT)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the system has no /proc to count open files in")
def test_memory_is_flat_no_file_stays_open_and_commits_come_in_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if COUNT <= FEW:
        monkeypatch.setattr(batch, "GROUP_PAYLOADS", 50)
    names = [f"S{number:05d}" for number in range(COUNT)]
    source = Bars("first", dataset="equity_bars", PACE=1e9)
    settings = Settings(sources={"equity_bars": ["first"]})
    opened, seen = open_files(), []
    with (
        Journal(tmp_path).record_run("daily", {}, AT) as run,
        Ingestion(tmp_path, settings, run, AT, Reporter(quiet=True)) as ingestion,
    ):

        def take(payload: ParsedPayload) -> None:
            ingestion.take_payload(payload)
            if not ingestion.group.digests:
                seen.append((resident_mb(), open_files()))

        adapters: Any = {"first": source}
        client: Any = None
        fetched = fetch_dataset(tmp_path, settings, "equity_bars", names, WEEK, client, take, adapters)
        report = ingestion.finish_ingestion()
    batches = -(-COUNT // batch.GROUP_PAYLOADS)
    assert (fetched.requests, fetched.gaps, report.total_rows("accepted")) == (COUNT, (), COUNT * len(WEEK))
    assert (Lake(tmp_path).manifest().generation, len(report.accounts)) == (batches, batches)
    assert len(PayloadStore(tmp_path).payload_digests()) == COUNT
    assert seen[-1][0] - seen[1][0] < GROWTH_MB, [round(resident) for resident, _ in seen]
    # while requests are under way their payloads are being written
    assert max(files for _, files in seen) <= opened + 2 * settings.fetch_threads + 8
    assert open_files() <= opened
    lake = Lake(tmp_path)
    with duckdb.connect() as con:
        counted = con.sql(lake.current_sql("equity_bars", lake.manifest())).aggregate(
            "count(*), count(distinct symbol)"
        )
        assert counted.fetchall() == [(COUNT * len(WEEK), COUNT)]
