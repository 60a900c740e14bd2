"""What `ask` and the assistant's `figure` offer can be asked, in words and by parts; where there is no figure it says why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from reports.figures.entities import ENTITIES, Entity, pair_entity, stock_entity
from reports.figures.measures import MEASURES, measures_of
from reports.figures.question import parse_entity_and_measure, parse_question
from reports.figures.resolver import Figure, Warehouse, resolve_figure
from tests.integration.conftest import LAST_SESSION

PAIR = pair_entity(ENTITIES["RUT"], ENTITIES["SPX"])


@pytest.fixture(scope="module")
def warehouse(demo_template: Path) -> Iterator[Warehouse]:
    with Warehouse(demo_template) as found:
        yield found


def answer(warehouse: Warehouse, question: str) -> Figure:
    asked = parse_question(question)
    return resolve_figure(warehouse, asked.entity, asked.measure, asked.session or warehouse.last_session)


@pytest.mark.parametrize("entity", [*ENTITIES.values(), PAIR, stock_entity("AAPL")], ids=lambda entity: entity.id)
def test_what_is_offered_can_be_asked(warehouse: Warehouse, entity: Entity) -> None:
    offered = measures_of(entity)
    assert offered
    for name in offered:
        assert parse_entity_and_measure(entity.id, name) == (entity, MEASURES[name])
        asked = parse_question(f"{entity.id} {name}")
        assert (asked.entity, asked.measure) == (entity, MEASURES[name])
        found = resolve_figure(warehouse, entity, MEASURES[name], date.fromisoformat(LAST_SESSION))
        assert found.value is not None or found.reason


def test_every_published_universe_has_its_breadth(warehouse: Warehouse) -> None:
    sql = "select universe, advances from marts.breadth_daily where session_date = ?"
    rows = warehouse.con.execute(sql, [LAST_SESSION]).fetchall()
    assert len(rows) > 20
    assert {name: answer(warehouse, f"{name} advances {LAST_SESSION}").value for name, _ in rows} == dict(rows)


def test_every_band_has_its_flows(warehouse: Warehouse) -> None:
    sql = "select cap_band, signed_volume_flow_usd from marts.flows_by_cap_band where session_date = ?"
    rows = warehouse.con.execute(sql, [LAST_SESSION]).fetchall()
    names = {band: band if band == "all" else f"cap:{band}" for band, _ in rows}
    found = {band: answer(warehouse, f"{name} money flow {LAST_SESSION}").value for band, name in names.items()}
    assert found == dict(rows)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("SPX minus RUT ytd", "has RUT-SPX, of which SPX-RUT is the negative; ask for RUT-SPX"),
        ("DJI minus COMP ytd", "marts.index_spreads has nothing of DJI-COMP"),
        ("SPY close", "no such symbol as SPY: it is a fund, whose figures stand in reports.sector_performance"),
        ("QQQQ close", "marts.equity_facts has no such symbol as QQQQ"),
        ("SPX close 2025-11-27", "2025-11-27 is no trading session"),
        ("SPX close 2040-01-03", f"to {LAST_SESSION} only; the calendar ends 2035-12-31"),
        ("SPX close 2035-01-03", f"to {LAST_SESSION} only"),
    ],
)
def test_what_there_is_none_of_says_why(warehouse: Warehouse, question: str, reason: str) -> None:
    found = answer(warehouse, question)
    assert found.value is None
    assert found.reason is not None
    assert found.reason.endswith(reason)
