"""Staging is the one door to the lake: every table of it that models need has a view there, and nothing above reads past it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from transforms.engine.graph import referenced_tables
from transforms.engine.load import load_models
from transforms.engine.model import LAYERS, Model
from transforms.facts import LAKE_TABLES
from warehouse.contracts.datasets import CONTRACTS

SCHEMAS = {"lake", *LAYERS}
RESTATED_BARS = {"index_bars_history", "sector_bars_history", "equity_bars_history", "sector_bars_confirmations"}
RELEASES = {"macro_observations_history", "macro_observations_confirmations"}


def past_staging(models: Mapping[str, Model]) -> list[str]:
    """The models above staging that read the lake, in their SELECT or in an invariant."""
    found = []
    for name, model in sorted(models.items()):
        queries = [model.sql, *(invariant.sql for invariant in model.invariants)]
        read = {table for query in queries for table in referenced_tables(query, SCHEMAS) if table.startswith("lake.")}
        if model.schema != "staging":
            found += [f"{name} reads {table}" for table in sorted(read)]
    return found


def test_nothing_above_staging_reads_the_lake() -> None:
    assert past_staging(load_models()) == []


def test_a_model_that_reads_past_staging_is_found() -> None:
    models = load_models()
    model = models["intermediate.split_statements"]
    wrong = replace(model, sql=model.sql.replace("staging.splits", "lake.splits"))
    assert past_staging({**models, model.name: wrong}) == ["intermediate.split_statements reads lake.splits"]


def test_each_dataset_the_calendar_grades_ranks_and_restated_bars_have_a_view() -> None:
    in_reach = {"sessions_in_reach", "carried_bars", "equity_bars_of_block"}
    wanted = {*CONTRACTS, "sessions", "grades", "series_rank", *RESTATED_BARS, *RELEASES, *in_reach}
    assert wanted <= set(LAKE_TABLES)
    staged = {name: model for name, model in load_models().items() if model.schema == "staging"}
    assert {model.stem for model in staged.values()} == wanted
    assert {name: referenced_tables(model.sql, SCHEMAS) for name, model in staged.items()} == {
        name: {f"lake.{model.stem}"} for name, model in staged.items()
    }


def test_the_bars_of_a_block_are_those_of_the_build_but_for_their_table() -> None:
    models = load_models()
    bars, of_block = models["staging.equity_bars"], models["staging.equity_bars_of_block"]
    assert of_block.columns == bars.columns
    assert of_block.sql == bars.sql.replace("lake.equity_bars", "lake.equity_bars_of_block")
