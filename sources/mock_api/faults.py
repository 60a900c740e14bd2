"""What goes wrong with public APIs, on demand: by share and seed, or exactly as told for a path."""

from __future__ import annotations

import hashlib
import json
import random
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from typing import Any

from sources.mock_api.reply import Asked, Reply, html_reply, text_reply

# for every answer
TRANSPORT = ("too_many", "too_many_wait", "server_error", "cut", "slow", "html", "empty", "changed")
# for charts
CHART = ("null_bars", "missing_sessions", "duplicate_last")
# for answers that want a cookie and a crumb
VISIT = ("wrong_crumb", "expired_cookie")
# for the screener
SCREENER = ("stale",)
KINDS = (*TRANSPORT, *CHART, *VISIT, *SCREENER)


@dataclass
class _Order:
    """Faults for what matches `pattern`, one an answer, `times` times over."""

    pattern: str
    kinds: tuple[str, ...]
    left: int
    given: int = 0


class Faults:
    """Which answer fails, and how.

    A share of the answers, chosen by the seed, the request and how often it was made before: the order in which
    threads ask changes nothing. `order` comes before that. `retry_after` and `slow_seconds` are seconds.
    """

    def __init__(
        self,
        share: float = 0.0,
        seed: int = 0,
        kinds: Iterable[str] = KINDS,
        retry_after: int = 1,
        slow_seconds: float = 2.0,
    ) -> None:
        self._lock = threading.Lock()
        self._orders: list[_Order] = []
        self._counts: Counter[str] = Counter()
        self.retry_after = retry_after
        self.slow_seconds = slow_seconds
        self.set_random_faults(share, seed, kinds)

    def set_random_faults(self, share: float, seed: int = 0, kinds: Iterable[str] = KINDS) -> None:
        """Replaces share, seed and kinds. Raises ValueError for a kind that there is not, or a share outside 0 to 1."""
        listed = _check_kinds(kinds)
        if not 0 <= share <= 1:
            raise ValueError(f"a share of {share} of the answers; it should lie between 0 and 1")
        self.share, self.seed, self.kinds = share, seed, listed

    def order_faults(self, pattern: str, *kinds: str, times: int = 1) -> None:
        """The next answers to what matches `pattern` (host and path, `*` for anything) fail so, in this order.

        `times` repeats the list; 0 clears the orders for the pattern. Raises ValueError for an unknown kind.
        """
        listed = _check_kinds(kinds)
        with self._lock:
            self._orders = [o for o in self._orders if o.pattern != pattern or times > 0]
            if times > 0:
                self._orders.append(_Order(pattern, listed, times * len(listed)))

    def next_fault(self, asked: Asked, fits: Iterable[str]) -> str | None:
        """The fault of this answer, None for none; of the seeded ones only those that `fits` has."""
        with self._lock:
            for order in self._orders:
                if order.left > 0 and fnmatch(f"{asked.host}{asked.path}", order.pattern):
                    kind = order.kinds[order.given % len(order.kinds)]
                    order.left, order.given = order.left - 1, order.given + 1
                    return kind
            self._counts[asked.request_target] += 1
            number = self._counts[asked.request_target]
        possible = [kind for kind in self.kinds if kind in set(fits)]
        if not possible or self.share <= 0:
            return None
        draws = random.Random(f"{self.seed}|{asked.request_target}|{number}")
        return draws.choice(possible) if draws.random() < self.share else None


def _check_kinds(kinds: Iterable[str]) -> tuple[str, ...]:
    listed = tuple(kinds)
    unknown = [kind for kind in listed if kind not in KINDS]
    if unknown or not listed:
        raise ValueError(f"no fault {', '.join(map(repr, unknown)) or 'given'}; choose from {', '.join(KINDS)}")
    return listed


def apply_fault(kind: str, reply: Reply, asked: Asked, faults: Faults) -> Reply:
    """The reply with the fault in it. `cut` and `slow` happen on the wire, and those of a visit before the answer."""
    if kind == "too_many":
        return text_reply("Edge: Too Many Requests", 429)
    if kind == "too_many_wait":
        return text_reply("Too Many Requests", 429, **{"Retry-After": str(faults.retry_after)})
    if kind == "server_error":
        digit = hashlib.sha256(asked.request_target.encode()).digest()[0] % 4
        return text_reply("upstream trouble", (500, 502, 503, 504)[digit])
    if kind == "html":
        return html_reply("Please enable JavaScript")
    if kind == "empty":
        return replace(reply, body=b"", status=200)
    if kind == "changed":
        return _rename_fields(reply)
    if kind in CHART and reply.status == 200:
        return _break_chart(kind, reply)
    return reply


def _rename_fields(reply: Reply) -> Reply:
    """Every name that a parser relies on is written otherwise: keys of JSON, the header of CSV, tags of XML."""
    text = reply.body.decode("utf-8")
    if reply.content_type.startswith("application/json"):
        return replace(reply, body=json.dumps(_rename_keys(json.loads(text))).encode())
    if "xml" in reply.content_type:
        return replace(reply, body=text.replace("item>", "entry>").encode())
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.count(",") > 2 or line.count("|") > 2 or line.startswith("observation_date,"):
            lines[number] = (
                line.replace("observation_date", "when").replace("Ticker", "Name of Ticker").replace("Symbol|", "Mark|")
            )
            break
    return replace(reply, body="\n".join(lines).encode())


def _rename_keys(document: Any) -> Any:
    """Objects keep their names, values do not: the frame of the answer looks right and holds other columns."""
    if isinstance(document, dict):
        return {k if _holds_objects(v) else f"{k}V2": _rename_keys(v) for k, v in document.items()}
    return [_rename_keys(v) for v in document] if isinstance(document, list) else document


def _holds_objects(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(v, dict) for v in value))


def _break_chart(kind: str, reply: Reply) -> Reply:
    """Every seventh bar null or gone, or the last bar twice: the second one a minute later and a little higher."""
    document = json.loads(reply.body)
    result = document["chart"]["result"][0]
    stamps = result.get("timestamp")
    if not stamps:
        return reply
    quote = result["indicators"]["quote"][0]
    columns = [*quote.values(), result["indicators"]["adjclose"][0]["adjclose"]]
    if quote["close"] is result["indicators"]["adjclose"][0]["adjclose"]:
        columns.pop()
    if kind == "null_bars":
        for column in quote.values():
            column[-1::-7] = [None] * len(column[-1::-7])
    elif kind == "missing_sessions":
        for column in (stamps, *columns):
            del column[-1::-7]
    else:
        for column in columns:
            column.append(column[-1])
        stamps.append(stamps[-1] + 23_460)
    return replace(reply, body=json.dumps(document).encode())
