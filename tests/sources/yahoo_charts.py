"""Charts of Yahoo for tests: the seeds, to be changed, and what the parser makes of them."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

from sources.base import Parsed, Request
from sources.providers import yahoo_bars
from tests.sources.seeds import seed

STOCK = json.loads(seed("yahoo_bars.json").payload)
INDEX = json.loads(seed("yahoo_bars.index.json").payload)
AFTER = datetime(2026, 1, 24, 3, 0, tzinfo=UTC)


def parsed(document: Any, fetched_at: datetime = AFTER, **asked: Any) -> Parsed:
    request = Request("yahoo_bars", asked.pop("dataset", ""), fetched_at, **asked)
    return yahoo_bars.parse(json.dumps(document).encode(), request)


def stock() -> Any:
    return copy.deepcopy(STOCK)


def result(document: Any) -> dict[str, Any]:
    found: dict[str, Any] = document["chart"]["result"][0]
    return found


def quotes(document: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = result(document)["indicators"]["quote"][0]
    return found


def bars(found: Parsed, dataset: str = "equity_bars") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = found.tables[dataset].to_pylist()
    return rows
