"""What must hold of models beside the form of their headers: it is asked whenever they are loaded, so that all of it is quick."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from transforms.engine.graph import referenced_tables, strip_comments_and_strings
from transforms.engine.model import LAYERS, Model
from transforms.engine.tables import named_tables
from warehouse.errors import ModelError

_SCHEMAS = ("lake", *LAYERS)


def check_models(models: Mapping[str, Model]) -> None:
    """Raises ModelError for the first model that breaks a rule of this module, with its name and what to do."""
    for model in models.values():
        for sql in (model.sql, *(invariant.sql for invariant in model.invariants)):
            _check_tables(model, sql, models)


def _check_tables(model: Model, sql: str, models: Mapping[str, Model]) -> None:
    """What the order of models would not see would be read as the build before left it, or not be there yet."""
    seen = referenced_tables(sql, _SCHEMAS)
    for name in named_tables(strip_comments_and_strings(sql)):
        if name in seen:
            continue
        if name == "''":
            raise ModelError(f"{model.name} reads a file; a model reads tables alone, each as schema.table")
        plain = "".join(name.split('"'))
        meant = [plain] if plain in models else [one for one in models if one.endswith(f".{plain}")]
        meant = meant or get_close_matches(plain, models, n=1)
        hint = f"; is {' or '.join(meant)} meant?" if meant else ""
        raise ModelError(f"{model.name} reads {name}: write each table as schema.table, without quotes{hint}")
