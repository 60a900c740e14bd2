"""`breadthwise doctor`: each source once, what is wrong in one line, and an exit code to act on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.cli import main
from tests.sources.little_server import LittleServer, Reply, little_server
from tests.sources.seeds import seed

SOURCES = {
    "index_bars": ["yahoo_bars", "fred"],
    "sector_bars": ["yahoo_bars", "tiingo_bars"],
    **{name: [] for name in ("equity_bars", "securities", "memberships", "rating_actions", "fundamentals", "events")},
    "macro_observations": [],
}
BARS = Reply(seed("yahoo_bars.index.json").payload)


@pytest.fixture
def server() -> Iterator[LittleServer]:
    with little_server() as running:
        yield running


def doctor(home: Path, server: LittleServer, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, Any]]]:
    home.mkdir(exist_ok=True)
    listed = "\n".join(f"{name} = {json.dumps(sources)}" for name, sources in SOURCES.items())
    (home / "breadthwise.toml").write_text(f'base_urls = {{ "*" = "{server.url}" }}\n[sources]\n{listed}\n')
    code = main(["--home", str(home), "--quiet", "doctor", "--session", "2026-01-23", "--as", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_what_answers_and_what_does_not(
    server: LittleServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.replies = [lambda path, headers: BARS if "yahoo" in path else Reply(b"", 503)]
    code, found = doctor(tmp_path / "home", server, capsys)
    assert code == 3
    assert [(one["source"], one["state"], one["rows"], one["last_good"]) for one in found] == [
        ("yahoo_bars", "ok", 1, ""),
        ("fred", "failed", 0, ""),
        ("tiingo_bars", "unasked", 0, ""),
    ]
    assert found[1]["message"].startswith("fred.stlouisfed.org/graph/fredgraph.csv: status 503")
    assert found[2]["message"] == "set TIINGO_API_KEY in the environment"
    # a sign of life of each host, then one small request of each source, and no second try
    asked = [path for path, _ in server.asked]
    assert sorted(asked[:3]) == ["/api.stlouisfed.org/", "/fred.stlouisfed.org/", "/query1.finance.yahoo.com/"]
    assert len(asked) == 5
    code, found = doctor(tmp_path / "home", server, capsys)
    assert found[0]["last_good"] != ""


def test_what_another_source_is_answered_now_is_not_good_of_before(
    server: LittleServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SOURCES, "rating_actions", ["yahoo_ratings"])
    monkeypatch.setattr("flows.inspect.doctor._THREADS", 1)
    server.replies = [lambda path, headers: BARS if "/chart/" in path else Reply(b"no", 404)]
    _, found = doctor(tmp_path / "home", server, capsys)
    states = {one["source"]: (one["state"], one["last_good"]) for one in found}
    assert states["yahoo_bars"] == ("ok", "")
    assert states["yahoo_ratings"] == ("failed", "")


def test_nobody_answers(server: LittleServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server.replies = [Reply(b"<html></html>")]
    code, found = doctor(tmp_path / "home", server, capsys)
    assert code == 1
    assert "HTML page where json was asked" in found[0]["message"]


def test_a_key_that_an_answer_gives_back_is_not_printed(
    server: LittleServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIINGO_API_KEY", "hidden-key")
    # no list of bars, as the parser says of it
    answer = {"token": "hidden-key"}
    server.replies = [lambda path, headers: Reply(json.dumps(answer).encode()) if "tiingo" in path else BARS]
    _, found = doctor(tmp_path / "home", server, capsys)
    [line] = [one for one in found if one["source"] == "tiingo_bars"]
    assert "hidden-key" not in json.dumps(found)
    assert line["state"] == "failed"
    assert "***" in line["message"]


def test_what_the_sec_wants_is_no_key(
    server: LittleServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEC_CONTACT", raising=False)
    monkeypatch.setitem(SOURCES, "fundamentals", ["sec_fundamentals"])
    _, found = doctor(tmp_path / "home", server, capsys)
    assert found[-1]["message"] == "set SEC_CONTACT (your name and e-mail address) in the environment"


def test_the_table_is_for_people(server: LittleServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server.replies = [BARS]
    home = tmp_path / "home"
    doctor(home, server, capsys)
    main(["--home", str(home), "--quiet", "doctor", "--session", "2026-01-23"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [
        "source",
        "dataset",
        "state",
        "rows",
        "seconds",
        "last",
        "good",
        "(UTC)",
        "what",
        "to",
        "do",
    ]
    assert lines[1].startswith("yahoo_bars   index_bars   ok")
