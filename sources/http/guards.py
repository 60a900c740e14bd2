"""What the HTTP client checks and hides: content that is not data, redirects off the site, keys in texts and logs."""

from __future__ import annotations

import ipaddress
import json
import logging
import threading
from collections.abc import Mapping
from urllib.parse import quote, urljoin, urlsplit

from sources.parsing.documents import envelope_message, error_from_message, looks_like_html, refuse_envelope
from warehouse.errors import (
    AccessRefused,
    MalformedAnswer,
    NotFound,
    RateLimited,
    SourceError,
    TransientSourceError,
)
from warehouse.masking import KEY_NAMES, mask_addresses

_KEY_HEADERS = frozenset({"authorization", "x-api-key", "cookie"})
_ENVELOPE_BYTES = 64 * 1024
_CAUSES = {
    "CERTIFICATE_VERIFY_FAILED": "its certificate cannot be verified",
    "NameResolutionError": "name not found",
    "timed out": "no answer in time",
    "Connection refused": "connection refused",
    "unreachable": "network unreachable",
    "ProxyError": "the proxy does not answer",
}


class Secrets:
    """The keys that went through a client; `mask` takes them out of a text."""

    def __init__(self) -> None:
        # replaced as a whole, for threads read it while others learn
        self._known: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def add_secrets(self, params: Mapping[str, str] | None, headers: Mapping[str, str] | None) -> None:
        found = [v for k, v in (params or {}).items() if k.lower() in KEY_NAMES]
        for name, value in (headers or {}).items():
            if name.lower() in _KEY_HEADERS:
                found += [value, value.rsplit(" ", 1)[-1]]
        # A shorter value would mask common letters of every text.
        forms = {form for v in found if len(v) >= 6 for form in (v, quote(v, safe=""))}
        if not forms <= self._known:
            with self._lock:
                self._known |= forms

    def mask_text(self, text: str) -> str:
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, "***")
        return mask_addresses(text)


class _MaskingFilter(logging.Filter):
    """urllib3 logs each URL at debug level, the key among its parameters."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._secrets.mask_text(record.getMessage()), None
        return True


def mask_urllib3_logs(secrets: Secrets) -> None:
    """Let no logger of urllib3 write a key."""
    for name in ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry", "requests"):
        logger = logging.getLogger(name)
        logger.filters = [f for f in logger.filters if not isinstance(f, _MaskingFilter)]
        logger.addFilter(_MaskingFilter(secrets))


def is_same_site(here: str, there: str) -> bool:
    """True where `there` may be followed from `here`: the same registered name, and never from https to http."""
    old, new = urlsplit(here), urlsplit(there)
    if new.scheme not in ("http", "https") or (old.scheme == "https" and new.scheme != "https"):
        return False
    if _is_ip_address(old.hostname) or _is_ip_address(new.hostname):
        return (old.hostname, old.port) == (new.hostname, new.port)
    return _registered_domain(old.hostname) == _registered_domain(new.hostname)


def _is_ip_address(host: str | None) -> bool:
    try:
        ipaddress.ip_address(host or "")
    except ValueError:
        return host == "localhost"
    return True


def _registered_domain(host: str | None) -> str:
    """The last two labels: all our hosts are under .com, .org and .gov."""
    return ".".join((host or "").lower().rsplit(".", 2)[-2:])


def redirect_target(host: str, here: str, place: str) -> str:
    """Where a Location header leads. Raises AccessRefused for another site, MalformedAnswer for what is no address."""
    try:
        there = urljoin(here, place)
        other = urlsplit(there).hostname
        is_same = is_same_site(here, there)
    except ValueError as error:
        raise MalformedAnswer(f"{host}: it redirects to {place[:60]!r}, which is no address") from error
    if not is_same:
        raise AccessRefused(f"{host}: it redirects to another site ({other!r}), which is not followed")
    return there


def connection_error(host: str, error: Exception) -> SourceError:
    """Not chained to its cause, whose text holds the address with the key."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return AccessRefused(
            f"{host}: its certificate cannot be verified; check the machine's clock, proxy and certificates"
        )
    return TransientSourceError(f"{host}: the connection was lost ({type(error).__name__}); try again later")


