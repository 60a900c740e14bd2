"""No network: closed ports, and a black hole that takes connections and is silent. `run`, `backfill`, `doctor` ask each host
once for a sign of life, all side by side, and say so."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from flows.cli import main
from flows.fetch import reachable
from sources.http.client import Client
from tests.support.patience import wait_until
from warehouse.runs.journal import Journal

SPX = "date,close\n2026-01-22,6913.35\n2026-01-23,6915.61\n"
RUN = ("run", "--session", "2026-01-23")
HOSTS = ("www.federalreserve.gov", "www.blackrock.com")


@pytest.fixture(params=["closed", "black hole"])
def nowhere(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a port that is closed, or of one that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        if request.param == "black hole":
            listening.listen(100)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@dataclass
class Asked:
    """What was asked of the client: hosts for a sign of life, each with its seconds, and addresses for their data."""

    signs: list[tuple[str, float]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def expect(self, hosts: int) -> None:
        """A sign of life of as many hosts, once, with few seconds to give it; and nothing else was asked."""
        # the threads that ask are left to themselves where a host is silent
        assert wait_until(lambda: len(self.signs) >= hosts)
        assert len({host for host, _ in self.signs}) == len(self.signs) == hosts
        assert {seconds for _, seconds in self.signs} == {reachable.LIMIT_SECONDS}
        assert self.addresses == []


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    noted = Asked()
    ask, get = Client.why_silent, Client.get

    def why_silent(self: Client, host: str, seconds: float) -> str:
        noted.signs.append((host, seconds))
        return ask(self, host, seconds)

    def get_and_note(self: Client, url: str, *more: Any, **named: Any) -> Any:
        noted.addresses.append(url)
        return get(self, url, *more, **named)

    monkeypatch.setattr(Client, "why_silent", why_silent)
    monkeypatch.setattr(Client, "get", get_and_note)
    return noted


@pytest.fixture
def home(tmp_path: Path, nowhere: str) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    none = "\n".join(
        f"{name} = []"
        for name in ("index_bars", "sector_bars", "equity_bars", "securities", "rating_actions", "fundamentals")
    )
    settings = f'base_urls = {{ "*" = "{nowhere}" }}\n[sources]\n{none}\nmacro_observations = []\n'
    (folder / "breadthwise.toml").write_text(settings)
    return folder


def test_an_empty_home_ends_at_once_with_the_reason(
    home: Path, asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(home), *RUN]) == 1
    asked.expect(2)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "none of 2 hosts answers; is this machine online? Nothing was fetched for 2026-01-23:"
    assert lines[1].split() == ["dataset", "asked", "of", "what", "happened"]
    assert [line.split()[:2] for line in lines[2:4]] == [
        ["memberships", "blackrock_holdings"],
        ["events", "fed_speeches"],
    ]
    nothing = f"breadthwise run: nothing came and nothing is stored under {home} yet, so there is nothing to build"
    assert lines[4:] == [nothing]
    assert sorted(path.name for path in home.iterdir()) == ["breadthwise.toml"]


def test_what_is_stored_is_built_and_no_old_close_is_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home.parent / "SPX.csv").write_text(SPX)
    assert main(["--home", str(home), "import", str(home.parent / "SPX.csv"), "--dataset", "index_bars"]) == 0
    capsys.readouterr()
    assert main(["--home", str(home), "--quiet", *RUN]) == 3
    shown = capsys.readouterr()
    assert len(shown.err.splitlines()) == 4
    assert shown.out.startswith("build ")
    assert shown.out.endswith(" of what was stored before is published\n")
    assert "6915.61" not in shown.out + shown.err
    assert (home / "warehouse.duckdb").exists()
    (run,) = [run for run in Journal(home).list_runs() if run["kind"] == "daily"]
    assert (run["status"], run["exit_code"]) == ("gaps", 3)
    assert run["message"] == "none of 2 hosts answers; is this machine online? Nothing was fetched"
    # what an alert says below the message: no head of the table that the terminal shows
    noted = [" ".join(one["line"].split()) for one in Journal(home).list_notices(run["run_id"])]
    assert [line.split()[0] for line in noted] == ["memberships", "events"]


def test_a_backfill_asks_nothing(home: Path, asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "breadthwise.toml").write_text((home / "breadthwise.toml").read_text().replace("index_bars = []\n", ""))
    assert main(["--home", str(home), "backfill", "2026-01-20", "2026-01-23", "--datasets", "index_bars"]) == 1
    asked.expect(3)
    message = "none of 3 hosts answers; is this machine online? Nothing was asked; the same command goes on later"
    assert capsys.readouterr().err.splitlines() == [f"breadthwise backfill: {message}"]


def test_doctor_says_so_in_one_line(home: Path, asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(home), "--quiet", "doctor", "--session", "2026-01-23", "--as", "json"]) == 1
    asked.expect(2)
    shown = capsys.readouterr()
    assert shown.err == "none of 2 hosts answers; is this machine online?\n"
    found = json.loads(shown.out)
    assert [one["state"] for one in found] == ["failed", "failed"]
    for one in found:
        assert one["message"].startswith(HOSTS)
        assert "Error" not in one["message"]
