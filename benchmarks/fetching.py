"""500 stocks' bars at 200 requests a second from the mocked APIs: the time against the pace's own, and the memory.

`python -m benchmarks.fetching` prints both.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from flows.console.context import Reporter
from flows.fetch.dataset import fetch_session
from flows.ingest.ingest import Ingestion
from sources.http.client import Client, HttpSettings
from sources.mock_api.server import HOSTS
from sources.payloads import ParsedPayload
from sources.providers import simulated
from warehouse.process import peak_memory_mb
from warehouse.runs.journal import Journal
from warehouse.settings import Settings

END = date(2026, 1, 23)
NOW = datetime(2026, 1, 23, 23, tzinfo=UTC)
LIMIT = 1.3


@contextmanager
def mocked(symbols: int) -> Iterator[str]:
    """The mocked APIs in a process of their own, so that they share no interpreter with what is measured."""
    command = [sys.executable, "-m", "flows.cli", "--quiet", "mock-api", "--end", str(END), "--symbols", str(symbols)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None:
            raise RuntimeError("no pipe to the mocked APIs")
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def stocks(symbols: int) -> list[str]:
    """Those that trade on the last session."""
    bars = simulated.generate_market(end=END, symbols=symbols).tables["equity_bars"]
    pairs = zip(bars["symbol"].to_pylist(), bars["session_date"].to_pylist(), strict=True)
    return sorted({symbol for symbol, day in pairs if day == END})


def fetched(folder: Path, url: str, names: list[str], pace: float, is_ingested: bool) -> float:
    """Seconds from the first request to the last answer, parsed and stored; with `is_ingested` to the last commit."""
    settings = Settings(
        universe=names,
        sources={"equity_bars": ["yahoo_bars"]},
        pace=dict.fromkeys(HOSTS, pace),
        base_urls={"*": url},
    )
    client = Client(folder, lambda: NOW, HttpSettings(pace=settings.pace), settings.base_urls)
    began = time.monotonic()
    with (
        Journal(folder).record_run("bench", {}, NOW) as run,
        Ingestion(folder, settings, run, NOW, Reporter(quiet=True)) as ingestion,
    ):
        take = ingestion.take_payload if is_ingested else _leave
        fetched = fetch_session(folder, settings, "equity_bars", END, client, take)
        if fetched.requests != len(names) or fetched.gaps:
            raise RuntimeError(f"{fetched.requests} answers for {len(names)} stocks, {len(fetched.gaps)} gaps")
        ingestion.finish_ingestion()
    return time.monotonic() - began


def _leave(_payload: ParsedPayload) -> None:
    """For the time of fetching alone."""


def main(arguments: Sequence[str] | None = None) -> int:
    """1 where the time is over 1.3 times the pace's own in each of three tries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--pace", type=float, default=200.0, help="requests a second")
    given = parser.parse_args(arguments)
    many = given.symbols + given.symbols // 4
    names = stocks(many)[: given.symbols]
    ratios = []
    with mocked(many) as url, tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        fetched(home / "warm", url, names[:50], given.pace, is_ingested=False)
        before = peak_memory_mb()
        for attempt in range(3):
            seconds = fetched(home / str(attempt), url, names, given.pace, is_ingested=False)
            ratios.append(seconds * given.pace / len(names))
            print(f"{len(names)} stocks: {seconds:.2f} s, {ratios[-1]:.2f} times the pace's own time")
        print(f"peak memory {before:.0f} MB after 50 stocks, {peak_memory_mb():.0f} MB after {len(names)} three times")
        seconds = fetched(home / "ingested", url, names, given.pace, is_ingested=True)
        print(f"with checks and commits {seconds:.2f} s, peak memory {peak_memory_mb():.0f} MB")
    return 0 if min(ratios) <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
