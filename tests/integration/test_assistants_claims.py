"""Claims that an assistant's client checks: numbers and texts of JSON, and statements that speak of another."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import duckdb
import pytest
from mcp.client.client import Client

from reports.assistants.server import make_server
from tests.integration.conftest import LAST_SESSION
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def fact(demo_template: Path) -> tuple[str, float]:
    """The index whose close is farthest from a whole number, and that close."""
    sql = (
        "select index_id, close from marts.index_returns where session_date = ? order by abs(close - round(close)) desc"
    )
    with duckdb.connect(str(demo_template / "warehouse.duckdb"), read_only=True) as con:
        index, close = con.execute(sql, [LAST_SESSION]).fetchall()[0]
    assert abs(close - round(close)) > 0.05
    return str(index), float(close)


def verdict_on(home: Path, entity: str, value: Any, **more: str) -> dict[str, Any]:
    async def ask() -> dict[str, Any]:
        async with Client(make_server(home, Settings())) as client:
            claim = {"entity": entity, "metric": "close", "unit": "points", "session": LAST_SESSION, "value": value}
            answer = await client.call_tool("check_claim", {**claim, **more})
            assert not answer.is_error, answer.content
            return answer.structured_content or {}

    return asyncio.run(ask())


@pytest.mark.parametrize("kind", [int, float, str])
def test_a_whole_number_is_held_against_its_own_digits(
    demo_template: Path, fact: tuple[str, float], kind: type
) -> None:
    index, close = fact
    whole = round(close)
    found = verdict_on(demo_template, index, kind(whole))
    assert (found["verdict"], found["value"], found["tolerance"]) == ("confirmed", str(whole), 0.5)
    assert verdict_on(demo_template, index, kind(whole + 2))["verdict"] == "contradicted"


def test_zeros_at_the_end_are_digits_as_the_text_says(demo_template: Path, fact: tuple[str, float]) -> None:
    index, close = fact
    found = verdict_on(demo_template, index, f"{round(close)}.0")
    assert (found["verdict"], found["tolerance"]) == ("contradicted", 0.05)
    assert verdict_on(demo_template, index, round(close, -2))["tolerance"] >= 50
    assert verdict_on(demo_template, index, 0.00002)["value"] == "0.00002"


def test_a_statement_about_another_index_confirms_nothing(demo_template: Path, fact: tuple[str, float]) -> None:
    index, close = fact
    other = "the Dow" if index != "DJI" else "the Nasdaq"
    found = verdict_on(demo_template, index, str(close), statement=f"{other} closed at {close}")
    assert (found["verdict"], found["value"]) == ("not checkable", str(close))
    assert f"speaks of {other.split()[1]}, the claim is of {index}" in found["reason"]
