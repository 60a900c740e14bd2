"""Where Great Expectations and the SQL say different things about one rule: which rows, and both verdicts in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np


def _no_rows() -> np.ndarray:
    return np.empty(0, np.int64)


@dataclass(frozen=True)
class Dispute:
    """One rule of a batch: the rows (numbers, sorted) that only Great Expectations finds bad, and those that only the SQL
    does. `note` is of a rule about days or payloads, which names no rows, or of one that could not be run."""

    dataset: str
    rule: str
    only_suite: np.ndarray = field(default_factory=_no_rows)
    only_sql: np.ndarray = field(default_factory=_no_rows)
    note: str = ""

    def verdicts_by_side(self) -> Iterator[tuple[np.ndarray, str]]:
        """The rows of each side with what is said of them."""
        yield self.only_suite, f"{self.rule}: Great Expectations refuses the row, the SQL accepts it"
        yield self.only_sql, f"{self.rule}: Great Expectations accepts the row, the SQL refuses it"

    def __str__(self) -> str:
        rows = len(self.only_suite) + len(self.only_sql)
        what = self.note or f"{rows} rows, {len(self.only_suite)} bad only by the former"
        return (
            f"{self.dataset}: rule {self.rule}: Great Expectations and the SQL disagree ({what}): this is a fault of "
            "Breadthwise, please report it with the payload; rows in dispute are in quarantine, the rest is committed"
        )
