"""A claims file: one claim a row, as CSV, with the number as it was written, since its digits are its tolerance."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reports.factcheck import hedges
from reports.factcheck.directions import signed_value
from warehouse.errors import UsageError

COLUMNS = (
    *("claim_id", "statement", "kind", "entity", "metric", "session_date", "value", "unit", "other_entity", "note"),
)
_NEEDED = ("claim_id", "kind", "entity", "metric", "session_date")
KINDS = ("number", "rank", "count", "band", "rating", "event", "forecast", "unplaced")
UNITS = (
    "pct",
    "pp",
    "points",
    "usd",
    "rank",
    "score",
    "count",
    "share",
    "stocks",
    "shares",
    "sessions",
    "date",
    "band",
    "ratio",
    "",
)
# no figure has more digits, and Python reads no whole number of thousands of them
_DIGITS = 30
_NUMBER = re.compile(rf"[+-]?\d{{1,{_DIGITS}}}(\.\d{{1,{_DIGITS}}})?")
# Zeros at the end of a whole number of this size are no digits.
_LARGE = 1_000
# Kinds of number that are set, not measured: a price target of 1000 USD is no rounded one.
_EXACT_KINDS = ("rating",)


@dataclass(frozen=True)
class Claim:
    """One claim; `value` is its number as written, '' where it has none, `number` the same with the statement's sign."""

    claim_id: str
    statement: str
    kind: str
    entity: str
    metric: str
    session: date
    value: str
    unit: str
    other_entity: str = ""
    note: str = ""

    @property
    def number(self) -> float | None:
        return float(self._signed_value) if self.value else None

    @property
    def _signed_value(self) -> str:
        return signed_value(self.statement, self.value, self.metric, self.entity, self.other_entity)

    @property
    def is_vague(self) -> bool:
        """The statement says nearly, about or the like of the number."""
        return hedges.is_vague(self.statement, self.value)

    @property
    def stated_bound(self) -> hedges.Bound | None:
        """The bound where the statement gives the number as one, such as more than 7 %."""
        return hedges.bound_in_statement(self.statement, self._signed_value)

    @property
    def is_denied(self) -> bool:
        """The statement says that it is not so."""
        return hedges.is_denied(self.statement, self.value)

    @property
    def half_unit(self) -> float:
        """Half a unit of the last digit given, in the claim's unit; 0.5 for small whole numbers. For 'nearly' at least a tenth of
        the number, up to 0.5.

        The zeros at the end of a large whole number are no digits: 49100 is +- 50, 3400000000 is 3.4 billion +- 0.05.
        """
        half = 0.5
        whole, _, decimals = self.value.lstrip("+-").partition(".")
        if decimals:
            half = float(f"0.5e-{len(decimals)}")
        elif whole and int(whole) >= _LARGE and self.kind not in _EXACT_KINDS:
            half = float(f"0.5e{len(whole) - len(whole.rstrip('0'))}")
        is_widened = self.is_vague and self.unit not in ("share", "ratio")
        return max(half, min(0.5, abs(self.number or 0.0) / 10)) if is_widened else half


def read_text(path: Path, what: str) -> str:
    """A file of UTF-8 text. Raises UsageError where it cannot be read or is none."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}; name a file with the {what}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text (byte {error.start}); save the {what} in UTF-8") from error


def read_claims(path: Path) -> list[Claim]:
    """The claims of a file in its order. Raises UsageError that names the line, the value and what was expected."""
    text = read_text(path, "CSV")
    reader = csv.DictReader(io.StringIO(text))
    names = [name.strip() for name in reader.fieldnames or []]
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise UsageError(f"{path}: no column {missing[0]}; a claims file has {', '.join(COLUMNS)}")
    claims: list[Claim] = []
    for row in reader:
        cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
        if any(cells.values()):
            claims.append(claim_from_cells(cells, f"{path} line {reader.line_num}"))
    doubled = sorted({c.claim_id for c in claims if sum(d.claim_id == c.claim_id for d in claims) > 1})
    if doubled:
        raise UsageError(f"{path}: claim_id {doubled[0]} stands twice; each claim has an id of its own")
    if not claims:
        raise UsageError(f"{path} holds no claim; a claims file has a row a claim under {', '.join(COLUMNS)}")
    return claims


def claim_from_cells(cells: dict[str, str], where: str) -> Claim:
    """The claim of a row of cells, all of COLUMNS. Raises UsageError that begins with `where`."""
    for name in _NEEDED:
        if not cells[name] and not (cells["kind"] == "unplaced" and name in ("entity", "metric")):
            raise UsageError(f"{where}: {name} is empty")
    if cells["kind"] not in KINDS:
        raise UsageError(f"{where}: kind is {cells['kind']!r}; choose from {', '.join(KINDS)}")
    if cells["unit"] not in UNITS:
        raise UsageError(f"{where}: unit is {cells['unit']!r}; choose from {', '.join(UNITS[:-1])}, or nothing")
    try:
        session = date.fromisoformat(cells["session_date"])
    except ValueError:
        raise UsageError(f"{where}: session_date is {cells['session_date']!r}; write it as 2026-01-23") from None
    value = cells["value"].replace("\u2212", "-")
    if value and not _NUMBER.fullmatch(value):
        raise UsageError(
            f"{where}: value is {value[:60]!r}; write a plain number with its digits as published, such as 8.2, "
            f"at most {_DIGITS} before the point and {_DIGITS} after it"
        )
    if cells["kind"] == "number" and not value:
        raise UsageError(f"{where}: a claim of kind number needs a value")
    return Claim(
        claim_id=cells["claim_id"],
        statement=cells["statement"],
        kind=cells["kind"],
        entity=cells["entity"],
        metric=cells["metric"],
        session=session,
        value=value,
        unit=cells["unit"],
        other_entity=cells["other_entity"],
        note=cells["note"],
    )
