"""Report tables as the page shows them: columns without a value, heads printed once, counts with the names of indices."""

from __future__ import annotations

import re
from dataclasses import replace

from reports.layout import Shown, TableLayout
from reports.markup import figure_markup
from reports.reading import Column
from reports.tables import readable_comment, table_view
from transforms.engine.load import load_models

LAYOUT = TableLayout(
    "precedents",
    (
        Shown("label", "head"),
        Shown("symbol", "text"),
        Shown("universes", "text"),
        Shown("mean_pct", "number", 2, is_signed=True),
        Shown("median_pct", "number", 2),
    ),
)
COLUMNS = [
    Column(name, "VARCHAR", "") for name in ("label_en", "label_zh", "symbol", "universes", "mean_pct", "median_pct")
]


def row(label: str, mean: float | None, note: str | None = None) -> dict[str, object]:
    return {
        "label_en": label,
        "label_zh": "同上",
        "symbol": "X",
        "universes": "sp500 0, russell2000 12",
        "mean_pct": mean,
        "median_pct": None,
        "note_en": note,
        "note_zh": note,
    }


def test_a_column_without_a_value_is_left_out_and_a_repeated_head_printed_once() -> None:
    rows = [row("a", 1.5), row("a", None), row("a", -2.0, "few"), row("b", 0.0)]
    view = table_view(LAYOUT, list(enumerate(rows)), COLUMNS, "en")
    assert [head.column for head in view.heads] == ["label_en", "symbol", "universes", "mean_pct"]
    assert [one.kind for one in view.rows] == ["", "same", "", ""]
    assert [cell.text for cell in view.rows[2].cells] == ["a", "X", "S&P 500 0, Russell 2000 12", "\u22122.00"]
    assert not view.is_undefined


def test_a_fold_begins_with_its_head() -> None:
    view = table_view(LAYOUT, list(enumerate([row("a", 1.0)] * 20)), COLUMNS, "zh")
    assert (len(view.rows), len(view.folded)) == (16, 4)
    assert [one.kind for one in view.folded] == ["", "same", "same", "same"]


def test_a_table_of_names_alone_is_undefined() -> None:
    rows = [{**row("a", None), "universes": None}]
    view = table_view(LAYOUT, list(enumerate(rows)), COLUMNS, "en")
    assert view.is_undefined
    assert not view.is_empty


def test_a_dash_has_no_unit() -> None:
    assert str(figure_markup(None, "en", 2, "t|0|c", unit=" %")).endswith(">–</data>")
    assert str(figure_markup(1.0, "en", 2, "t|0|c", unit=" %")).endswith(">1.00</data> %")


def test_a_head_says_what_the_column_is_in_the_page_s_language_or_not_at_all() -> None:
    columns = [replace(column, comment="percent: Mean return after them.") for column in COLUMNS]
    rows = [(0, row("a", 1.5))]
    meanings = {
        language: {head.column: head.meaning for head in table_view(LAYOUT, rows, columns, language).heads}
        for language in ("en", "zh")
    }
    assert meanings["en"]["mean_pct"] == "Mean return after them (percent)"
    assert not any(re.search("[a-z]{3}", meaning) for meaning in meanings["zh"].values())


def test_a_comment_is_read_as_the_column_was_declared() -> None:
    columns = [column for model in load_models().values() if model.schema == "reports" for column in model.columns]
    assert len(columns) > 100
    for column in columns:
        wanted = f"{column.description.removesuffix('.')} ({column.unit})" if column.unit else column.description
        assert readable_comment(column.comment) == wanted
