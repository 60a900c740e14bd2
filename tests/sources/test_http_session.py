"""Proxies and certificates of the environment: as requests reads them, once a host."""

from __future__ import annotations

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
