"""Headers of models: what is read from them, and how each mistake in one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from transforms.engine.load import load_models
from transforms.engine.model import parse_model
from warehouse.errors import ModelError

HEADER = """/*
description: What it is,
  in two lines.
grain: day
materialized: table
columns:
  - {name: day, type: DATE, unit: "", description: "The day."}
  - {name: close, type: DOUBLE, unit: USD, description: "Last price."}
invariants:
  - description: No price is negative.
    sql: select * from marts.prices where close < 0;
method:
  id: prices
  version: 2
  formula: as given
  parameters: ""
  citation: ""
  oracle: none
  deviations: ""
*/
select 1;
"""


def test_a_header_gives_the_model() -> None:
    model = parse_model("marts", "prices", HEADER)
    assert (model.name, model.description, model.grain) == ("marts.prices", "What it is, in two lines.", "day")
    assert (model.is_view, model.is_published, model.sql) == (False, True, "select 1")
    assert [column.comment for column in model.columns] == ["The day.", "USD: Last price."]
    assert [column.type for column in model.columns] == ["DATE", "DOUBLE"]
    assert model.invariants[0].sql == "select * from marts.prices where close < 0"
    assert (model.methods[0].id, model.methods[0].version, model.methods[0].oracle) == ("prices", 2, "none")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("/*", "", "marts/prices.sql: no header"),
        ("grain: day", "grain: [", "marts/prices.sql: the header is not valid YAML"),
        ("grain: day", "grain: ''", "`grain` is missing or no text: ''"),
        ("grain: day", "grains: day", "unknown header field 'grains'"),
        ("materialized: table", "materialized: cube", "materialized is 'cube'; write table or view"),
        ("materialized: table", "materialized: view", "a view would read tables that are not published"),
        ("materialized: table", "materialized: table\npublish: false", "models of marts and reports are published"),
        ("grain: day", "grain: day\nin_order: kept", "in_order is 'kept'; write true or false"),
        (", unit: USD", "", "should have name, type, unit and description"),
        ("unit: USD", "unit: 1", "column close: unit is 1"),
        ("name: close", "name: day", "column day is declared twice"),
        ("  - description: No price", "    - description: No price", "the header is not valid YAML"),
        ("version: 2", "version: two", "method prices: version is 'two'; write a whole number"),
        ("  oracle: none\n", "", "a method has exactly the fields"),
        ("select 1;", "", "no SELECT after the header"),
        ("select 1;", ";", "no SELECT after the header"),
        ("select 1;", "select 1; select 2;", "marts/prices.sql: more than one statement; write one SELECT"),
        ("select 1;", "select 1;; -- it\n;drop table x", "marts/prices.sql: more than one statement; write one SELECT"),
        ("close < 0;", "close < 0; select 1", "marts/prices.sql: sql: more than one statement; write one SELECT"),
    ],
)
def test_a_wrong_header_is_named(old: str, new: str, message: str) -> None:
    assert HEADER.count(old) >= 1
    with pytest.raises(ModelError) as caught:
        parse_model("marts", "prices", HEADER.replace(old, new, 1))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("end", ["", ";", ";;\n;", "; -- it is; done", " -- ;", ";\n/* ; */"])
def test_a_semicolon_at_the_end_or_in_a_text_is_no_second_statement(end: str) -> None:
    sql = """select ';' as "a;b" """
    found = parse_model("marts", "prices", HEADER.replace("select 1;", sql + end)).sql
    assert found == (sql + end if end == " -- ;" else sql).strip()


def test_models_are_found_in_their_folders(tmp_path: Path) -> None:
    (tmp_path / "marts").mkdir()
    (tmp_path / "marts" / "prices.sql").write_text(HEADER, encoding="utf-8")
    (tmp_path / "marts" / "notes.txt").write_text("no model", encoding="utf-8")
    assert list(load_models(tmp_path)) == ["marts.prices"]


def test_a_file_is_utf_8_with_or_without_its_mark(tmp_path: Path) -> None:
    (tmp_path / "marts").mkdir()
    file = tmp_path / "marts" / "prices.sql"
    file.write_bytes(HEADER.encode("utf-8-sig"))
    assert load_models(tmp_path)["marts.prices"] == parse_model("marts", "prices", HEADER)
    for encoding in ("latin-1", "utf-16"):
        file.write_bytes(HEADER.replace("The day.", "Le jour, à New York.").encode(encoding))
        line = 7 if encoding == "latin-1" else 1
        with pytest.raises(ModelError, match=f"marts/prices.sql: line {line} is not UTF-8; save the file as UTF-8"):
            load_models(tmp_path)


def test_the_house_has_its_models_and_no_method_twice() -> None:
    models = load_models()
    assert {"marts.index_returns", "marts.breadth_daily", "reports.headline_indices"} <= models.keys()
    ids = [(method.id, method.version) for model in models.values() for method in model.methods]
    assert len(ids) == len(set(ids))
