"""What a source is: `fetch` does the I/O and returns bytes, `parse` is pure: bytes to rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """What was asked, stored beside the payload so that it can be parsed again without the network.

    `fetched_at` is an aware UTC instant: parsers never read the clock. `start` and `end` are
    sessions, both inclusive.
    """

    source: str
    dataset: str
    fetched_at: datetime
    symbol: str | None = None
    series: str | None = None
    session: date | None = None
    start: date | None = None
    end: date | None = None
    url: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Parsed:
    """Rows by dataset, each with the dataset's own columns (absent ones are null).

    `rejected` are rows that cannot even be written in the dataset's types: (row as text, reason).
    They are counted as quarantined. `notes` count what is no row by the format's own definition
    (a footer, an empty cell), so that nothing is left out silently.
    """

    rows: Mapping[str, Sequence[Row]]
    rejected: Sequence[tuple[str, str, str]] = ()
    notes: Mapping[str, int] = field(default_factory=dict)


class Source(Protocol):
    """A module of `sources/` that names itself and its datasets is one; there is no registry."""

    NAME: str
    DATASETS: tuple[str, ...]

    def parse(self, payload: bytes, request: Request) -> Parsed: ...
