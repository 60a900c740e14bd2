"""What became of the rows of an ingestion: one account per batch and dataset, and all that did not come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from expectations.check import Finding, LimitExceeded
from expectations.disputes import Dispute
from expectations.misdated import OPEN_SATURDAYS
from expectations.suite import Validated
from sources.base import Request
from warehouse.controls import printable_text
from warehouse.errors import BreadthwiseError


@dataclass(frozen=True)
class Account:
    """Rows of one batch and dataset: fetched == accepted (new facts) + known + quarantined.

    `payload_sha256` is '' where a batch holds several payloads; `message` then says how many. `behind` of the rows lie
    behind a newer fact or a withdrawal; `withdrawn` of the known ones are left out, for they were withdrawn by hand.
    `provisional` bars, the newest of `provisional_date`, were known before their session had closed. `saturdays` of the
    quarantined rows, of payloads that are not stopped, lie on OPEN_SATURDAYS.
    """

    dataset: str
    source: str
    payload_sha256: str
    fetched: int
    accepted: int
    known: int
    quarantined: int
    warnings: int = 0
    message: str = ""
    behind: int = 0
    withdrawn: int = 0
    provisional: int = 0
    provisional_date: date | None = None
    saturdays: int = 0


@dataclass(frozen=True)
class Failure:
    """A payload that could not be had or is not what it should be. None of its rows is kept."""

    request: Request
    error: BreadthwiseError

    @property
    def name(self) -> str:
        request = self.request
        parts = (request.options.get("file"), request.symbol, request.series, request.session and str(request.session))
        return " ".join([request.source, *(part for part in parts if part and part != request.source)])

    @property
    def message(self) -> str:
        """What failed and why; a user's file is named once."""
        text, file = str(self.error), self.request.options.get("file", "")
        return printable_text(text if file and file in text else f"{file or self.name}: {text}")

    def __str__(self) -> str:
        is_file = "file" in self.request.options
        return self.message if is_file else f"{self.request.dataset}: {self.message}"


def lines_of_notes(notes: Mapping[str, int]) -> list[str]:
    """A line for each note of a parse; which columns were not read is said of the file."""
    return [f"note: {text}: {count:,}" for text, count in notes.items() if not text.startswith("columns not")]


@dataclass
class IngestReport:
    """What came of an ingestion; `notes` count what a format does not take for rows."""

    accounts: list[Account] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    stopped: list[LimitExceeded] = field(default_factory=list)
    taken_in_part: list[LimitExceeded] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    validated: list[Validated] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)

    def total_rows(self, what: str, dataset: str | None = None) -> int:
        """Sum of fetched, accepted, known or quarantined, of one dataset or of all."""
        return sum(getattr(account, what) for account in self.accounts if dataset in (None, account.dataset))

    def note_lines(self) -> list[str]:
        """What was not taken for rows, a line for each reason."""
        return lines_of_notes(self.notes)

    @property
    def datasets(self) -> list[str]:
        return sorted({account.dataset for account in self.accounts})

    @property
    def gaps(self) -> Sequence[str]:
        """What did not come, or is in dispute, a line each."""
        return [str(item) for item in (*self.failures, *self.stopped, *self.taken_in_part, *self.disputes)]

    @property
    def exit_code(self) -> int:
        """0: all came; 3: some did; 1: nothing did."""
        if not self.gaps:
            return 0
        return 3 if self.total_rows("accepted") + self.total_rows("known") else 1

    def summary_lines(self) -> list[str]:
        """One line per dataset, and what of its rows does not count."""
        lines = []
        for name in self.datasets:
            lines.append(
                f"{name}: {self.total_rows('fetched', name)} rows = {self.total_rows('accepted', name)} new "
                f"+ {self.total_rows('known', name)} known + {self.total_rows('quarantined', name)} quarantined"
            )
            lines += self._rows_without_effect(name)
            if provisional := self.total_rows("provisional", name):
                days = [one.provisional_date for one in self.accounts if one.dataset == name and one.provisional_date]
                lines.append(provisional_line(name, provisional, max(days)))
            if saturdays := self.total_rows("saturdays", name):
                lines.append(saturdays_line(name, saturdays))
        return lines

    @property
    def without_effect(self) -> list[str]:
        """Rows that were taken, or are known, and do not count in what is built for today."""
        return [line for name in self.datasets for line in self._rows_without_effect(name)]

    def _rows_without_effect(self, name: str) -> Iterator[str]:
        if behind := self.total_rows("behind", name):
            yield (
                f"{name}: {behind} of these lie behind a newer fact or a withdrawal and do not count in what is built for today"
            )
        if withdrawn := self.total_rows("withdrawn", name):
            yield f"{name}: {withdrawn} of the known rows say again what was withdrawn, and are left out"


def provisional_line(dataset: str, bars: int, newest: date) -> str:
    """What is said of bars that were known too early to be final."""
    if bars == 1:
        what, session, them = "1 bar is", f"its session, {newest}", "it"
    else:
        what, session, them = f"{bars:,} bars are", f"their sessions, the newest {newest}", "them"
    margin = "(`close_margin_minutes` included)"
    return f"{dataset}: {what} provisional: known before the close of {session} {margin}; no figure uses {them}"


def saturdays_line(dataset: str, rows: int) -> str:
    """What is said of refused rows on days that were sessions once."""
    return f"{dataset}: {rows:,} of the quarantined rows: {OPEN_SATURDAYS}"
