"""Builds of a small market in blocks, for the tests of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.properties.market import NOW
from transforms.build import BuildResult, build_warehouse
from transforms.engine.graph import model_inputs
from transforms.engine.load import load_models
from transforms.engine.model import LAYERS, Model
from transforms.restatements import Before
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

WANTED = ("marts.breadth_daily", "marts.flows_by_cap_band", "marts.equity_facts", "intermediate.session_ledger")
LENGTH = 32
DAYS = 300


def models(*more: str) -> dict[str, Model]:
    return with_inputs(*WANTED, *more)


def with_inputs(*names: str) -> dict[str, Model]:
    """These models, and all that they are made from."""
    found, known, todo = {}, load_models(), list(names)
    while todo:
        name = todo.pop()
        if name in known and name not in found:
            found[name] = known[name]
            todo += model_inputs(known[name], {"lake", *LAYERS})
    return found


def built(home: Path, name: str, *, before: Path | None = None, **asked: Any) -> BuildResult:
    lake = Lake(home)
    return build_warehouse(
        lake,
        lake.manifest(),
        home / f"{name}.duckdb",
        Settings(),
        **{"code_version": "test", "built_at": NOW, "models": models(), "block_sessions": LENGTH, **asked},
        before=None if before is None else Before(before),
    )


def blocks_in(cache: Path) -> dict[tuple[str, int], str]:
    """The names of the blocks in the store's index."""
    tables = json.loads((cache / "index.json").read_text(encoding="utf-8"))["tables"]
    return {(table, int(block)): entry[0] for table, blocks in tables.items() for block, entry in blocks.items()}
