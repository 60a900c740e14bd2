"""One source over one client: what it answers is stored as it comes, and then parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sources import payloads
from sources.base import Adapter, Request
from sources.payloads import ParsedPayload, StoredPayload
from warehouse.errors import SourceError
from warehouse.payloads.store import PayloadStore

if TYPE_CHECKING:
    from sources.http.client import Client


class Asker:
    """The two steps of an answer, both in the thread that asks: a write that is synced takes longer than a request."""

    def __init__(self, source: Adapter, client: Client, store: PayloadStore) -> None:
        self.source, self.client, self.store = source, client, store

    def store_answer(self, request: Request) -> StoredPayload:
        """Ask, and keep the answer. Raises SourceError, or LakeError where the disk refuses."""
        body, answered = self.source.fetch(self.client, request)
        return payloads.store_payload(self.store, body, answered)

    def parse_answer(self, payload: StoredPayload) -> ParsedPayload:
        """Raises SourceError, in which no key stands: a parser quotes the answer, which may give the key back."""
        try:
            return payloads.parse_payload(payload, self.source.parse)
        except SourceError as error:
            raise type(error)(self.client.masked(str(error))) from error.__cause__
