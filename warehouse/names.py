"""What a universe or a source may be called: one spelling for each name, none that a build gives to a universe of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable

_UNIVERSE = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,39}")
_SOURCE = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9_.:/@+-]{0,79}")
_SHOWN = 40
# Universes that the models make: all stocks, a list's newest state, and one for each sector and band of market cap.
_MADE_BY_BUILD = re.compile(r"all|.*_list|(?:sector|nasdaq_sector|cap):.*")
OWN_UNIVERSES = "all, NAME_list, sector:NAME, nasdaq_sector:NAME, cap:NAME"


def is_made_by_build(name: str) -> bool:
    """Whether a build gives `name` to a universe of its own; no list can bear it."""
    return bool(_MADE_BY_BUILD.fullmatch(name))


def universe_name(text: str) -> str:
    """The universe that `text` names: in small letters, without blanks around it.

    Raises ValueError for a text that is no such name, and for one that a build gives to a universe of its own.
    """
    name = text.strip(" \t").lower() if text.isascii() else text
    if not _UNIVERSE.fullmatch(name):
        raise ValueError(
            f"{text[:_SHOWN]!a} is no name of a universe; expected a to z, digits and _ . : - (40 at most), such as sp500"
        )
    if is_made_by_build(name):
        raise ValueError(
            f"{text[:_SHOWN]!a} is a universe that the build makes itself, as are {OWN_UNIVERSES}; choose another name, "
            f"such as my_{re.sub('[^a-z0-9]+', '_', name.removesuffix('_list'))}"
        )
    return name


def source_name(text: str, known: Iterable[str] = ()) -> str:
    """The source that `text` names; one of `known` is taken as it is.

    Raises ValueError for a text that is no such name, and for one that differs from a known one by case or blanks alone.
    """
    names = set(known)
    if text in names:
        return text
    alike = sorted(name for name in names if _bare(name) == _bare(text))
    if alike:
        raise ValueError(f"{text[:_SHOWN]!a} differs from the source {alike[0]!r} by case or blanks alone; write that")
    if not _SOURCE.fullmatch(text):
        raise ValueError(
            f"{text[:_SHOWN]!a} is no name of a source; expected letters a to z, digits and _ . : / @ + - (80 at most)"
        )
    return text


def _bare(name: str) -> str:
    return "".join(name.split()).casefold()
