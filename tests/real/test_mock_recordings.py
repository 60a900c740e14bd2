"""The mocked APIs from the recorded answers beside the project: adapters get what was recorded, status and all."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from sources import catalog
from sources.base import PLANNED, Request
from sources.http.client import Client, HttpSettings
from sources.mock_api import MockApi
from sources.mock_api.payload_files import PayloadFiles
from sources.mock_api.reply import Asked
from warehouse.errors import AccessRefused, NotFound

pytestmark = pytest.mark.real

NOW = datetime(2026, 10, 5, tzinfo=UTC)


def test_recordings_are_served_as_they_were_recorded(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEC_CONTACT", "Simulated Tester tester@example.com")
    monkeypatch.setenv("FRED_API_KEY", "a-key-of-the-tests")
    with MockApi(payloads=shared / "payloads") as api:
        client = Client(tmp_path, lambda: NOW, HttpSettings(default_pace=5000), {"*": api.base_url})

        def rows(source: str, dataset: str, **asked: Any) -> int:
            adapter = catalog.find_adapter(source)
            request = Request(source, dataset, PLANNED, **asked)
            payload, answered = adapter.fetch(client, request)
            return int(adapter.parse(payload, answered).tables[dataset].num_rows)

        # a year of MSFT
        assert rows("yahoo_bars", "equity_bars", symbol="MSFT") > 200
        assert rows("yahoo_ratings", "rating_actions", symbol="CRON") > 20
        assert rows("sec_fundamentals", "fundamentals", symbol="AAPL") > 500
        assert rows("fred", "macro_observations", series="GDP") == 315
        assert rows("nasdaq_symbols", "securities", series="nasdaqlisted") == 2
        assert rows("fed_speeches", "events", series="speeches") == 3
        with pytest.raises((NotFound, AccessRefused)):
            rows("yahoo_bars", "equity_bars", symbol="NEVERRECORDED")
        assert api.requests[-1].status == 404


def test_every_recording_with_an_address_is_found(shared: Path) -> None:
    files = PayloadFiles(shared / "payloads")
    seen = 0
    for meta in sorted((shared / "payloads").rglob("*.meta.json")):
        recording = json.loads(meta.read_text())
        url = urlsplit(recording["url"])
        if url.hostname is None or recording.get("params", {}).get("symbols"):
            continue
        params = {name: str(value) for name, value in (recording.get("params") or {}).items()}
        reply = files.answer_request(Asked(url.hostname, unquote(url.path), params, {}))
        if reply is not None:
            seen += 1
            assert str(recording.get("status", 200)).startswith(str(reply.status)), meta.name
            assert reply.body
    assert seen >= 25
