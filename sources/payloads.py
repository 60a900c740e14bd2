"""The way of one payload from its bytes to its rows: it is stored once, then parsed once, and no step goes back."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from sources.base import Parsed, Request
from warehouse.contracts.datasets import CONTRACTS
from warehouse.errors import BreadthwiseError, MalformedAnswer, ParserFailed, SourceModuleError
from warehouse.payloads.store import PayloadStore

KEPT_FOR_REPLAY = "; the payload is stored, and `breadthwise replay` reads it when the parser is mended"
Parser = Callable[[bytes, Request], Parsed]


@dataclass(frozen=True)
class StoredPayload:
    """Bytes that lie on a disk, their SHA-256, and the request that they answer, with the instant of the answer.

    The disk is that of the home's `store`; None while they are a user's own file, which is copied there when it proves to
    be of its format.
    """

    request: Request
    digest: str
    body: bytes = field(repr=False)
    store: PayloadStore | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class ParsedPayload:
    """What a payload says: tables, rejected rows and notes; `known_at` is the instant since when its rows are known."""

    request: Request
    digest: str
    rows: Parsed
    known_at: datetime


def store_payload(store: PayloadStore, body: bytes, request: Request) -> StoredPayload:
    """Keep an answer as it came. Raises LakeError where the disk refuses."""
    return StoredPayload(request, store.put_payload(body, vars(request)), body, store)


def request_from_record(record: dict[str, Any]) -> Request:
    """A request as the payload store keeps it. Raises KeyError, TypeError or ValueError for a damaged one."""
    days = {name: date.fromisoformat(record[name]) for name in ("session", "start", "end") if record.get(name)}
    fetched_at = datetime.fromisoformat(record["fetched_at"])
    return Request(
        source=record["source"],
        dataset=record["dataset"],
        fetched_at=fetched_at if fetched_at.tzinfo else fetched_at.replace(tzinfo=UTC),
        symbol=record.get("symbol"),
        series=record.get("series"),
        url=record.get("url") or "",
        options=record.get("options") or {},
        **days,
    )


def kept_payload(store: PayloadStore, digest: str, request: Request) -> StoredPayload:
    """What the store has under `digest`, as the answer to `request`. Raises LakeError where it is missing or damaged."""
    return StoredPayload(request, digest, store.get_payload(digest), store)


def payload_on_disk(body: bytes, request: Request) -> StoredPayload:
    """The bytes of a user's file, which lie where the user has them."""
    return StoredPayload(request, sha256(body).hexdigest(), body)


def parse_payload(payload: StoredPayload, parser: Parser, known_at: datetime | None = None) -> ParsedPayload:
    """Its rows, known since `known_at` (by default the instant of the answer).

    Raises FormatError or SourceError as the parser does, an answer that it refuses named with its payload; ParserFailed where
    the parser itself dies, or gives other columns than the contract's.
    """
    request = payload.request
    try:
        rows = parser(payload.body, request)
    except SourceModuleError as error:
        raise _parser_failure(payload, str(error)) from error
    except MalformedAnswer as error:
        raise type(error)(f"{error}{_where_kept(payload)}") from error
    except BreadthwiseError:
        raise
    except Exception as error:
        raise _parser_failure(payload, f"{type(error).__name__}: {error}") from error
    for dataset, table in rows.tables.items():
        if table.schema != CONTRACTS[dataset].row_schema:
            raise _parser_failure(payload, f"{dataset} has the columns {', '.join(table.schema.names)}")
    return ParsedPayload(request, payload.digest, rows, known_at or request.fetched_at)


def _where_kept(payload: StoredPayload) -> str:
    """Where a refused answer lies, and the command that shows why it is refused; a user's own file is named already."""
    if payload.store is None or "file" in payload.request.options:
        return ""
    place = payload.store.payload_place(payload.digest)
    return f"; kept in the home as payload {place}, which `{_parse_command(payload.request, payload.digest)}` reads"


def _parse_command(request: Request, digest: str) -> str:
    """The command that asks the parser what `request` asked: without it, another subject than asked is none."""
    session = None if request.session is None else str(request.session)
    named = {"dataset": request.dataset, "symbol": request.symbol, "series": request.series, "session": session}
    flags = [(name, value) for name, value in named.items() if value]
    flags += [("option", f"{name}={value}") for name, value in sorted(request.options.items())]
    words = [word for name, value in flags for word in (f"--{name}", value)]
    return shlex.join(["breadthwise", "parse", request.source, digest[:12], *words])


def _parser_failure(payload: StoredPayload, what: str) -> ParserFailed:
    named = f"the parser of {payload.request.source} failed on payload {payload.digest[:12]}"
    return ParserFailed(f"{named} ({what[:200]}): please report it{KEPT_FOR_REPLAY if payload.store else ''}")
