"""In which order models are built: what a model reads stands in its FROM and JOIN clauses, always with its schema."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter

from transforms.engine.model import Model
from warehouse.errors import ModelError

# a comment, a quoted string, or a quoted name: nothing in the first two is a reference or a parameter
_NOISE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_REFERENCE = re.compile(r"(?:(?<!\bdistinct )\bfrom|\bjoin|,)\s+([a-z_]\w*)\.([a-z_]\w*)\b(?!\s*[(.])", re.IGNORECASE)
_AFTER_KEYWORD = re.compile(r"(?:(?<!\bdistinct )\bfrom|\bjoin)\s+([a-z_]\w*)\.([a-z_]\w*)\b(?!\s*[(.])", re.IGNORECASE)
_PARAMETER = re.compile(r"\$([a-z_]\w*)")


def bare(sql: str) -> str:
    """`sql` without its comments and the contents of its strings."""
    return _NOISE.sub(lambda match: "''" if match[0].startswith("'") else " ", sql)


def references(sql: str, schemas: Collection[str]) -> set[str]:
    """The schema-qualified tables that `sql` reads, as 'schema.table'.

    After FROM and JOIN every schema counts; after a comma only the known `schemas`, for else it is an alias's column.
    """
    text = bare(sql)
    named = {f"{a}.{b}".lower() for a, b in _AFTER_KEYWORD.findall(text)}
    return named | {f"{a}.{b}".lower() for a, b in _REFERENCE.findall(text) if a.lower() in schemas}


def parameters(sql: str) -> set[str]:
    """The names of the $parameters in `sql`."""
    return set(_PARAMETER.findall(bare(sql)))


def inputs(model: Model, schemas: Collection[str]) -> set[str]:
    """What must exist before `model` is built and its invariants are checked."""
    found = references(model.sql, schemas)
    if model.shards is not None:
        found.add(model.shards.of)
    for invariant in model.invariants:
        found |= references(invariant.sql, schemas) - {model.name}
    return found


def build_order(models: Mapping[str, Model], lake_tables: Collection[str]) -> list[Model]:
    """The models, each after all that it reads; the same for the same models.

    `lake_tables` are the tables of schema `lake`. Raises ModelError for a reference to nothing and for a cycle.
    """
    known = {f"lake.{table}" for table in lake_tables}
    schemas = {"lake", *(model.schema for model in models.values())}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name, model in sorted(models.items()):
        read = inputs(model, schemas)
        for reference in sorted(read - known - models.keys()):
            raise ModelError(f"{name} reads {reference}, which is no model and no table of the lake; is it misspelt?")
        sorter.add(name, *sorted(read & models.keys()))
    try:
        return [models[name] for name in sorter.static_order()]
    except CycleError as error:
        raise ModelError(f"models read each other in a circle: {' <- '.join(error.args[1])}") from error
