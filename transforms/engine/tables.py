"""All that a SELECT names in FROM and JOIN, as it is written there: a model's inputs are read from it.

DuckDB's own parser takes half a second for all models; this reads their text in a few hundredths.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_NAME = r"""(?:[a-z_]\w*|"[^"]*"|'')"""
# what says whether a comma is followed by a table; `extract(year from x)` reads none, `as (` follows the name of a CTE
_TOKEN = re.compile(
    r'[()\[\]{},]|"[^"]*"|\b(?:as\s+(?:(?:not\s+)?materialized\s+)?\(|(?:extract|substring|trim|overlay)\s*\(|distinct\s+from\b'
    r"|(?:from|join|where|group|order|having|window|qualify|limit|select|union|except|intersect)\b)"
)
# a bracket around tables that are joined, not around a SELECT
_BRACKET = re.compile(r"\s*\((?!\s*(?:select|with|values|from)\b)")
_LAST_NAME = re.compile(rf"{_NAME}\Z")
_LONGEST_NAME = 100
_TABLE = re.compile(rf"\s*(?:lateral\b\s*)?({_NAME}(?:\s*\.\s*{_NAME})*)\s*(\()?")


class Named(NamedTuple):
    """A name of a FROM clause, and whether it stands there after a comma."""

    name: str
    is_after_comma: bool


def named_tables(text: str) -> list[Named]:
    """What a SELECT names in FROM and JOIN, as written, in lower case and in order: tables, and files as ''; no CTEs and no table
    functions. `text` has neither comments nor strings."""
    text = text.lower()
    found: list[Named] = []
    ctes: set[str] = set()
    # for each open bracket whether it is in a FROM clause; None in a function whose FROM is none
    brackets: list[bool | None] = [False]
    at = 0
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word == ",":
            if not brackets[-1]:
                continue
        elif word in ")]}":
            brackets = brackets[:-1] or [False]
            continue
        elif word[-1] in "([{":
            if token.start() >= at:
                brackets.append(None if word[0] in "esto" else False)
                if word[0] == "a":
                    ctes.add(_name_before(text[: token.start()]))
            continue
        elif not word.isalpha() or brackets[-1] is None:
            continue
        else:
            brackets[-1] = word in ("from", "join")
            if not brackets[-1]:
                continue
        at = token.end()
        while (bracket := _BRACKET.match(text, at)) is not None:
            brackets.append(True)
            at = bracket.end()
        table = _TABLE.match(text, at)
        if table is not None and table[2] is None:
            found.append(Named(re.sub(r"\s*\.\s*", ".", table[1]), word == ","))
    return [one for one in found if one.name not in ctes]


def _name_before(text: str) -> str:
    """The last name of `text`, before its columns in brackets."""
    text = text.rstrip()
    if text.endswith(")"):
        text = text[: text.rfind("(")].rstrip()
    found = _LAST_NAME.search(text, max(0, len(text) - _LONGEST_NAME))
    return found[0] if found else ""
