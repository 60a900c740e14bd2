"""The workbook: a sheet for each report table, with heads in two languages, frozen panes and number formats."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import xlsxwriter

from reports import numerals
from reports.layout import BY_NAME, Shown
from reports.reading import BuildNote, Column, Row
from reports.texts import catalogue_in_language

_WIDTHS = {"VARCHAR": 24, "DATE": 12, "BOOLEAN": 9}
_LONGEST = 32_000
_SHEET_NAME = 31


def workbook_bytes(
    tables: Mapping[str, Sequence[Row]], columns: Mapping[str, Sequence[Column]], note: BuildNote, day: date
) -> bytes:
    """All columns of all `tables`, and a first sheet that says what they are of."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    # the instant of the build: the clock would make each copy another file
    built = note.built_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": f"Breadthwise {day}", "created": built})
    forms = _Forms(book)
    _write_about_sheet(book, forms, note, day)
    for name, rows in tables.items():
        # an older build may lack a table
        if columns[name]:
            _write_table_sheet(book, forms, name, rows, columns[name])
    book.close()
    return out.getvalue()


class _Forms:
    def __init__(self, book: Any) -> None:
        self.book = book
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1})
        self.text = book.add_format({"valign": "top"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._numbers: dict[str, Any] = {}

    def number_format(self, shown: Shown | None, is_whole: bool) -> Any:
        decimals = shown.decimals if shown and shown.decimals is not None else 0 if is_whole else 2
        form = _signed_form(decimals, "+" if shown and shown.is_signed else "")
        if form not in self._numbers:
            self._numbers[form] = self.book.add_format({"num_format": form})
        return self._numbers[form]


def _signed_form(decimals: int, plus: str) -> str:
    """Excel's format: `plus` or a minus, and neither before what rounds to zero (0.003, -0.003)."""
    tail = "." + "0" * decimals if decimals else ""
    least = f"0.{'0' * decimals}5"
    return f'[>={least}]{plus}#,##0{tail};[<=-{least}]{numerals.MINUS}#,##0{tail};"0{tail}"'


def _write_about_sheet(book: Any, forms: _Forms, note: BuildNote, day: date) -> None:
    sheet = book.add_worksheet("about")
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 60)
    lines = {
        "session_date": day.isoformat(),
        "build_id": note.build_id,
        "built_at": note.built_at.isoformat(),
        "as_of": note.as_of.isoformat() if note.as_of else "",
        "code_version": note.code_version,
        "lake_fingerprint": note.lake_fingerprint,
    }
    for place, (name, value) in enumerate(lines.items()):
        sheet.write_string(place, 0, name, forms.head)
        sheet.write_string(place, 1, value)


def _write_table_sheet(book: Any, forms: _Forms, name: str, rows: Sequence[Row], columns: Sequence[Column]) -> None:
    sheet = book.add_worksheet(name[:_SHEET_NAME])
    shown = {one.name: one for one in BY_NAME[name].columns}
    sheet.set_row(0, 48)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, _column_heading(column.name), forms.head)
        sheet.set_column(place, place, _WIDTHS.get(column.type, 13))
    for line, row in enumerate(rows, start=1):
        for place, column in enumerate(columns):
            _write_cell(sheet, line, place, row[column.name], forms, shown.get(column.name))
    first = next((place for place, one in enumerate(columns) if one.name.startswith(("label", "symbol"))), 1)
    sheet.freeze_panes(1, min(first + 1, 4))
    sheet.autofilter(0, 0, len(rows), len(columns) - 1)


def _column_heading(name: str) -> str:
    """English above Chinese above the column's name; the name alone where no catalogue has it."""
    stem = name.removesuffix("_en").removesuffix("_zh")
    english, chinese = (catalogue_in_language(language).get(f"columns.{stem}") for language in ("en", "zh"))
    return f"{english}\n{chinese}\n{name}" if english and chinese else name


def _write_cell(sheet: Any, line: int, place: int, value: Any, forms: _Forms, shown: Shown | None) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(line, place, value)
    elif isinstance(value, int | float):
        if value == value and abs(value) != float("inf"):
            sheet.write_number(line, place, value + 0, forms.number_format(shown, isinstance(value, int)))
    elif isinstance(value, datetime):
        sheet.write_string(line, place, value.isoformat())
    elif isinstance(value, date):
        sheet.write_datetime(line, place, datetime.combine(value, time()), forms.day)
    else:
        sheet.write_string(line, place, str(value)[:_LONGEST], forms.text)
