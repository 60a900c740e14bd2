"""An adapter that asks nothing twice: each answer is noted at once, and one that was cut off from its commit is reread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flows.backfill.plan import attempt_of, span
from sources.base import Adapter, Parsed, Request
from warehouse.errors import NoData, NotFound, SourceError
from warehouse.instants import utc_text
from warehouse.payloads.store import PayloadStore
from warehouse.runs.attempts import EMPTY, FAILED, STORED, Attempt, Attempts

if TYPE_CHECKING:
    from sources.http.client import Client


class ResumableSource:
    """Stands for `source`; what is asked through it goes into the ledger of attempts, the payload before the note."""

    def __init__(
        self, source: Adapter, home: Path, attempts: Attempts, run_id: str, clock: Callable[[], datetime]
    ) -> None:
        self.NAME, self.DATASETS, self.HOSTS = source.NAME, source.DATASETS, source.HOSTS
        self.PACE, self.NEEDS_KEY = source.PACE, source.NEEDS_KEY
        self.made = 0
        self._source, self._attempts, self._run_id, self._clock = source, attempts, run_id, clock
        self._store = PayloadStore(home)

    def requests_for(self, dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]:
        return self._source.requests_for(dataset, symbols, start, end)

    def fetch(self, client: Client, request: Request) -> tuple[bytes, Request]:
        """The kept answer to this request or to a longer one of its kind, else a new one. Raises SourceError."""
        kept = self._kept(request)
        if kept is not None:
            answered = replace(request, fetched_at=datetime.fromisoformat(kept.asked_at), url=kept.url)
            return self._store.get(kept.payload_sha256), answered
        self.made += 1
        try:
            payload, asked = self._source.fetch(client, request)
        except SourceError as error:
            self._note_error(request, error)
            raise
        digest = self._store.put(payload, asdict(asked))
        self._note(asked, STORED, utc_text(asked.fetched_at), digest)
        return payload, asked

    def parse(self, payload: bytes, request: Request) -> Parsed:
        """Raises SourceError; such an answer is asked for again by the next run, unless it says that there is nothing."""
        try:
            return self._source.parse(payload, request)
        except SourceError as error:
            self._note_error(request, error)
            raise

    def _kept(self, request: Request) -> Attempt | None:
        found = [
            one
            for one in self._attempts.of(*attempt_of(request).of)
            if one.outcome == STORED and one.holds(*span(request)) and self._store.has(one.payload_sha256)
        ]
        return found[-1] if found else None

    def _note_error(self, request: Request, error: SourceError) -> None:
        outcome = EMPTY if isinstance(error, NoData | NotFound) else FAILED
        self._note(request, outcome, utc_text(self._clock()), message=f"{type(error).__name__}: {error}")

    def _note(self, request: Request, outcome: str, at: str, digest: str = "", message: str = "") -> None:
        attempt = replace(
            attempt_of(request),
            outcome=outcome,
            asked_at=at,
            payload_sha256=digest,
            url=request.url,
            run_id=self._run_id,
            message=message[:300],
        )
        self._attempts.note([attempt])
