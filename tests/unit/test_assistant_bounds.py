"""What an assistant sends is held to a length before anything looks at it, and no error gives back a text of any length."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.assistants import bounds, sandbox
from reports.assistants.tools import Tools
from reports.factcheck.claims import COLUMNS, claim_from_cells
from reports.figures.question import parse_question
from warehouse.errors import UsageError
from warehouse.settings import Settings

LONG = "RUT " * 20_000
CLAIM = {"entity": "RUT", "metric": "close", "value": "1", "unit": "points", "session": "2026-01-23"}
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("describe", {"table": LONG}),
    ("figure", {"question": LONG}),
    ("figure", {"entity": LONG, "measure": "close"}),
    ("figure", {"entity": "RUT", "measure": "close", "session": LONG}),
    ("query", {"sql": "select " + LONG}),
    ("query", {"sql": "select 1", "rows": 10**5_000}),
    ("why", {"table": "marts.index_returns", "key": LONG, "column": "close"}),
    ("quality", {"session": LONG}),
    ("quality", {"session": "yesterday"}),
    *(("check_claim", {**CLAIM, name: LONG}) for name in (*CLAIM, "statement")),
    ("check_claim", {**CLAIM, "value": 10**5_000}),
)


@pytest.mark.parametrize(("tool", "arguments"), CALLS)
def test_no_argument_of_a_tool_may_have_any_length(tmp_path: Path, tool: str, arguments: dict[str, Any]) -> None:
    called: Callable[..., dict[str, Any]] = getattr(Tools(tmp_path, Settings()), tool)
    with pytest.raises(UsageError) as refused:
        called(**arguments)
    assert len(str(refused.value)) < 200


def test_every_tool_of_the_server_is_held_to_its_bounds() -> None:
    public = [one for name, one in vars(Tools).items() if callable(one) and not name.startswith("_")]
    assert len(public) == 7
    assert all(hasattr(one, "__wrapped__") for one in public)


def test_an_error_is_cut_to_length() -> None:
    assert bounds.shorten_error("x" * 2_000) == "x" * 2_000
    assert bounds.shorten_error("x" * 3_000) == "x" * 2_000 + " ... (3,000 characters)"


def test_a_question_on_the_command_line_has_a_length_too() -> None:
    with pytest.raises(UsageError, match="the question has 80,000 characters; ask one figure, in at most 1,000"):
        parse_question(LONG)


@pytest.mark.parametrize("rows", [0, -1, 1_001, 5_000])
def test_rows_of_a_query_out_of_bounds_are_refused(tmp_path: Path, rows: int) -> None:
    with pytest.raises(UsageError, match=f"^rows is {rows}; an answer has from 1 to 1,000 rows$"):
        sandbox.run_query(tmp_path / "none.duckdb", "select 1", rows)


@pytest.mark.parametrize("value", ["9" * 31, "9" * 100_000, "0." + "9" * 31])
def test_a_claim_of_more_digits_than_any_figure_has_is_refused(value: str) -> None:
    cells = dict.fromkeys(COLUMNS, "") | {"claim_id": "a", "statement": "s", "kind": "number", "unit": "points"}
    cells |= {"entity": "RUT", "metric": "close", "session_date": "2026-01-23", "value": value}
    with pytest.raises(
        UsageError, match="write a plain number .*, at most 30 before the point and 30 after it"
    ) as refused:
        claim_from_cells(cells, "line 2")
    assert len(str(refused.value)) < 200
