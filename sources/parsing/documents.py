"""Guards between a vendor's bytes and our rows: whatever the bytes are, a SourceError or clean values come out.

An answer with status 200 that is not what was asked (HTML, an error envelope, a cut body) is the normal failure
of public APIs, so every parser and the HTTP client begin here. Single values are read by `cells.py`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

from sources.parsing.values import quote_value
from warehouse.errors import (
    AccessRefused,
    ChangedShape,
    MalformedAnswer,
    NoData,
    NotFound,
    RateLimited,
    SourceError,
    TransientSourceError,
)

MAX_PAYLOAD = 512 * 1024 * 1024
# In the order in which they are tried: a text that speaks of a limit may name the key as well.
_WORDS: tuple[tuple[type[SourceError], tuple[str, ...]], ...] = (
    (
        RateLimited,
        (
            "too many requests",
            "rate limit",
            "maximum requests",
            "limit reach",
            "run over your",
            "api call frequency",
            "request rate threshold",
            "quota",
        ),
    ),
    (NoData, ("data doesn't exist for", "no data available", "no data for")),
    (
        NotFound,
        (
            "not found",
            "does not exist",
            "not exist",
            "no data found",
            "delisted",
            "unknown symbol",
            "nosuchkey",
            "not a valid symbol",
        ),
    ),
    (
        AccessRefused,
        (
            "crumb",
            "cookie",
            "unauthorized",
            "not authorized",
            "not_authorized",
            "forbidden",
            "api key",
            "api_key",
            "apikey",
            "token",
            "access denied",
            "accessdenied",
            "legacy endpoint",
            "subscription",
            "premium",
            "upgrade your plan",
            "undeclared automated tool",
        ),
    ),
    (
        TransientSourceError,
        (
            "internal server error",
            "bad gateway",
            "service unavailable",
            "gateway time",
            "timed out",
            "timeout",
            "temporarily",
            "try again",
        ),
    ),
    (NoData, ("no data",)),
)
_HTML = re.compile(r"^\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|script)\b", re.IGNORECASE | re.DOTALL)


def error_from_message(message: str, what: str, otherwise: type[SourceError] = MalformedAnswer) -> SourceError:
    """The error that a host's own words stand for: `what` names the source and the thing asked."""
    lowered = message.lower()
    for kind, words in _WORDS:
        if any(word in lowered for word in words):
            return kind(f"{what}: the host answers {quote_value(message)}; {_ADVICE[kind]}")
    return otherwise(f"{what}: the host answers {quote_value(message)} where data was expected")


_ADVICE: dict[type[SourceError], str] = {
    RateLimited: "wait, or lower the pace of this host in breadthwise.toml",
    NoData: "it has no rows for these dates",
    NotFound: "check the symbol or series at the vendor's site",
    AccessRefused: "check the key, the cookie or the client's name",
    TransientSourceError: "try again later",
}


def looks_like_html(text: str) -> bool:
    return _HTML.match(text[:4096]) is not None


def decode_text(payload: bytes, what: str) -> str:
    """`payload` as text (UTF-8, a byte order mark is taken off).

    Raises MalformedAnswer: empty, too large, HTML, or not UTF-8; and what the words of a short plain text stand for.
    """
    if len(payload) > MAX_PAYLOAD:
        raise MalformedAnswer(f"{what}: the answer has {len(payload)} bytes, over the limit of {MAX_PAYLOAD}")
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedAnswer(f"{what}: byte {error.start} of the answer is not UTF-8: damaged, or packed") from error
    if not text.strip():
        raise MalformedAnswer(f"{what}: the answer is empty; try again later")
    if looks_like_html(text):
        raise MalformedAnswer(f"{what}: the answer is an HTML page, not data; the host refuses programs or has moved")
    return text


