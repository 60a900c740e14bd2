"""A session that Yahoo lost is one quarantined row, and costs the other sessions of the answer nothing."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import duckdb
import pytest

from expectations.suite import Validated
from flows.console.context import Reporter
from flows.ingest.ingest import ingest_payloads
from sources.providers import yahoo_bars
from tests.sources.seeds import AT, seed
from tests.support.payloads import taken_in
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal
from warehouse.settings import Settings


def test_a_hole_does_not_stop_the_rest_of_its_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "expectations.suite.validate_batch", lambda contract, table, checked: Validated(contract.name, 0, 0, {})
    )
    one = seed("yahoo_bars.index.json")
    document = copy.deepcopy(json.loads(one.payload))
    for column in document["chart"]["result"][0]["indicators"]["quote"][0].values():
        column[2] = None
    journal = Journal(tmp_path)
    with journal.record_run("import", {}, AT) as run:
        payload = taken_in(tmp_path, json.dumps(document).encode(), one.request, yahoo_bars.parse)
        report = ingest_payloads(tmp_path, Settings(), run, [payload], AT, reporter=Reporter(quiet=True))
    # one of four rows is far over the limit of 5 %, but it says nothing against the others
    (account,) = [account for account in report.accounts if account.dataset == "index_bars"]
    assert (account.fetched, account.accepted, account.quarantined) == (4, 3, 1)
    lake = Lake(tmp_path)
    with duckdb.connect() as connection:
        lake.attach_views(connection, lake.manifest())
        found = connection.execute("select day(session_date) from lake.index_bars order by 1").fetchall()
    assert found == [(20,), (21,), (23,)]
