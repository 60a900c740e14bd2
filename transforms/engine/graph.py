"""In which order models are built: what a model reads stands in its FROM and JOIN clauses, always with its schema."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

from transforms.engine.model import Model
from warehouse.errors import ModelError

# a comment, a quoted string, or a quoted name: nothing in the first two is a reference or a parameter
_NOISE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_REFERENCE = re.compile(r"(?:(?<!\bdistinct )\bfrom|\bjoin|,)\s+([a-z_]\w*)\.([a-z_]\w*)\b(?!\s*[(.])", re.IGNORECASE)
_AFTER_KEYWORD = re.compile(r"(?:(?<!\bdistinct )\bfrom|\bjoin)\s+([a-z_]\w*)\.([a-z_]\w*)\b(?!\s*[(.])", re.IGNORECASE)
_PARAMETER = re.compile(r"\$([a-z_]\w*)")


# checks of models ask for it again
@lru_cache(maxsize=1024)
def strip_comments_and_strings(sql: str) -> str:
    """`sql` without its comments and the contents of its strings."""
    return _NOISE.sub(lambda match: "''" if match[0].startswith("'") else " ", sql)


def referenced_tables(sql: str, schemas: Collection[str]) -> set[str]:
    """The schema-qualified tables that `sql` reads, as 'schema.table'.

    After FROM and JOIN every schema counts; after a comma only the known `schemas`, for else it is an alias's column.
    """
    named, after_comma, _ = _names(sql)
    return {*named, *(name for name in after_comma if name.partition(".")[0] in schemas)}


def parameter_names(sql: str) -> set[str]:
    """The names of the $parameters in `sql`."""
    return set(_names(sql)[2])


# a build asks for the same texts again and again
@lru_cache(maxsize=1024)
def _names(sql: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The qualified names after FROM and JOIN, those after a comma too, and the $parameters."""
    text = strip_comments_and_strings(sql)
    named, more = (frozenset(f"{a}.{b}".lower() for a, b in one.findall(text)) for one in (_AFTER_KEYWORD, _REFERENCE))
    return named, more, frozenset(_PARAMETER.findall(text))


def model_inputs(model: Model, schemas: Collection[str]) -> set[str]:
    """What must exist before `model` is built and its invariants are checked."""
    found = referenced_tables(model.sql, schemas)
    if model.shards is not None:
        found.add(model.shards.of)
    for invariant in model.invariants:
        found |= referenced_tables(invariant.sql, schemas) - {model.name}
    return found


def build_order(models: Mapping[str, Model], lake_tables: Collection[str]) -> list[Model]:
    """The models, each after all that it reads; the same for the same models.

    `lake_tables` are the tables of schema `lake`. Raises ModelError for a reference to nothing and for a cycle.
    """
    known = {f"lake.{table}" for table in lake_tables}
    schemas = {"lake", *(model.schema for model in models.values())}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name, model in sorted(models.items()):
        read = model_inputs(model, schemas)
        for reference in sorted(read - known - models.keys()):
            raise ModelError(f"{name} reads {reference}, which is no model and no table of the lake; is it misspelt?")
        sorter.add(name, *sorted(read & models.keys()))
    try:
        return [models[name] for name in sorter.static_order()]
    except CycleError as error:
        raise ModelError(f"models read each other in a circle: {' <- '.join(error.args[1])}") from error
