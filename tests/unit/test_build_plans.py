"""The heavy models look back with streaming windows: a blocking one would sort and hold every bar."""

from __future__ import annotations

import re

import pytest

from tests.models import harness
from transforms.engine.graph import model_inputs
from transforms.engine.model import LAYERS

CELLS = ("intermediate.breadth_cells", "intermediate.flow_cells", "intermediate.intraday_cells")
# of an empty table, or of young stocks, DuckDB plans no windows
ROWS = {
    "intermediate.panel": """
        instrument_no | seq    | age    | market_age | sessions_since_bar | close_e6 | forward_close | high_e6 | low_e6 \
| is_mean_broken
        1             | 1..300 | 1..300 | 1..300     | 0                  | 10       | 10            | 11      | 9      \
| false
    """
}


def plan_of(name: str) -> str:
    model = harness.models()[name]
    with harness.connection() as con:
        for table in sorted(model_inputs(model, {"lake", *LAYERS})):
            harness.make_input(con, table, ROWS.get(table))
        values = {"shard_first": 1, "shard_last": 400} if model.shards else {}
        return "\n".join(row[1] for row in con.execute(f"explain {model.sql}", values).fetchall()).lower()


@pytest.mark.parametrize("name", [*CELLS, "intermediate.close_mismatches"])
def test_a_heavy_model_has_streaming_windows_only(name: str) -> None:
    plan = plan_of(name)
    windows = re.findall(r"(\w+)?[ _]*window\b", plan)
    assert windows, plan
    assert set(windows) == {"streaming"}, plan


@pytest.mark.parametrize("name", CELLS)
def test_nothing_is_joined_before_a_session_looks_back(name: str) -> None:
    """A join may give its rows in another order than it gets them, and then a lag is of another session."""
    plan = plan_of(name)
    assert "join" not in plan[plan.rindex("streaming window") :], plan
