"""What a format of bulk files is: its columns with their usual headers, and a function that shapes them into rows."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Literal

import pyarrow as pa

from sources.base import Rejected, Request
from warehouse.errors import FormatError, UsageError

Kind = Literal["text", "number", "count", "date", "flag", "ratio"]
MISSING = ("", "null", "NULL", "N/A", "NA", "--")
_DAY = re.compile(r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)")


@dataclass(frozen=True)
class Field:
    """A column of a format. `headers` are its usual names, compared without case and punctuation.

    `missing` are the texts of an empty cell: by default only the empty one for texts, the usual ones for the rest.
    `count` is a whole number (`is_rounded`: vendors give it with a fraction too), `flag` true or false, `ratio` a
    text such as 10:1, or a number. `is_session`: each date is a session that has been. `is_instant`: a date may be
    the instant of a publication, whose day is the one in New York; others name a session. `adjusted` are the headers
    of the same column in total-return prices, where a file has both.
    """

    name: str
    kind: Kind
    headers: tuple[str, ...]
    required: bool = False
    missing: tuple[str, ...] = ()
    is_session: bool = False
    adjusted: tuple[str, ...] = ()
    is_instant: bool = False
    none_marks: tuple[str, ...] = ()
    is_rounded: bool = False


@dataclass
class Context:
    """What a shape may know besides the columns; it collects notes and rejected rows.

    `decimal` and `date_forms` (by field) hold for the whole file; `taken` are sentences on what was taken for what.
    """

    request: Request
    format: Format
    preamble: str = ""
    header: Sequence[str] = ()
    decimal: str = "."
    date_forms: dict[str, str] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    rejected: list[Rejected] = field(default_factory=list)

    @property
    def file_label(self) -> str:
        """Folder and name, as messages name the file; also what symbol, day and universe may be read from."""
        return self.request.options.get("file") or self.request.url or self.request.source

    @property
    def file_stem(self) -> str:
        return PurePosixPath(self.file_label).stem

    @property
    def folder_name(self) -> str:
        return PurePosixPath(self.file_label).parent.name

    @property
    def dataset(self) -> str:
        return self.request.dataset

    @property
    def known_at(self) -> datetime:
        return self.request.fetched_at

    def option_value(self, name: str, default: str = "") -> str:
        return self.request.options.get(name) or default

    def format_error(self, text: str) -> FormatError:
        if not self.format.name:
            return FormatError(f"{self.file_label} cannot be imported: {text}")
        return FormatError(f"{self.file_label} is not a file of format {self.format.name}: {text}")

    def note_assumption(self, text: str) -> None:
        """Say what the file is taken for where it could be another."""
        if text not in self.taken:
            self.taken.append(text)

    def add_note(self, text: str, count: int) -> None:
        if count:
            self.notes[text] += count

    def reject_rows(self, table: pa.Table, reasons: Mapping[int, str]) -> pa.Table:
        """`table` without the rows (by position) that have a reason; those become rejected rows."""
        if not reasons:
            return table
        order = sorted(reasons)
        for index, row in zip(order, table.take(pa.array(order, pa.int64())).to_pylist(), strict=True):
            detail = {name: _brief_value(value) for name, value in row.items() if value is not None}
            text = json.dumps(detail, default=str, ensure_ascii=False)
            self.rejected.append(Rejected(self.dataset, text, reasons[index]))
        return table.filter(pa.array([index not in reasons for index in range(table.num_rows)], pa.bool_()))

    def day_in_file_name(self) -> date | None:
        """The day in the file's name, as in `IWM_2025-11-11.csv`; None where there is none."""
        match = _DAY.search(self.file_stem)
        try:
            return date(int(match[1]), int(match[2]), int(match[3])) if match else None
        except ValueError:
            return None


# What may be said of a file of any format, on how it is written.
READING_OPTIONS = ("encoding", "delimiter", "decimal", "sheet")

Shape = Callable[[pa.Table, Context], Mapping[str, pa.Table]]


@dataclass(frozen=True)
class Format:
    """A kind of file. `shape` gets the typed columns of one batch and returns tables by dataset.

    `options` are the names of `Request.options` that it understands. `takes_rest`: all other columns
    are numbers and keep their own header. `has_preamble`: lines may stand before the header and after
    the rows. `pattern` chooses the files of a folder or zip by name. `source` is the default name of
    the source; where it is empty, that is the file's folder and stem.
    `basis` is how prices are adjusted unless the request says otherwise; empty where it has to. `one_of` are groups of
    fields of which the file has at least one whole. `none_marks` are those of the columns of the rest; where the
    header of one begins with `rest_counts`, its numbers are whole. `join` makes one
    header of a file's first lines (lists of cells): how many lines, and the joined names; None where they are not of the
    format.
    """

    name: str
    description: str
    datasets: tuple[str, ...]
    fields: tuple[Field, ...]
    shape: Shape
    options: tuple[str, ...] = ()
    takes_rest: bool = False
    has_preamble: bool = False
    pattern: str = "*"
    source: str = ""
    basis: str = ""
    one_of: tuple[tuple[str, ...], ...] = ()
    none_marks: tuple[str, ...] = ()
    rest_counts: str = ""
    join: Callable[[Sequence[Sequence[str]]], tuple[int, list[str]] | None] | None = None


def normalise_header(header: str) -> str:
    """A header without case and punctuation: `<CLOSE>`, `Close` and `close ` are one."""
    return re.sub(r"[^a-z0-9%]", "", header.lower())


def dataset_of_format(one: Format, asked: str) -> str:
    """The dataset `asked`, or the only one that the format gives. Raises UsageError."""
    dataset = asked or (one.datasets[0] if len(one.datasets) == 1 else "")
    if dataset not in one.datasets:
        detail = f"{dataset!r} is no dataset of it" if dataset else "it needs --dataset"
        raise UsageError(f"format {one.name} gives {' or '.join(one.datasets)}: {detail}")
    return dataset


def _brief_value(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no word for it
    return value if not isinstance(value, str) or len(value) <= 200 else value[:200] + "..."
