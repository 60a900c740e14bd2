"""Damages answers as the world does: bytes flip or go missing, parts of a structure change place or type."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

TOKENS: tuple[bytes, ...] = (
    b"",
    b"null",
    b"NaN",
    b"-Infinity",
    b"Infinity",
    b"1e999",
    b"-1e999",
    b"-0",
    b"0",
    b"1e-320",
    b"9" * 40,
    b"9" * 5000,
    b"9223372036854775808",
    b"-1",
    b"1.5",
    b"true",
    b'""',
    b'"',
    b"'",
    b"\\",
    b'"\\ud800"',
    b'"\\u0000"',
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xc2\xa0",
    b"{",
    b"}",
    b"[",
    b"]",
    b"[" * 3000,
    b'{"a":' * 3000,
    b",",
    b"|",
    b"\r",
    b"\n\n",
    b"<html>",
    b"<!DOCTYPE html>",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"&lt;",
    b"&b;",
    b"]]>",
    b"Too Many Requests",
    b'{"error":"x"}',
    b"'; drop table x; --",
    b"../../etc/passwd",
    b"0001-01-01",
    b"9999-12-31",
    b"2026-02-30",
    b"$",
    b"%",
    b"--",
    b"NA",
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -0.0,
    -1,
    1.5,
    1e308,
    -1e308,
    1e-320,
    float("nan"),
    float("inf"),
    10**30,
    -(10**400),
    2**63,
    2**31,
    9999999999999,
    "",
    " ",
    "x",
    "NaN",
    "1e400",
    "-5",
    "9" * 5000,
    "\ud800",
    "\x00",
    "\u202e",
    "\uff11\uff12",
    "'; drop table x; --",
    "../../x",
    "<b>",
    "^GSPC",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "2026-01-23T00:00:00Z",
    "America",
    "../UTC",
    "Asia/Seoul",
    [],
    {},
    [None],
    [[]],
    {"raw": 1},
    [1, 2],
    {"error": {"code": "x"}},
    "A" * 300,
)


def mutate(payload: bytes, rng: random.Random) -> bytes:
    """One to four changes to `payload`; where it is JSON, half of the time to its structure."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
        change = rng.choice((_in_bytes, _in_structure))
        payload = change(payload, rng)
    return payload


def _in_bytes(payload: bytes, rng: random.Random) -> bytes:
    size = len(payload)
    at = rng.randrange(size + 1)
    span = min(size - at, rng.choice((1, 1, 2, 5, 20, 200)))
    token = rng.choice(TOKENS)
    kinds: tuple[Callable[[], bytes], ...] = (
        lambda: payload[:at],
        lambda: payload[at:],
        lambda: payload[:at] + payload[at + span :],
        lambda: payload[:at] + payload[at : at + span] * 2 + payload[at + span :],
        lambda: payload[:at] + token + payload[at:],
        lambda: payload[:at] + token + payload[at + span :],
        lambda: payload[:at] + bytes([rng.randrange(256)]) + payload[at + 1 :],
        lambda: payload[:at] + rng.randbytes(span) + payload[at + span :],
        lambda: payload.replace(payload[at : at + 2], token, 1) if size else token,
    )
    return rng.choice(kinds)()


def _in_structure(payload: bytes, rng: random.Random) -> bytes:
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        return _in_lines(payload, rng)
    if not isinstance(document, dict | list):
        return payload
    try:
        _change_node(document, rng)
        return json.dumps(document, ensure_ascii=rng.random() < 0.9).encode("utf-8", "surrogatepass")
    except (RecursionError, ValueError):
        return payload


def _nodes(document: Any) -> list[tuple[Any, Any]]:
    """Every place of the document as (its container, its key or index)."""
    found: list[tuple[Any, Any]] = []
    open_nodes = [document]
    while open_nodes:
        node = open_nodes.pop()
        for key in node if isinstance(node, dict) else range(len(node)):
            found.append((node, key))
            if isinstance(node[key], dict | list):
                open_nodes.append(node[key])
    return found


def _change_node(document: Any, rng: random.Random) -> None:
    places = _nodes(document)
    if not places:
        return
    node, key = rng.choice(places)
    kind = rng.randrange(7)
    if kind <= 2:
        node[key] = rng.choice(VALUES)
    elif kind == 3:
        del node[key]
    elif kind == 4 and isinstance(node, dict):
        node[rng.choice(("x", "", key + "s", key.upper()))] = node.pop(key)
    elif kind == 5 and isinstance(node, list):
        node.insert(rng.randrange(len(node) + 1), node[key])
    else:
        other, there = rng.choice(places)
        node[key], other[there] = other[there], rng.choice((node[key], str(node[key])[:100]))


def _in_lines(payload: bytes, rng: random.Random) -> bytes:
    """For CSV and its kin: lines and cells change."""
    lines = payload.split(b"\n")
    at = rng.randrange(len(lines))
    mark = b"|" if b"|" in payload else b","
    cells = lines[at].split(mark)
    cell = rng.randrange(len(cells))
    kind = rng.randrange(6)
    if kind <= 2:
        cells[cell] = rng.choice(TOKENS)
    elif kind == 3:
        del cells[cell]
    elif kind == 4:
        cells.insert(cell, cells[cell])
    else:
        lines.insert(rng.randrange(len(lines)), lines[at])
    lines[at if lines[at].split(mark) == cells or kind <= 4 else -1] = mark.join(cells)
    return b"\n".join(lines)
