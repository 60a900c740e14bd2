"""A source that is asked nothing twice: each answer is noted at once, and one that was cut off from its commit is reread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flows.backfill.plan import attempt_of, requested_days
from flows.fetch.asker import Asker
from sources import payloads
from sources.base import Request
from sources.payloads import ParsedPayload, StoredPayload
from warehouse.errors import NoData, NotFound, SourceError
from warehouse.instants import to_utc_text
from warehouse.runs.attempts import EMPTY, FAILED, STORED, Attempt, Attempts


class ResumableAsker(Asker):
    """Notes in the ledger of attempts what it asks, the payload before the note. `made` counts requests to the host."""

    def __init__(self, asker: Asker, attempts: Attempts, run_id: str, clock: Callable[[], datetime]) -> None:
        super().__init__(asker.source, asker.client, asker.store)
        self.made = 0
        self._attempts, self._run_id, self._clock = attempts, run_id, clock

    def store_answer(self, request: Request) -> StoredPayload:
        """The kept answer to this request or to a longer one of its kind, else a new one. Raises SourceError."""
        kept = self._kept_attempt(request)
        if kept is not None:
            answered = replace(request, fetched_at=datetime.fromisoformat(kept.asked_at), url=kept.url)
            return payloads.kept_payload(self.store, kept.payload_sha256, answered)
        self.made += 1
        try:
            payload = super().store_answer(request)
        except SourceError as error:
            self._note_error(request, error)
            raise
        self._record_attempt(payload.request, STORED, to_utc_text(payload.request.fetched_at), payload.digest)
        return payload

    def parse_answer(self, payload: StoredPayload) -> ParsedPayload:
        """Raises SourceError; such an answer is asked for again by the next run, unless it says that there is nothing."""
        try:
            return super().parse_answer(payload)
        except SourceError as error:
            self._note_error(payload.request, error)
            raise

    def _kept_attempt(self, request: Request) -> Attempt | None:
        found = [
            one
            for one in self._attempts.attempts_for(*attempt_of(request).ledger_key)
            if one.outcome == STORED
            and one.covers_days(*requested_days(request))
            and self.store.has_payload(one.payload_sha256)
        ]
        return found[-1] if found else None

    def _note_error(self, request: Request, error: SourceError) -> None:
        outcome = EMPTY if isinstance(error, NoData | NotFound) else FAILED
        self._record_attempt(request, outcome, to_utc_text(self._clock()), message=f"{type(error).__name__}: {error}")

    def _record_attempt(self, request: Request, outcome: str, at: str, digest: str = "", message: str = "") -> None:
        attempt = replace(
            attempt_of(request),
            outcome=outcome,
            asked_at=at,
            payload_sha256=digest,
            url=request.url,
            run_id=self._run_id,
            message=message[:300],
        )
        self._attempts.record_attempts([attempt])
