"""Whether an answer is of what was asked, is whole, and still has the fields that it always had: else it is refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sources.parsing.values import quote_value
from warehouse.errors import ChangedShape, MalformedAnswer

# a likely cause of an answer about another symbol than the one asked
IS_RENAMED = "has the symbol been changed?"

_MOST_ROWS = 10**9


def require_fields(entries: Iterable[Any], names: Sequence[str], what: str, noun: str = "entry") -> None:
    """Raise ChangedShape that names the fields which not one entry has.

    A field that a vendor always writes, if only as null, and that all entries lack has been renamed: read as null, it
    would be missing for good, and nobody would know. An entry that alone lacks it is a matter of its row.
    """
    given: set[str] = set()
    for entry in entries:
        if isinstance(entry, dict):
            given.update(entry)
    absent = [name for name in names if name not in given]
    if absent:
        raise ChangedShape(f"{what}: no {noun} has {', '.join(absent)}; the API has changed")


def refuse_other_subject(asked: str | None, answered: str, what: str, question: str) -> None:
    """Raise MalformedAnswer where the answer names another subject than the one asked; where none was asked, any will do.

    `question` is the likely cause for a subject of this kind, as a question.
    """
    if asked is not None and asked != answered:
        raise MalformedAnswer(
            f"{what}: {quote_value(asked)} was asked and the answer is about {quote_value(answered)}; {question}"
        )


def count_lacking(read: int, total: Any) -> int:
    """How many rows more than came the answer itself counts, in figures or as a text; 0 where it counts none."""
    if isinstance(total, str) and total.isdecimal() and total.isascii() and len(total) < 10:
        total = int(total)
    is_count = isinstance(total, int) and not isinstance(total, bool)
    return max(0, min(total, _MOST_ROWS) - read) if is_count else 0


def refuse_part(read: int, total: Any, what: str) -> None:
    """Raise MalformedAnswer where the answer itself counts more rows than came: a part must not pass for the whole."""
    if count_lacking(read, total):
        raise MalformedAnswer(
            f"{what}: {read} rows came where the answer counts {quote_value(total)}; download it again"
        )


def require_last_line_end(payload: bytes, what: str) -> None:
    """Raise MalformedAnswer where a table's last line has no end: `4.5` may be what is left of `4.57`."""
    if payload[-1:] not in (b"\n", b"\r"):
        raise MalformedAnswer(f"{what}: the last line has no end, so its last value may be cut off; download it again")
