"""What holds of every table of `reports`, by its header: place, languages, plain types, and names that say their horizon."""

from __future__ import annotations

import re

import pytest

from reports.texts import LANGUAGES, catalogue_in_language
from transforms.engine.load import load_models
from transforms.engine.model import Model

REPORTS = {name: model for name, model in load_models().items() if model.schema == "reports"}
# a rank, a change, a flow: without its window in the name nobody knows of what it is
WINDOWED = re.compile(r"^(return|rank|spread|cmf|flow|change|dispersion|rs)(_|$)")
WINDOW = re.compile(r"_(\d+d|wtd|mtd|qtd|ytd)(_|$)")
NO_WINDOW = {"change_points", "return_equal_weight_pct", "return_cap_weight_pct"}


@pytest.mark.parametrize("model", REPORTS.values(), ids=REPORTS)
def test_a_row_has_its_session_and_its_place(model: Model) -> None:
    names = [column.name for column in model.columns]
    assert names[:2] == ["session_date", "position"]


@pytest.mark.parametrize("model", REPORTS.values(), ids=REPORTS)
def test_a_text_stands_in_every_language_side_by_side(model: Model) -> None:
    names = [column.name for column in model.columns]
    for name in names:
        stem = re.sub(r"_(en|zh)$", "", name)
        assert stem not in ("note", "text", "events", "numbers", "reason", "definition", "label") or stem != name
        if stem != name:
            place = names.index(f"{stem}_en")
            assert names[place : place + len(LANGUAGES)] == [f"{stem}_{language}" for language in LANGUAGES]


@pytest.mark.parametrize("model", REPORTS.values(), ids=REPORTS)
def test_a_spreadsheet_can_hold_every_column(model: Model) -> None:
    plain = {"DATE", "TIME", "VARCHAR", "DOUBLE", "INTEGER", "BIGINT", "BOOLEAN"}
    assert {column.type for column in model.columns} <= plain


@pytest.mark.parametrize("model", REPORTS.values(), ids=REPORTS)
def test_what_is_measured_over_a_window_says_it_in_its_name(model: Model) -> None:
    measured = {c.name for c in model.columns if c.type in ("DOUBLE", "INTEGER") and WINDOWED.match(c.name)}
    assert {name for name in measured if not WINDOW.search(name)} - NO_WINDOW == set()


@pytest.mark.parametrize("model", REPORTS.values(), ids=REPORTS)
def test_every_column_has_a_head_in_every_language(model: Model) -> None:
    for language in LANGUAGES:
        heads = catalogue_in_language(language)
        stems = {re.sub(r"_(en|zh)$", "", column.name) for column in model.columns}
        assert sorted(stem for stem in stems if f"columns.{stem}" not in heads) == []
