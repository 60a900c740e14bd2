"""A sign of life is asked of all hosts side by side, and one that never answers holds nobody up."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from flows.fetch import reachable
from sources.http.client import Client
from tests.support.patience import HANG_SECONDS
from tests.unit.fetching import AT, FakeSource
from warehouse.settings import Settings

HOSTS = ("a.example", "b.example", "c.example")


def probe(home: Path, hosts: tuple[str, ...] = HOSTS) -> reachable.Reach:
    sources: list[Any] = [FakeSource("source", HOSTS=hosts)]
    return reachable.probe_hosts(home, Settings(), sources, lambda: AT)


def test_a_sign_of_life_comes_within_seconds() -> None:
    assert reachable.LIMIT_SECONDS <= 5


def test_all_hosts_are_asked_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None answers before all have been asked."""
    all_asked = threading.Barrier(len(HOSTS))

    def why_silent(_self: Client, host: str, seconds: float) -> str:
        assert seconds == HANG_SECONDS
        all_asked.wait(timeout=seconds)
        return "" if host == HOSTS[1] else "gone"

    monkeypatch.setattr(reachable, "LIMIT_SECONDS", HANG_SECONDS)
    monkeypatch.setattr(Client, "why_silent", why_silent)
    found = probe(tmp_path)
    assert (found.silent, found.is_offline) == ({HOSTS[0]: "gone", HOSTS[1]: "", HOSTS[2]: "gone"}, False)


def test_one_that_never_answers_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the resolution of a name may, which no time-out ends."""
    is_over = threading.Event()

    def why_silent(_self: Client, host: str, seconds: float) -> str:
        is_over.wait()
        return ""

    monkeypatch.setattr(reachable, "LIMIT_SECONDS", 0.1)
    monkeypatch.setattr(Client, "why_silent", why_silent)
    found = probe(tmp_path, HOSTS[:1])
    assert (found.silent, found.is_offline) == ({HOSTS[0]: "no answer in time"}, True)
    is_over.set()
