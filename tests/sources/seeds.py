"""Small answers of the same structure as the real ones, one or more a source, from `payloads/`; made by hand.

`requests.json` says what was asked for each file (by its name without the last suffix), where the answer needs it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sources.base import Request

FOLDER = Path(__file__).with_name("payloads")
AT = datetime(2026, 1, 24, 3, 0, tzinfo=UTC)
_DATES = ("session", "start", "end")


@dataclass(frozen=True)
class Seed:
    """An answer and what was asked for it."""

    name: str
    payload: bytes
    request: Request


def request_of(source: str, asked: dict[str, Any]) -> Request:
    fields: dict[str, Any] = {"dataset": "", "fetched_at": AT, **asked}
    for name in _DATES:
        if name in fields:
            fields[name] = date.fromisoformat(fields[name])
    return Request(source, **fields)


@lru_cache(maxsize=1)
def seeds() -> dict[str, list[Seed]]:
    """The seeds by source."""
    asked = json.loads((FOLDER / "requests.json").read_text(encoding="utf-8"))
    found: dict[str, list[Seed]] = defaultdict(list)
    for path in sorted(FOLDER.iterdir()):
        if path.name != "requests.json":
            source = path.name.split(".")[0]
            request = request_of(source, asked.get(path.stem, {}))
            found[source].append(Seed(path.name, path.read_bytes(), request))
    return dict(found)


def seed(name: str) -> Seed:
    """The seed in the file `name`."""
    return next(one for one in seeds()[name.split(".")[0]] if one.name == name)
