"""Characters that steer a terminal or turn the direction of writing: no text of a fact holds them, and none is printed raw."""

from __future__ import annotations

import re

# Inside a class of characters, for `re` and for Arrow's RE2 alike: C0 without tab and line ends, DEL and C1, marks of direction.
CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f" + "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_FORBIDDEN = re.compile(f"[{CONTROLS}\ud800-\udfff]")
_UNPRINTABLE = re.compile(f"[{CONTROLS}\ud800-\udfff\t\n\r\u2028\u2029]")
_UNPRINTABLE_BUT_LINES = re.compile(f"[{CONTROLS}\ud800-\udfff\r\u2028\u2029]")


def has_controls(text: str) -> bool:
    """Whether `text` holds what no text of a fact may hold: a control character, a mark of direction, half a surrogate pair."""
    return _FORBIDDEN.search(text) is not None


def printable_text(text: str) -> str:
    r"""`text` on one line: what a terminal would obey, and ends of lines, as \x1b, \u202e, \n."""
    return _UNPRINTABLE.sub(_escape, text)


def printable_lines(text: str) -> str:
    """As `printable_text`, with tabs and ends of lines kept."""
    return _UNPRINTABLE_BUT_LINES.sub(_escape, text)


def escape_in_json(text: str) -> str:
    """`text`, which is JSON, with the same values and none of these characters: JSON's own escapes stand for them."""
    return _UNPRINTABLE_BUT_LINES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
