"""A report table as the page shows it: heads, cells with class and value, and notes as numbered footnotes.

Why no library: a caption, row heads, values for sorting and the same bytes everywhere are what is wanted, and that is less code
than to mend them into what a library writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from reports import numerals
from reports.layout import WANTS, Shown, TableLayout, cell_value
from reports.markup import direction_of_value
from reports.reading import Column, Row
from reports.texts import catalogue_in_language

# columns whose values are keys, and where their texts stand
_KEYS = {
    "unit": "units",
    "rrg_weekly_14_quadrant": "names.quadrant",
    "index_id": "names.index",
    "status": "page.status",
}
# columns that only name the row: a table that has no others left shows nothing
_NAMES = ("label", "symbol")


@dataclass(frozen=True)
class Head:
    """The head of a column: its text, the column of the table, what it is in words ('' where the page's language has none), and
    its class.
    """

    text: str
    column: str
    meaning: str
    kind: str


@dataclass(frozen=True)
class Cell:
    """A cell: text as printed, raw value for sorting, class, the column that it is of, and its name in the layout."""

    text: str
    raw: str
    kind: str
    column: str
    name: str


@dataclass(frozen=True)
class TableRow:
    """`place` is the row's place among the session's rows; `marks` are the numbers of its footnotes."""

    place: int
    cells: tuple[Cell, ...]
    marks: tuple[int, ...] = ()
    kind: str = ""


@dataclass(frozen=True)
class TableView:
    """A table ready for the template, without the columns that no row has a value in. `folded` stand behind a fold.

    `is_empty` without rows, `is_undefined` where rows have nothing but their names.
    """

    name: str
    heads: tuple[Head, ...]
    rows: tuple[TableRow, ...]
    folded: tuple[TableRow, ...]
    notes: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not self.rows

    @property
    def is_undefined(self) -> bool:
        return bool(self.rows) and all(cell.name in _NAMES for cell in self.rows[0].cells)

    @property
    def lake_datasets(self) -> str:
        """The datasets of the lake that the table is made of."""
        return WANTS.get(self.name, "")


def table_view(
    table: TableLayout, rows: Sequence[tuple[int, Row]], columns: Sequence[Column], language: str
) -> TableView:
    """`rows` with their places, in the order shown."""
    existing = [one for one in (_existing_column(column, columns) for column in table.columns) if one is not None]
    shown = [one for one in existing if any(cell_value(row, one.name, language) is not None for _, row in rows)]
    notes: dict[str, int] = {}
    made = [_table_row(place, row, shown, notes, language) for place, row in rows]
    is_folding = len(made) > table.unfolded + 3
    cut = table.unfolded if is_folding else len(made)
    heads = _column_heads(table.name, shown, columns, language)
    return TableView(table.name, heads, _mark_repeated_rows(made[:cut]), _mark_repeated_rows(made[cut:]), tuple(notes))


def _mark_repeated_rows(rows: Sequence[TableRow]) -> tuple[TableRow, ...]:
    """Rows with the same head and footnotes as the one above are of kind `same`: printed once, as in a newspaper."""
    above = [None, *rows]
    return tuple(
        replace(row, kind="same")
        if before and not row.kind and (row.cells[0].text, row.marks) == (before.cells[0].text, before.marks)
        else row
        for before, row in zip(above, rows, strict=False)
    )


def _existing_column(shown: Shown, columns: Sequence[Column]) -> Shown | None:
    """The column, where the build has it."""
    names = {column.name for column in columns}
    return shown if {shown.name, f"{shown.name}_en"} & names else None


def _column_heads(table: str, shown: Sequence[Shown], columns: Sequence[Column], language: str) -> tuple[Head, ...]:
    texts = catalogue_in_language(language)
    by_name = {column.name: column for column in columns}
    heads = []
    for one in shown:
        column = by_name.get(one.name) or by_name[f"{one.name}_{language}"]
        label = (
            texts.get(f"heads.{table}.{one.name}")
            or texts.get(f"heads.{one.name}")
            or texts.get(f"columns.{one.name}")
            or one.name
        )
        # descriptions are English; another language has the long name of the column at most
        long_name = texts.get(f"columns.{one.name}", "")
        meaning = readable_comment(column.comment) if language == "en" else long_name if long_name != label else ""
        heads.append(Head(label, column.name, meaning, "num" if one.kind == "number" else one.kind))
    return tuple(heads)


def readable_comment(comment: str) -> str:
    """A column's comment, 'unit: Description.' or the description alone, as a reader would say it: 'Description (unit)'."""
    unit, colon, description = comment.partition(": ")
    # a unit begins small or is one in capitals, a description is a sentence
    if not colon or not (unit[:1].islower() or unit.isupper()):
        return comment
    return f"{description.removesuffix('.')} ({unit})"


def _table_row(place: int, row: Row, shown: Sequence[Shown], notes: dict[str, int], language: str) -> TableRow:
    # where the note is what a row is for, it is a column
    note = None if any(one.name == "note" for one in shown) else cell_value(row, "note", language)
    marks = (notes.setdefault(note, len(notes) + 1),) if note else ()
    kind = "benchmark" if row.get("is_benchmark") or row.get("cap_band") == "all" else ""
    return TableRow(place, tuple(_table_cell(row, one, language) for one in shown), marks, kind)


def _table_cell(row: Row, shown: Shown, language: str) -> Cell:
    found = cell_value(row, shown.name, language)
    column = shown.name if shown.name in row else f"{shown.name}_{language}"
    if shown.kind == "number":
        kind = f"num {direction_of_value(found)}" if shown.is_signed else "num"
        text = numerals.format_number(found, language, shown.decimals or 0, is_signed=shown.is_signed)
        return Cell(
            text, "" if found is None else repr(numerals.to_json_value(found)), kind.strip(), column, shown.name
        )
    return Cell(_cell_words(found, shown, language), _raw_value(found), shown.kind, column, shown.name)


def _cell_words(found: Any, shown: Shown, language: str) -> str:
    if found is None:
        return numerals.NOTHING
    if shown.kind == "flag":
        return catalogue_in_language(language)["page.yes"] if found else catalogue_in_language(language)["page.no"]
    if isinstance(found, date):
        return numerals.format_day(found, language, "medium")
    if shown.name == "universes":
        return _member_counts(str(found), language)
    subject = _KEYS.get(shown.name)
    return catalogue_in_language(language).get(f"{subject}.{found}", str(found)) if subject else str(found)


def _member_counts(counts: str, language: str) -> str:
    """'sp500 0, russell2000 1' with the names of the indices."""
    texts = catalogue_in_language(language)
    return ", ".join(
        f"{texts.get('names.members.' + name, name)} {count}"
        for name, _, count in (one.partition(" ") for one in counts.split(", "))
    )


def _raw_value(found: Any) -> str:
    return "" if found is None else str(numerals.to_json_value(found))
