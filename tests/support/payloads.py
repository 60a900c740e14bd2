"""Payloads for tests of what comes after parsing: stored and parsed as a run does it."""

from __future__ import annotations

from pathlib import Path

from flows.ingest.report import Failure
from sources import payloads
from sources.base import Request
from sources.payloads import ParsedPayload
from warehouse.errors import FormatError, SourceError
from warehouse.payloads.store import PayloadStore


def taken_in(home: Path, body: bytes, request: Request, parser: payloads.Parser) -> ParsedPayload | Failure:
    """The rows of `body`, which is stored in `home`; a Failure where it is no answer."""
    try:
        return payloads.parse_payload(payloads.store_payload(PayloadStore(home), body, request), parser)
    except (FormatError, SourceError) as error:
        return Failure(request, error)
