"""What runs in the processes that the chaos test kills: commits, compactions and publishes, in a fixed order."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb

from tests.support.lake_support import at, bar, table
from warehouse.builds import publish
from warehouse.lake.lake import Lake

DAYS = ("2024-06-03", "2025-06-02", "2025-06-03")
BATCH_ROWS = 60
READY = -1


def batch(number: int) -> list[dict[str, Any]]:
    """Facts of batch `number`: its own payload, values from few, and instants in no order."""
    luck = random.Random(number)
    places = luck.sample([(f"S{i:02d}", day) for i in range(30) for day in DAYS], BATCH_ROWS)
    return [
        bar(luck.choice([10.0, 11.0, 12.0, None]), at(luck.randint(1, 28)), f"p{number:05d}", symbol=symbol, day=day)
        for symbol, day in places
    ]


def expected(numbers: Iterable[int], as_of: datetime) -> list[tuple[str, str, float, datetime, str]]:
    """What a reader must see once exactly these batches are in: the definition of ARCHITECTURE.md."""
    facts: dict[tuple[str, str], list[tuple[datetime, str, float | None]]] = {}
    for row in (row for number in numbers for row in batch(number)):
        if row["known_at"] <= as_of:
            place = (row["symbol"], row["session_date"].isoformat())
            facts.setdefault(place, []).append((row["known_at"], row["payload_sha256"], row["close"]))
    shown = []
    for (symbol, day), mine in sorted(facts.items()):
        mine.sort(key=lambda fact: fact[:2])
        runs = [f for i, f in enumerate(mine) if i == 0 or mine[i - 1][2] != f[2]]
        known_at, payload, close = runs[-1]
        if close is not None:
            shown.append((symbol, day, close, known_at, payload))
    return shown


def work(home: Path, start: int, answers: Connection) -> None:
    """Commit batches from `start` on until killed, saying each number once it is in; compact and publish between."""
    lake = Lake(home)
    number = start
    answers.send(READY)
    while True:
        lake.commit(f"r{number:05d}", {"equity_bars": table(batch(number))})
        answers.send(number)
        if number % 3 == 0:
            lake.compact(datetime.now(UTC), retention_days=0)
        if number % 2 == 0:
            publish_one(lake, f"{number:05d}-{random.getrandbits(32):08x}")
        number += 1


def work_some(home: Path, numbers: list[int]) -> None:
    for number in numbers:
        Lake(home).commit(f"r{number:05d}", {"equity_bars": table(batch(number))})


def publish_one(lake: Lake, build_id: str) -> None:
    manifest = lake.manifest()
    path = publish.new_build_path(lake.home, build_id)
    with duckdb.connect(str(path)) as con:
        con.execute(f"create table t as from ({lake.current_sql('equity_bars', manifest)})")
        con.execute("create table counted as select count(*) as n from t")
        con.execute("checkpoint")
    publish.publish_build(lake.home, path, manifest.generation)
