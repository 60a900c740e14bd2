"""What a mocked API is asked and what it answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One GET: the host that the client meant, its path (decoded), the query's last values, headers in lower case."""

    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def request_target(self) -> str:
        """Host and path with the sorted query: equal for equal requests. Keys and crumbs are left out."""
        kept = sorted((k, v) for k, v in self.query.items() if k.lower() not in ("apikey", "api_key", "token", "crumb"))
        return f"{self.host}{self.path}?{'&'.join(f'{k}={v}' for k, v in kept)}"

    def date_parameter(self, name: str, otherwise: date) -> date:
        """A date of the query; `otherwise` where it is absent or none."""
        try:
            return date.fromisoformat(self.query.get(name, ""))
        except ValueError:
            return otherwise


@dataclass(frozen=True)
class Reply:
    """An answer. `chart` and such stay documents until the faults have been at them."""

    body: bytes
    status: int = 200
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(document: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(document, separators=(",", ":")).encode(), status)


def csv_reply(lines: list[str]) -> Reply:
    return Reply(("\n".join(lines) + "\n").encode(), content_type="text/csv; charset=utf-8")


def text_reply(text: str, status: int = 200, **headers: str) -> Reply:
    return Reply(text.encode(), status, "text/plain; charset=utf-8", headers)


def html_reply(text: str, status: int = 200) -> Reply:
    page = f"<!DOCTYPE html><html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>"
    return Reply(page.encode(), status, "text/html; charset=utf-8")


def xml_reply(text: str, status: int = 200) -> Reply:
    return Reply(text.encode(), status, "application/xml; charset=utf-8")
