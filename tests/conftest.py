"""What all tests share: no network but the loopback, no home but a temporary one, and where real data lies."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
_connect = socket.socket.connect


class NetworkBlockedError(RuntimeError):
    """A test tried to reach a host that is not this machine."""


def _guarded_connect(self: socket.socket, address: Any) -> None:
    if self.family != socket.AF_UNIX:
        host = address[0]
        if host not in ("127.0.0.1", "::1", "localhost"):
            raise NetworkBlockedError(f"a test wants to connect to {host}: only the loopback is allowed")
    _connect(self, address)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts servers, kills processes or builds the real market comes first: at the end it would leave workers idle."""
    items.sort(key=_is_short)


def _is_short(item: pytest.Item) -> bool:
    marks = {mark.name for mark in item.iter_markers()}
    return item.path.parent.name != "real" and marks.isdisjoint({"server", "chaos"})


@pytest.fixture(autouse=True, scope="session")
def _only_loopback() -> Any:
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", _guarded_connect)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test writes to ./data or reads the keys of whoever runs it."""
    monkeypatch.setenv("BREADTHWISE_HOME", str(tmp_path / "home"))
    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_TOKEN")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project; a test that asks for it skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"real data is not at {SHARED}: it is no part of the project")
    return SHARED
