"""The article that started this, claim by claim, over the real data; and its figures found in its text by rules."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from reports.factcheck.articles.article import find_claims
from reports.factcheck.claims import read_claims
from reports.factcheck.output import verdict_rows
from reports.factcheck.verdicts import check_claims
from reports.figures import entities
from reports.figures.resolver import Warehouse
from tests.real.conftest import RealHome

pytestmark = pytest.mark.real
CONTRADICTED = ("c01", "c02", "c03", *(f"c{n:02d}" for n in range(5, 13)), "c34", "c37", "c39", "c41")
SELF_CONTRADICTORY = ("c04", "c43")


@pytest.fixture(scope="module")
def rows(shared: Path, real_home: RealHome) -> dict[str, dict[str, Any]]:
    claims = read_claims(shared / "claims" / "article_2026-01-23.csv")
    with Warehouse(real_home.path) as warehouse:
        return {row["claim_id"]: row for row in verdict_rows(check_claims(claims, warehouse), warehouse.newest_build)}


def test_each_claim_gets_its_verdict(rows: dict[str, dict[str, Any]]) -> None:
    of = {**dict.fromkeys(CONTRADICTED, "contradicted"), **dict.fromkeys(SELF_CONTRADICTORY, "self-contradictory")}
    wanted = {name: of.get(name, "not checkable") for name in rows}
    assert len(rows) == 43
    assert {name: row["verdict"] for name, row in rows.items()} == wanted


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("c01", "+7.54 %"),
        ("c01", "would be +8.15 %"),
        ("c02", "+1.02 %"),
        ("c02", "would be +1.14 %"),
        ("c03", "would be +1.35 %"),
        ("c04", "6.4 points follow from c01 and c03"),
        ("c43", "7.0 points follow from c01 and c02"),
        ("c05", "6,915.61 points"),
        ("c11", "2,669.16 points"),
        ("c28", "There is no Russell 2000 in 1928"),
        ("c28", "session 15"),
        ("c34", "value of 2026-01-22"),
        ("c35", "fundamentals is missing here"),
        ("c30", "rating_actions holds no rating of AMAT by Deutsche Bank"),
    ],
)
def test_the_reason_holds_the_numbers(rows: dict[str, dict[str, Any]], name: str, words: str) -> None:
    assert words in rows[name]["reason"]


def test_what_cannot_be_checked_has_our_nearest_figure_beside_it(rows: dict[str, dict[str, Any]]) -> None:
    assert rows["c13"]["nearest"].startswith("fund:XLC return_1d ")
    assert rows["c18"]["nearest"].startswith("fund:XLF return_1d -1.38 %")
    assert "sector_rank" in rows["c19"]["nearest"]
    assert rows["c29"]["nearest"].count("signed_volume_flow") == 6
    caps = {name: rows[name]["warehouse_value"] / 1e9 for name in ("c34", "c37", "c39", "c41")}
    assert caps == {
        "c34": pytest.approx(3.234, abs=5e-4),
        "c37": pytest.approx(12.413, abs=5e-4),
        "c39": pytest.approx(32.355, abs=5e-4),
        "c41": pytest.approx(11.731, abs=5e-4),
    }


def _spelled(entity: str) -> str:
    found = entities.entities_named(entity)
    return found[0].id if found else entity


def test_the_figures_of_the_text_are_found_and_none_is_invented(shared: Path) -> None:
    article = (shared / "claims" / "article_2026-01-23.txt").read_text(encoding="utf-8")
    with (shared / "claims" / "article_2026-01-23.csv").open(encoding="utf-8") as file:
        wanted = {(_spelled(r["entity"]), r["metric"], float(r["value"] or 0)) for r in csv.DictReader(file)}
    bound = [one.bound for one in find_claims(article) if one.bound is not None]
    found = {(_spelled(b.entity), b.metric, float(b.value or 0)) for b in bound}
    assert len(found & wanted) >= 38
    assert found - wanted == set()
