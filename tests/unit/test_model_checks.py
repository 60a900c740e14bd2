"""What is refused when models are loaded, beside the form of their headers."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from reports.texts import texts_for_sql
from transforms.engine.checks import check_before_build
from transforms.engine.load import load_models
from transforms.engine.model import parse_model
from transforms.engine.tables import named_tables
from warehouse.errors import ModelError

HEADER = """/*
description: A table.
grain: x
materialized: table
columns:
  - {name: x, type: INTEGER, unit: "", description: "A number."}
*/
"""


def load(root: Path, sql: str, header: str = HEADER, stem: str = "mine") -> None:
    """Load a house of two models: `marts.closes`, and one of this header and SELECT."""
    (root / "marts").mkdir(exist_ok=True)
    (root / "marts" / "closes.sql").write_text(f"{HEADER}select 1 as x\n", encoding="utf-8")
    (root / "marts" / f"{stem}.sql").write_text(f"{header}{sql}\n", encoding="utf-8")
    load_models(root)


@pytest.mark.parametrize(
    "sql",
    [
        "select x from closes",
        "select x from Closes as c",
        'select x from "marts"."closes"',
        'select x from marts."closes"',
        "select x from out.marts.closes",
        "select a.x from marts.closes as a cross join closes",
        "select a.x from marts.closes as a, closes",
        "select a.x from marts.closes as a, mart.closes",
        "select a.x from unnest([1]) as a (x), closes",
        "select a.x from marts.closes as a join marts.closes as b on a.x in (b.x, 2), closes as c",
        "select x from (marts.closes as a join closes using (x))",
        "with a as (select x from closes) select x from a",
        "select (select max(x) from closes) as x",
        "select x from marts.closes where x in (select x from closes)",
        "select x from marts.closes union all from closes",
    ],
)
def test_a_table_without_its_schema_or_in_quotes_is_refused(tmp_path: Path, sql: str) -> None:
    message = r"marts.mine reads .*: write each table as schema.table, without quotes[,;] did you mean marts.closes\?"
    with pytest.raises(ModelError, match=message):
        load(tmp_path, sql)


def test_an_invariant_names_its_tables_too_and_a_file_is_no_table(tmp_path: Path) -> None:
    wrong = HEADER.replace("*/", "invariants:\n  - {description: None., sql: select * from closes}\n*/")
    with pytest.raises(ModelError, match="marts.mine reads closes"):
        load(tmp_path, "select x from marts.closes", wrong)
    with pytest.raises(ModelError, match="marts.mine reads a file"):
        load(tmp_path, "select x from 'closes.parquet'")


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("with a as (select 1), b (x, y) as materialized (select 1) select * from a join b on true", []),
        ("with recursive walk as (select 1 union all select * from walk) from walk", []),
        ("select * from unnest([1]) as t, range(5) as r where a is not distinct from b, c", []),
        ("select extract(year from day), trim(both from x), y from marts.a order by x, y", ["marts.a"]),
        ("select * from (values (1, 2), (3, 4)) as t (x, y), lateral (select x from marts.b) as l", ["marts.b"]),
        ("select * from ((select 1) union (select x from marts.a)), marts.b", ["marts.a", "marts.b"]),
        ('select x, "from" from marts . a as "a, b", marts.b', ["marts.a", "marts.b"]),
        ("select * from marts.a as a asof join marts.b as b on a.x >= b.x, marts.c", ["marts.a", "marts.b", "marts.c"]),
    ],
)
def test_tables_are_found_wherever_a_select_names_them(sql: str, tables: list[str]) -> None:
    assert [one.name for one in named_tables(sql)] == tables


@pytest.mark.parametrize("call", ["current_date", "now()", "today()", "Random ()", "current_timestamp", "uuid()"])
def test_what_differs_from_hour_to_hour_is_refused(tmp_path: Path, call: str) -> None:
    load(tmp_path, "select 'now()' as said, c.now, c.random(1) as today from marts.closes as c -- current_date")
    with pytest.raises(ModelError, match="marts.mine calls .*: the same facts give the same rows"):
        load(tmp_path, f"select {call} as x from marts.closes")


def test_two_formulas_of_one_method_id_are_refused(tmp_path: Path) -> None:
    method = "method: {id: one, version: 1, formula: %s, parameters: '', citation: '', oracle: '', deviations: ''}\n*/"
    (tmp_path / "marts").mkdir()
    (tmp_path / "marts" / "other.sql").write_text(HEADER.replace("*/", method % "a / b") + "select 1 as x")
    load(tmp_path, "select x from marts.closes", HEADER.replace("*/", method % "a / b"))
    with pytest.raises(ModelError, match="marts.mine and marts.other have two formulas of one method id, 'one'"):
        load(tmp_path, "select x from marts.closes", HEADER.replace("*/", method % "b / a"))


@pytest.mark.parametrize("name", ["Mine.sql", "my-table.sql", "mine.SQL", "2nd.sql", "mine copy.sql", ".sql"])
def test_a_file_that_is_no_name_of_a_table_is_refused(tmp_path: Path, name: str) -> None:
    load(tmp_path, "select x from marts.closes")
    (tmp_path / "marts" / name).write_text(HEADER + "select 1 as x")
    with pytest.raises(ModelError, match=f"{name}: a model's file is named in lower-case letters, digits and _"):
        load_models(tmp_path)


def with_evidence(text: str) -> str:
    return HEADER.replace("*/", f"evidence: {text}\n*/")


def rows_of(dataset: str, sql: str) -> str:
    return with_evidence(f"{{rows: [{{dataset: {dataset}, sql: {sql}}}]}}")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            with_evidence("{of: marts.close}"),
            r"evidence of marts.close, which is no model; did you mean marts.closes\?",
        ),
        (with_evidence("{of: marts.closes}"), "evidence of marts.closes, which has no rows of evidence itself"),
        (with_evidence("{of: marts.mine}"), "evidence of marts.mine, which has no rows of evidence itself"),
        (rows_of("index_barz", "select 1"), r"evidence: index_barz is no dataset; did you mean index_bars\?"),
        (
            rows_of("index_bars", "select $colunm"),
            r"evidence: \$colunm is no column of the table; did you mean column\?",
        ),
    ],
)
def test_evidence_that_nobody_could_follow_is_refused(tmp_path: Path, header: str, message: str) -> None:
    with pytest.raises(ModelError, match=f"marts.mine: {message}"):
        load(tmp_path, "select x from marts.closes", header)


def test_the_models_of_the_house_can_be_built() -> None:
    check_before_build(duckdb.connect(), load_models().values(), texts_for_sql())


@pytest.mark.parametrize("field", ["index_bars", "applied"])
def test_evidence_that_is_no_sql_is_refused(field: str) -> None:
    texts = {"index_bars": "select 1", "applied": "select 2", field: "selct 1"}
    rows = f"[{{dataset: index_bars, sql: {texts['index_bars']}}}]"
    model = parse_model(
        "marts", "mine", with_evidence(f"{{rows: {rows}, applied: {texts['applied']}}}") + "select 1 as x"
    )
    with pytest.raises(ModelError, match=f"marts.mine: evidence: {field}: Parser Error: syntax error"):
        check_before_build(duckdb.connect(), [model], {})
