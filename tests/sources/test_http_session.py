"""Requests as the library itself makes them, without a login; proxies and certificates of the environment once a host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from sources.http.session import Session

GIVEN: dict[str, Any] = {"stream": True, "verify": None, "cert": None}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "inside.example")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/certificates.pem")
    return monkeypatch


ADDRESSES = [
    ("https://query1.example.com/v8/chart/BRK-B", {"events": "div|split", "é": "^%", "empty": "", "two words": "a b"}),
    ("http://127.0.0.1:8900/api.example.com/CIK0001.json", {"k": "a,b:c/d", "tilde": "~-._*"}),
    ("https://api.example.com/list/", {}),
    ("https://api.example.com/x?a=1", {"b": "2"}),
    ("https://api.example.com/%5egspc", {"b": "2"}),
    ("https://api.example.com/a/../b/./c", {}),
    ("https://API.example.com", {"b": "2"}),
    ("https://api.example.com/a b/ü", {}),
    ("https://bücher.example.com/a", {}),
    ("https://api.example.com//a#part", {}),
]


@pytest.mark.parametrize(("url", "params"), ADDRESSES)
def test_a_request_is_the_one_of_requests(url: str, params: dict[str, str]) -> None:
    request = requests.Request("GET", url, params=params, headers={"user-agent": "ours", "X-Api-Key": "k"})
    ours, plain = Session(), requests.Session()
    for session in (ours, plain):
        session.cookies.set("seen", "1")
    made, expected = ours.prepare_request(request), plain.prepare_request(request)
    assert (made.method, made.url, made.body) == (expected.method, expected.url, expected.body)
    assert dict(made.headers) == dict(expected.headers)


def test_no_login_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("default login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for url in ("https://api.example.com/a", "https://me:secret@api.example.com/a"):
        assert "authorization" in requests.Session().prepare_request(requests.Request("GET", url)).headers
        assert "authorization" not in Session().prepare_request(requests.Request("GET", url)).headers


@pytest.mark.parametrize("url", ["https://outside.example/a", "https://inside.example/a", "http://outside.example/a"])
def test_the_settings_are_those_of_requests(environment: pytest.MonkeyPatch, url: str) -> None:
    session = Session()
    expected = requests.Session().merge_environment_settings(url, {}, **GIVEN)
    for _ in range(2):
        assert session.merge_environment_settings(url, {}, **GIVEN) == expected


def test_each_host_has_its_own_settings(environment: pytest.MonkeyPatch) -> None:
    session = Session()
    through = session.merge_environment_settings("https://outside.example/a", {}, **GIVEN)
    direct = session.merge_environment_settings("https://inside.example/a", {}, **GIVEN)
    assert through["proxies"] == {"https": "http://proxy.example:3128", "no": "inside.example"}
    assert "https" not in direct["proxies"]
    assert through["verify"] == "/certificates.pem"


def test_the_environment_is_read_once_a_host(environment: pytest.MonkeyPatch) -> None:
    read = []

    def reading(url: str, no_proxy: str | None) -> dict[str, str]:
        read.append(url)
        return {}

    environment.setattr("requests.sessions.get_environ_proxies", reading)
    session = Session()
    for path in "abc":
        for host in ("one.example", "two.example"):
            session.merge_environment_settings(f"https://{host}/{path}", {}, **GIVEN)
    assert read == ["https://one.example/a", "https://two.example/a"]


def test_proxies_that_the_caller_names_win(environment: pytest.MonkeyPatch) -> None:
    session = Session()
    session.merge_environment_settings("https://outside.example/a", {}, **GIVEN)
    named = {"https": "http://other.example:1"}
    found = session.merge_environment_settings("https://outside.example/a", dict(named), **GIVEN)
    assert found["proxies"]["https"] == "http://other.example:1"
