"""The static page over what the suites found."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from expectations import docs
from expectations.suite import Validated

AT = datetime(2026, 1, 24, tzinfo=UTC)


def test_batches_are_summed_by_dataset(tmp_path: Path) -> None:
    first = Validated("index_bars", 10, 1, {"close_minimum": 2, "not_fresh": 0})
    second = Validated("index_bars", 5, 1, {"close_minimum": 1, "not_fresh": 1})
    other = Validated("events", 3, 1, {"kind_known": 0})
    page = docs.write_validation_pages(tmp_path, "r1", AT, [first, other, second])
    assert page == tmp_path / "expectations" / "index.html"
    [written] = page.parent.glob("r1-*.json")
    assert json.loads(written.read_text(encoding="utf-8")) == {
        "run_id": "r1",
        "at": "2026-01-24T00:00:00+00:00",
        "datasets": {
            "events": {"rows": 3, "found": {"kind_known": 0}},
            "index_bars": {"rows": 15, "found": {"close_minimum": 3, "not_fresh": 1}},
        },
    }
    html = page.read_text(encoding="utf-8")
    assert (
        '<tr><td>index_bars</td><td class="count">15</td><td>close_minimum</td><td class="count">3</td>'
        "<td>refuse</td><td>close is at least 1e-06.</td></tr>" in html
    )
    assert '<td>events</td><td class="count">3</td><td>all rules hold</td>' in html


def test_only_the_newest_are_kept_newest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docs, "KEPT", 2)
    for day in range(4):
        docs.write_validation_pages(
            tmp_path, f"2026012{day}", AT + timedelta(days=day), [Validated("events", day, 1, {})]
        )
    names = sorted(path.name[:8] for path in (tmp_path / "expectations").glob("*.json"))
    assert names == ["20260122", "20260123"]
    html = (tmp_path / "expectations" / "index.html").read_text(encoding="utf-8")
    assert html.index("20260123") < html.index("20260122")
    assert "20260121" not in html


def test_nothing_reaches_the_page_unescaped_or_from_the_web(tmp_path: Path) -> None:
    page = docs.write_validation_pages(tmp_path, "r1", AT, [Validated("events", 1, 1, {"<script>": 1})])
    assert page is not None
    html = page.read_text(encoding="utf-8")
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert "http" not in html


def test_nothing_validated_writes_nothing(tmp_path: Path) -> None:
    assert docs.write_validation_pages(tmp_path, "r1", AT, []) is None
    assert list(tmp_path.iterdir()) == []
