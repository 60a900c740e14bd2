"""The order of models comes from what they read."""

from __future__ import annotations

import pytest

from transforms.engine import graph
from transforms.engine.checks import check_models
from transforms.engine.graph import build_order, parameter_names, referenced_tables
from transforms.engine.load import load_models
from transforms.engine.model import LAYERS, Model, ModelColumn
from transforms.engine.tables import Named, named_tables
from warehouse.errors import ModelError

SCHEMAS = {"lake", *LAYERS}


def model(name: str, sql: str, **changes: object) -> Model:
    schema, stem = name.split(".")
    columns = (ModelColumn("x", "INTEGER", "", "A number."),)
    fields = {"description": "d", "grain": "g", "is_view": False, "is_published": schema in ("marts", "reports")}
    rest = {"columns": columns, "invariants": (), "methods": (), **fields, **changes}
    return Model(schema=schema, stem=stem, sql=sql, **rest)  # type: ignore[arg-type]  # changes are a test's own


def order(*models: Model) -> list[str]:
    return [m.name for m in build_order({m.name: m for m in models}, ["bars"])]


def test_references_are_found_in_from_and_join_and_nowhere_else() -> None:
    sql = """
    -- from marts.commented
    with a as (select m.x, 'from marts.quoted' as t from intermediate.first as m), /* join marts.hidden */
    b as (select x from lake.bars, staging.second where exists (select 1 from marts.third))
    select a.x from a asof left join reports.fourth as r on a.x >= r.x and a.y is not distinct from r.y
    anti join marts.fifth using (x)
    cross join a as marts
    """
    assert referenced_tables(sql, SCHEMAS) == {
        "intermediate.first",
        "lake.bars",
        "staging.second",
        "marts.third",
        "reports.fourth",
        "marts.fifth",
    }


def test_after_a_comma_only_a_known_schema_is_one() -> None:
    assert referenced_tables("select x from lake.bars as b, b.items, marts.b", SCHEMAS) == {"lake.bars", "marts.b"}
    assert referenced_tables("select x from mart.a", SCHEMAS) == {"mart.a"}


def test_the_text_of_a_model_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def noted(text: str) -> list[Named]:
        read.append(text)
        return named_tables(text)

    monkeypatch.setattr(graph, "named_tables", noted)
    models = {m.name: m for m in [model("marts.b", "select x from lake.bars where x > $read_once")]}
    check_models(models)
    assert referenced_tables(models["marts.b"].sql, SCHEMAS) == {"lake.bars"}
    assert parameter_names(models["marts.b"].sql) == {"read_once"}
    assert [m.name for m in build_order(models, ["bars"])] == ["marts.b"]
    assert len(read) == 1


def test_parameters_are_found_outside_comments_and_strings() -> None:
    assert parameter_names("select $gate, '$quoted' -- $commented\nfrom a where x > $gate * $other") == {
        "gate",
        "other",
    }


def test_a_model_comes_after_what_it_reads() -> None:
    names = order(
        model("reports.a", "select x from marts.b"),
        model("marts.b", "select x from intermediate.c"),
        model("intermediate.c", "select x from lake.bars"),
    )
    assert names == ["intermediate.c", "marts.b", "reports.a"]


def test_an_unknown_reference_is_named() -> None:
    with pytest.raises(ModelError, match="marts.b reads intermediate.typo, which is no model"):
        order(model("marts.b", "select x from intermediate.typo"))
    with pytest.raises(ModelError, match="marts.b reads lake.barz"):
        order(model("marts.b", "select x from lake.barz"))
    with pytest.raises(ModelError, match="marts.b reads mart.a"):
        order(model("marts.b", "select x from mart.a"))


def test_a_circle_is_named() -> None:
    with pytest.raises(ModelError, match="in a circle: marts.(a <- marts.b <- marts.a|b <- marts.a <- marts.b)"):
        order(model("marts.a", "select x from marts.b"), model("marts.b", "select x from marts.a"))


def test_every_model_of_the_house_reads_only_layers_at_or_below_its_own() -> None:
    models = load_models()
    for name, found in models.items():
        for reference in referenced_tables(found.sql, SCHEMAS):
            schema = reference.split(".")[0]
            below = schema == "lake" or LAYERS.index(schema) <= LAYERS.index(found.schema)
            # marts and intermediate models may build on one another; a report is the end of the line
            assert below or (schema == "marts" and found.schema == "intermediate"), f"{name} reads {reference}"
            assert not (found.schema == "staging" and schema != "lake"), f"{name} reads {reference}"
