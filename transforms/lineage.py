"""What a model is made from, down to the datasets of the lake."""

from __future__ import annotations

from collections.abc import Mapping

from transforms.engine.graph import referenced_tables
from transforms.engine.model import Model

HISTORY = "_history"
CONFIRMED = "_confirmations"
OF_BLOCK = "_of_block"
_TABLES = frozenset({"sessions", "grades", "series_rank", "quarantine", "sessions_in_reach", "carried_bars"})


def upstream_tables(models: Mapping[str, Model], name: str) -> list[str]:
    """All that `name` is made from, itself first, then what is nearest: models, and tables of the lake as 'lake.x'."""
    schemas = {"lake", *(model.schema for model in models.values())}
    found = [name]
    for table in found:
        if table in models:
            found += sorted(referenced_tables(models[table].sql, schemas) - set(found))
    return found


def upstream_datasets(models: Mapping[str, Model], name: str) -> list[str]:
    """The datasets of the lake from which the table `name` is made."""
    read = {
        table.removeprefix("lake.").removesuffix(HISTORY).removesuffix(CONFIRMED).removesuffix(OF_BLOCK)
        for table in upstream_tables(models, name)
        if table.startswith("lake.")
    }
    return sorted(read - _TABLES)
