"""Rows counted by payload: how many came, were refused, said the same again, or are held back with their payload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from expectations.misdated import OPEN_SATURDAYS

EVIDENCE_LIMIT = 10_000  # refused rows of one stopped payload that quarantine shows; the payload itself is kept whole


@dataclass(frozen=True)
class LimitExceeded:
    """A payload of which a larger share of rows was refused than the limit: nothing of it is accepted for this dataset, or,
    where the refused rows are few, all but them (`is_stopped`).

    `rules` counts the refused rows by the rule that they are named after. `payload_sha256` is '' where nothing is stored, so that
    no quarantine has the rows. `saturdays` of the refused rows lie on OPEN_SATURDAYS.
    """

    dataset: str
    payload_sha256: str
    source: str
    rows: int
    refused: int
    limit: float
    rules: Mapping[str, int]
    is_stopped: bool = True
    saturdays: int = 0

    def __str__(self) -> str:
        worst = ", ".join(f"{name} {count}" for name, count in self.rules.items())
        refused = f"{self.refused} of {self.rows} rows ({self.refused / self.rows:.1%}) are refused ({worst})"
        look = "look at them with `breadthwise quarantine list`" if self.payload_sha256 else ""
        if not self.is_stopped:
            return f"{self.dataset} from {self.source} is taken in part: {refused}{look and '; '}{look}"
        look = f"{look} (payload {self.payload_sha256[:12]}), " if look else ""
        stopped = f"{self.dataset} from {self.source} is stopped: {refused}, the limit is {self.limit:.1%}; {look}"
        if self.saturdays:
            stopped += f"{self.saturdays} of them: {OPEN_SATURDAYS}; import the file without them"
            if self._rest_is_below_limit():
                return stopped
            stopped += "; for the others "
        return f"{stopped}mend the file if it is one of yours, or raise refused_share_limit.{self.dataset} in breadthwise.toml"

    def _rest_is_below_limit(self) -> bool:
        """Whether the file without its old Saturdays would be taken."""
        rest = self.rows - self.saturdays
        return rest > 0 and (self.refused - self.saturdays) / rest <= self.limit


@dataclass(frozen=True)
class Counts:
    """Rows of one payload: fetched == accepted + repeated + refused + held_back.

    What repeats a refused row is refused with it, and nothing of a stopped payload counts as repeated.
    """

    fetched: int = 0
    accepted: int = 0
    repeated: int = 0
    refused: int = 0
    held_back: int = 0


class Payloads:
    """The payloads of a batch; `codes` gives each row's payload as a position in `digests`.

    `unreadable` counts rows that a parser could not write in the dataset's types: refused before they were rows.
    `holes` of these hold no values at all: sessions that the vendor lost, which do not count against the payload.
    `sources` say where a payload is from of which no row could be read.
    """

    def __init__(
        self,
        table: pa.Table,
        unreadable: Mapping[str, int],
        holes: Mapping[str, int] | None = None,
        sources: Mapping[str, str] | None = None,
    ) -> None:
        encoded = pc.dictionary_encode(table["payload_sha256"].combine_chunks())
        self.digests: list[str] = encoded.dictionary.to_pylist()
        self.codes = encoded.indices.fill_null(len(self.digests)).to_numpy(zero_copy_only=False)
        firsts = np.unique(self.codes, return_index=True)[1].tolist()
        self.sources = [table["source"][first].as_py() for first in firsts]
        for digest in unreadable:
            if digest not in self.digests:
                self.digests.append(digest)
                self.sources.append((sources or {}).get(digest, ""))
        self.unreadable = np.array([unreadable.get(digest, 0) for digest in self.digests], np.int64)
        self.holes = np.array([(holes or {}).get(digest, 0) for digest in self.digests], np.int64)
        self.rows = self._count_by_payload(np.arange(table.num_rows)) + self.unreadable

    def rows_of(self, table: pa.Table, code: int) -> pa.Table:
        """The rows of one payload of the batch."""
        return table.take(pa.array(np.flatnonzero(self.codes == code)))

    def payloads_over_limit(self, refused: np.ndarray, limit: float, allowed: int) -> tuple[list[int], list[int]]:
        """The payloads (codes) of which more than `limit` of the rows are among `refused`: those to be stopped, and those
        where it is at most `allowed` rows and less than half of them. A limit of 0 allows none."""
        bad = self._count_by_payload(refused) + self.unreadable - self.holes
        is_over = bad / np.maximum(self.rows, 1) > limit
        is_small = (bad <= allowed) & (2 * bad < self.rows) & (limit > 0)
        return np.flatnonzero(is_over & ~is_small).tolist(), np.flatnonzero(is_over & is_small).tolist()

    def evidence_rows(self, refused: np.ndarray, stopped: list[int]) -> np.ndarray:
        """The refused rows that quarantine shows: all of them, but at most EVIDENCE_LIMIT of a stopped payload."""
        shown = refused
        for code in stopped:
            of_payload = self.codes[shown] == code
            excess = shown[of_payload][EVIDENCE_LIMIT:]
            shown = np.setdiff1d(shown, excess, assume_unique=True)
        return shown

    def counts_by_payload(self, refused: np.ndarray, repeated: np.ndarray, stopped: list[int]) -> dict[str, Counts]:
        bad, again = self._count_by_payload(refused) + self.unreadable, self._count_by_payload(repeated)
        result = {}
        for code, digest in enumerate(self.digests):
            good, is_stopped = int(self.rows[code] - bad[code]), code in stopped
            result[digest] = Counts(
                fetched=int(self.rows[code]),
                accepted=0 if is_stopped else good - int(again[code]),
                repeated=0 if is_stopped else int(again[code]),
                refused=int(bad[code]),
                held_back=good if is_stopped else 0,
            )
        return result

    def _count_by_payload(self, rows: np.ndarray) -> np.ndarray:
        return np.bincount(self.codes[rows], minlength=len(self.digests))
