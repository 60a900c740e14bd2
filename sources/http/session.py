"""A session of requests that reads the proxies and certificates of the environment once a host, not with every request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.structures import CaseInsensitiveDict


class Session(requests.Session):
    """Reading them takes as long as the rest of a request; they stay what they were when the host was first asked."""

    def __init__(self) -> None:
        super().__init__()
        self._of_hosts: dict[tuple[Any, ...], Mapping[str, Any]] = {}

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """With the headers and cookies of the session: it has no parameters, hooks, body or ~/.netrc that others merge in."""
        headers: CaseInsensitiveDict[str | bytes] = CaseInsensitiveDict(self.headers)
        headers.update(request.headers)
        prepared = requests.PreparedRequest()
        prepared.prepare(
            method=request.method,
            url=request.url,
            headers=headers,
            params=request.params,
            auth=request.auth,
            cookies=self.cookies,
        )
        return prepared

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        parts = urlsplit(str(url))
        key = parts.scheme, parts.netloc, stream, verify, cert
        if proxies or key not in self._of_hosts:
            found = super().merge_environment_settings(url, proxies, stream, verify, cert)
            if proxies:
                return found
            self._of_hosts[key] = found
        known = self._of_hosts[key]
        return {**known, "proxies": dict(known["proxies"] or {})}
