"""In which order models are built: what a model reads stands in its FROM and JOIN clauses, always with its schema."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

from transforms.engine.model import Model
from transforms.engine.tables import Named, named_tables
from warehouse.errors import ModelError

# a comment, a quoted string, or a quoted name: nothing in the first two is a reference or a parameter
_NOISE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_QUALIFIED = re.compile(r"[a-z_]\w*\.[a-z_]\w*")
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
    qualified = (one for one in _read(sql)[0] if _QUALIFIED.fullmatch(one.name))
    return {one.name for one in qualified if not one.is_after_comma or one.name.partition(".")[0] in schemas}


def unseen_tables(sql: str, schemas: Collection[str]) -> list[str]:
    """What else `sql` names in FROM and JOIN, as written; a file as ''. The order of models does not see it: it would be read as
    the build before left it, or not be there yet."""
    seen = referenced_tables(sql, schemas)
    return [one.name for one in _read(sql)[0] if one.name not in seen]


def parameter_names(sql: str) -> set[str]:
    """The names of the $parameters in `sql`."""
    return set(_read(sql)[1])


# the checks of models, their order and a build ask for the same texts again and again
@lru_cache(maxsize=1024)
def _read(sql: str) -> tuple[tuple[Named, ...], frozenset[str]]:
    """What `sql` names in FROM and JOIN, and its $parameters."""
    text = strip_comments_and_strings(sql)
    return tuple(named_tables(text)), frozenset(_PARAMETER.findall(text))


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
