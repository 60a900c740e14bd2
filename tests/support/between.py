"""The models that lie between given tables and some targets: what a test builds of the warehouse, and what it must fill."""

from __future__ import annotations

from functools import lru_cache

from tests.models import harness
from transforms.engine.graph import build_order, model_inputs
from transforms.engine.model import LAYERS
from transforms.facts import LAKE_TABLES


@lru_cache
def models_between(
    targets: tuple[str, ...], given: frozenset[str] = frozenset()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tables that are given or empty, and the models between them and the targets, in the order in which they are built.

    Besides those named, all of staging count as given, and what is no model.
    """
    models, inputs, built, todo = harness.models(), set(given), set[str](), list(targets)
    while todo:
        name = todo.pop()
        if name in inputs or name in built:
            continue
        if name not in models or name.startswith("staging."):
            inputs.add(name)
            continue
        built.add(name)
        todo += sorted(model_inputs(models[name], {"lake", *LAYERS}))
    return tuple(sorted(inputs)), tuple(model.name for model in build_order(models, LAKE_TABLES) if model.name in built)