def connection_failure_cause(error: Exception) -> str:
    """Why a host gave no answer, in two or three words, without the address."""
    text = str(error)
    for sign, words in _CAUSES.items():
        if sign in text:
            return words
    return type(error).__name__


def unsendable_request_error(host: str, error: ValueError) -> SourceError:
    """Not chained to its cause either: a header that cannot be sent is most often a key."""
    name = type(error).__name__
    return AccessRefused(f"{host}: the address, a header or a redirect cannot be used ({name}); check address and key")


def check_content(body: bytes, expect: str, what: str, secrets: Secrets, *, is_end_stated: bool = True) -> None:
    """Raise where a body with status 200 is not of the kind `expect`: empty, HTML, an error envelope, cut off.

    Where the transfer did not say where the body ends, the last line of a table must be a whole one.
    """
    start = body[:4096].decode("utf-8", "replace").lstrip("\ufeff \t\r\n\xa0")
    if not body.strip():
        raise MalformedAnswer(f"{what}: the answer is empty; try again later")
    if looks_like_html(start):
        raise MalformedAnswer(
            f"{what}: the answer is an HTML page where {expect} was asked; the host refuses programs or has moved"
        )
    if expect == "xml" and not start.startswith("<"):
        raise error_from_message(secrets.mask_text(start[:500]), what)
    if expect == "json":
        if start[:1] not in ("{", "["):
            raise error_from_message(secrets.mask_text(start[:500]), what)
        if body.rstrip()[-1:] not in (b"}", b"]"):
            raise MalformedAnswer(f"{what}: the answer ends in the middle of its JSON; try again later")
    if start[:1] == "{" and len(body) <= _ENVELOPE_BYTES:
        _check_envelope(body, expect, what, secrets)
    if expect == "csv" and not is_end_stated and body[-1:] not in (b"\n", b"\r"):
        raise TransientSourceError(f"{what}: the answer ends in the middle of a line; try again later")


def _check_envelope(body: bytes, expect: str, what: str, secrets: Secrets) -> None:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        if expect == "json":
            raise MalformedAnswer(f"{what}: the answer is not whole JSON; try again later") from error
        return
    _masked_envelope(document, what, secrets)
    if expect == "csv":
        raise MalformedAnswer(f"{what}: the answer is JSON where csv was asked; check the request")


def _masked_envelope(document: object, what: str, secrets: Secrets) -> None:
    try:
        refuse_envelope(document, what)
    except SourceError as error:
        raise type(error)(secrets.mask_text(str(error))) from None


def error_of_status(status: int, body: bytes, what: str, secrets: Secrets) -> SourceError:
    """The error for a status that is no success; a body in the host's words makes it more exact."""
    if status == 429:
        return RateLimited(f"{what}: 429, too many requests; lower the pace of this host in breadthwise.toml")
    if status >= 500 or status == 408:
        return TransientSourceError(f"{what}: status {status}, the host is in trouble; try again later")
    if status in (404, 410):
        return NotFound(f"{what}: status {status}, the host knows no such thing; check the symbol or series")
    kind: type[SourceError] = AccessRefused if status in (401, 403) else MalformedAnswer
    words = _body_words(body)
    if words and kind is not AccessRefused:
        return error_from_message(secrets.mask_text(words), f"{what} (status {status})", AccessRefused)
    detail = f" ({secrets.mask_text(words)[:200]!r})" if words else ""
    advice = "check the key, cookie or client's name" if kind is AccessRefused else "check the request"
    return kind(f"{what}: status {status}, refused{detail}; {advice}")


def _body_words(body: bytes) -> str:
    text = body[:_ENVELOPE_BYTES].decode("utf-8", "replace").strip()
    try:
        message = envelope_message(json.loads(text))
    except (ValueError, RecursionError):
        return "" if text.startswith("<") else " ".join(text[:300].split())
    return message or ""