def parse_json(payload: bytes, what: str) -> Any:
    """`payload` as a JSON document. NaN and Infinity are refused.

    Raises MalformedAnswer for what is no JSON (cut off, too deep, numbers beyond reason), RateLimited and others
    where a plain text says so.
    """
    text = decode_text(payload, what)
    if text.lstrip()[0] not in "[{":
        raise error_from_message(text.strip(), what)
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise MalformedAnswer(f"{what}: the answer is nested too deeply to be JSON of this API") from error
    except ValueError as error:
        raise MalformedAnswer(f"{what}: the answer is not whole JSON ({quote_value(str(error))}); cut off?") from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def envelope_message(document: Any) -> str | None:
    """What an error envelope says, None where the document is none: the shapes of all our vendors."""
    if not isinstance(document, dict):
        return None
    for value in document.values():
        if isinstance(value, dict) and isinstance(value.get("error"), dict) and not value.get("result"):
            return _join_members(value["error"], ("code", "description"))
    status = document.get("status")
    if isinstance(status, dict) and status.get("rCode") not in (None, 200, "200"):
        return _nasdaq_message(status)
    if isinstance(document.get("error"), dict):
        return _join_members(document["error"], ("code", "description", "message"))
    if isinstance(status, str) and status.upper() in ("ERROR", "NOT_AUTHORIZED", "NOT_FOUND"):
        return _join_members(document, ("status", "error", "message"))
    for name in ("error_message", "Error Message", "error", "detail", "errorMessage"):
        if isinstance(document.get(name), str) and document[name]:
            return str(document[name])
    return None


def _join_members(part: dict[str, Any], names: tuple[str, ...]) -> str:
    words = [str(part[name])[:500] for name in names if isinstance(part.get(name), str | int) and part[name] != ""]
    return ": ".join(words) or "an error without words"


def _nasdaq_message(status: dict[str, Any]) -> str:
    listed = status.get("bCodeMessage")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    message = first.get("errorMessage") or status.get("developerMessage") or "no reason given"
    kinds = {401: "unauthorized", 403: "forbidden", 404: "not found", 429: "too many requests"}
    code = status.get("rCode")
    kind = kinds.get(code, "") if isinstance(code, int) else ""
    return f"rCode {quote_value(code, 20)} {kind}: {str(message)[:500]}"


def refuse_envelope(document: Any, what: str) -> None:
    """Raise the error that an error envelope stands for; a document that is none passes."""
    message = envelope_message(document)
    if message is not None:
        raise error_from_message(message, what)


def require_member(document: Any, name: str, kind: type | tuple[type, ...], what: str) -> Any:
    """`document[name]` of the type `kind`. Raises ChangedShape where it is gone or of another type."""
    found = document.get(name) if isinstance(document, dict) else None
    if not isinstance(found, kind) or isinstance(found, bool):
        shown = _shown_value(document, name)
        raise ChangedShape(
            f"{what}: {quote_value(name)} should be {_type_names(kind)} and is {shown}; the API has changed"
        )
    return found


def _type_names(kind: type | tuple[type, ...]) -> str:
    plain = {"dict": "an object", "list": "a list", "str": "a text"}
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return " or ".join(plain.get(k.__name__, k.__name__) for k in kinds)


def _shown_value(document: Any, name: str) -> str:
    if not isinstance(document, dict):
        return f"in no object ({type(document).__name__})"
    if name in document:
        return f"of type {type(document[name]).__name__}"
    return f"absent (there are {quote_value(sorted(document)[:8])})"


def csv_rows(payload: bytes, what: str, delimiter: str = ",", quoting: bool = True) -> list[list[str]]:
    """All lines of a CSV body as lists of cells, blank lines left out. `quoting` False: a quote is a mere letter.

    Raises MalformedAnswer (HTML, empty, broken quoting), or what a JSON error envelope or a plain sentence stands for.
    """
    text = decode_text(payload, what)
    if text.lstrip()[0] in "[{":
        refuse_envelope(parse_json(payload, what), what)
        raise MalformedAnswer(f"{what}: the answer is JSON where CSV was asked")
    try:
        if quoting:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        else:
            rows = [line.split(delimiter) for line in text.splitlines()]
    except csv.Error as error:
        raise MalformedAnswer(f"{what}: the answer is not whole CSV ({quote_value(str(error))}); cut off?") from error
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    if not kept:
        raise MalformedAnswer(f"{what}: the answer holds separators and nothing else; try again later")
    if len(kept) == 1 and len(kept[0]) == 1:
        raise error_from_message(text.strip(), what)
    return kept


def find_columns(header: list[str], wanted: tuple[str, ...], what: str) -> dict[str, int]:
    """Where each wanted column stands. Raises ChangedShape that names the missing ones."""
    names = [name.strip() for name in header]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise ChangedShape(
            f"{what}: no column {', '.join(missing)} among {quote_value(names, 200)}; the API has changed"
        )
    return {name: names.index(name) for name in wanted}
