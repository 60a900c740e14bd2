"""The heavy models look back with streaming windows: a blocking one would sort and hold every bar."""

from __future__ import annotations

import re

import pytest

from tests.models import harness
from transforms.graph import inputs
from transforms.model import LAYERS


@pytest.mark.parametrize("name", ["intermediate.breadth_cells", "intermediate.bar_steps"])
def test_a_heavy_model_has_streaming_windows_only(name: str) -> None:
    model = harness.models()[name]
    with harness.connection() as con:
        for table in sorted(inputs(model, {"lake", *LAYERS})):
            harness.make_input(con, table, None)
        values = {"shard_first": 1, "shard_last": 9} if model.shards else {}
        plan = "\n".join(row[1] for row in con.execute(f"explain {model.sql}", values).fetchall())
    windows = re.findall(r"(\w+)?[ _]*window\b", plan, re.IGNORECASE)
    assert windows, plan
    assert {kind.lower() for kind in windows} == {"streaming"}, plan
