"""A session of requests for thousands of requests to a few hosts: what is the same for all of them is found out once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests

# An address in which nothing is to be quoted or taken away: most are, and to find out otherwise takes a fifth of a request.
_PLAIN = re.compile(r"https?://[a-z0-9.-]*[a-z0-9](:[0-9]+)?(/[A-Za-z0-9_~=-]+(\.[A-Za-z0-9_~=-]+)*)+/?", re.ASCII)


class Session(requests.Session):
    """Proxies and certificates of the environment stay what they were when a host was first asked: to read them takes as
    long as the rest of a request."""

    def __init__(self) -> None:
        super().__init__()
        self._of_hosts: dict[tuple[Any, ...], Mapping[str, Any]] = {}

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """With the headers and cookies of the session; hooks, bodies and logins it has none: what ~/.netrc holds is not sent."""
        prepared = requests.PreparedRequest()
        prepared.method = request.method
        if _PLAIN.fullmatch(str(request.url)):
            prepared.url = f"{request.url}?{urlencode(request.params)}" if request.params else request.url
        else:
            prepared.prepare_url(request.url, request.params)
        prepared.prepare_headers({**self.headers, **request.headers})
        prepared.prepare_cookies(self.cookies)
        return prepared

    def resolve_redirects(self, *_: Any, **__: Any) -> Iterator[Any]:
        """None: the client follows redirects itself, and what requests makes of a Location that is no address is an error of the
        request, though the host has answered."""
        return iter(())

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
