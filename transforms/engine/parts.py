"""How a model is made in parts: shards, which fit into memory, and blocks of sessions, which are kept from build to build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from warehouse.errors import ModelError

# the end of an interval of sessions that has none
FOREVER = "forever"


@dataclass(frozen=True)
class Shards:
    """The model may be run in parts: its SQL keeps `by` between $shard_first and $shard_last when it reads `of`.

    A part has `each` values of `by`. Without it there are as many equal parts as threads, or more, so that none has over
    `at_most` values (0: no such limit).
    """

    of: str
    by: str
    each: int = 0
    at_most: int = 0


@dataclass(frozen=True)
class Blocks:
    """The model is made block by block of sessions: a row of session `by` (a number, or a date) hangs on nothing of its inputs
    from more than `back` sessions before its block or over `ahead` after it, beside the last bar before, unless it `is_alone`.

    Where `is_kept` is false the table holds what the sessions that a build reads give, and is thrown away; none but block
    models may read it, and models of the `newest` session.
    """

    by: str = ""
    back: int = 256
    ahead: int = 0
    is_kept: bool = True
    is_newest: bool = False
    is_alone: bool = False


def parse_shards(where: str, given: Any) -> Shards | None:
    if given is None:
        return None
    sizes = {"each", "at_most"}
    is_known = isinstance(given, dict) and {"of", "by"} <= set(given) <= {"of", "by"} | sizes
    if not is_known or any(not isinstance(given[size], int) or given[size] < 1 for size in sizes & set(given)):
        raise ModelError(
            f"{where}: shards is {given!r}; write {{of: schema.table, by: column}}, and each: n or at_most: n if need be"
        )
    return Shards(str(given["of"]), str(given["by"]), given.get("each", 0), given.get("at_most", 0))


def parse_blocks(where: str, given: Any) -> Blocks | None:
    if given is None:
        return None
    if given == "newest":
        return Blocks(is_kept=False, is_newest=True)
    fields = {"by": str, "back": int, "ahead": int, "kept": bool, "alone": bool}
    if (
        not isinstance(given, dict)
        or not {"by"} <= set(given) <= set(fields)
        or any(not isinstance(value, fields[name]) for name, value in given.items())
    ):
        raise ModelError(
            f"{where}: blocks is {given!r}; write {{by: column}}, with back, ahead (sessions), kept or alone, or newest"
        )
    spans = given.get("back", 256), given.get("ahead", 0)
    if min(spans) < 0:
        raise ModelError(f"{where}: blocks looks back {spans[0]} and ahead {spans[1]} sessions; neither is below 0")
    return Blocks(given["by"], *spans, given.get("kept", True), is_alone=given.get("alone", False))


def parse_sessions(where: str, given: Any) -> tuple[str, ...]:
    names = [given] if isinstance(given, str) else given or []
    if not isinstance(names, list) or len(names) > 2 or any(not isinstance(name, str) for name in names):
        raise ModelError(f"{where}: sessions is {given!r}; write a column, [first, first after] or [first, forever]")
    return tuple(names)
