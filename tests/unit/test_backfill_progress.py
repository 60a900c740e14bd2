"""How far a backfill is, as Prefect's user interface shows it."""

from __future__ import annotations

from datetime import UTC, datetime

from flows.backfill.plan import Chunk
from flows.backfill.progress import Progress
from sources.base import Request

AT = datetime(2026, 1, 23, tzinfo=UTC)


def chunk(dataset: str, source: str, requests: int) -> Chunk:
    return Chunk(dataset, source, "a chunk", (Request(source, dataset, AT),) * requests)


def test_each_dataset_says_what_is_done_and_what_remains() -> None:
    first, second, other = chunk("equity_bars", "a", 100), chunk("equity_bars", "a", 1000), chunk("splits", "b", 150)
    progress = Progress([first, second, other])
    head = ["", "| dataset | source | done | of | remaining |", "| --- | --- | ---: | ---: | ---: |"]
    assert progress.text(0).splitlines() == [
        "0 of 1,250 requests",
        *head,
        "| equity_bars | a | 0 | 1,100 | 1,100 |",
        "| splits | b | 0 | 150 | 150 |",
    ]
    progress.add(first)
    progress.add(other)
    # 250 took 30 s, so a thousand take 120 s
    assert progress.percent == 20.0
    assert progress.text(30).splitlines() == [
        "250 of 1,250 requests, about 2 min left",
        *head,
        "| equity_bars | a | 100 | 1,100 | 1,000 |",
        "| splits | b | 150 | 150 | 0 |",
    ]
    progress.add(second)
    assert progress.percent == 100.0
    assert progress.text(150).splitlines()[0] == "1,250 of 1,250 requests"


def test_nothing_to_ask_for_is_all_of_it() -> None:
    assert (Progress([]).percent, Progress([]).total) == (100.0, 0)
