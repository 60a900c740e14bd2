"""How long a text may be that comes in, and one that goes out in an error: the one place that bounds what an assistant sends."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from datetime import date
from typing import Any

from reports.assistants.sandbox import clean_text
from warehouse.errors import UsageError

# characters: of a name, a question or a statement; of a query, which may list many names
LONGEST = 1_000
LONGEST_QUERY = 20_000
_LONGEST_ERROR = 2_000
# a whole number of more digits than any figure has, which Python would not even print
_LARGEST = 10**300


def with_bounds(tool: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """`tool` with its texts and numbers held to their bounds before it looks at them. Raises UsageError with the name of the
    argument."""
    signature = inspect.signature(tool)

    @functools.wraps(tool)
    def call(*args: Any, **kwargs: Any) -> dict[str, Any]:
        for name, value in signature.bind(*args, **kwargs).arguments.items():
            longest = LONGEST_QUERY if name == "sql" else LONGEST
            if isinstance(value, str) and len(value) > longest:
                raise UsageError(f"{name} has {len(value):,} characters; at most {longest:,} are taken")
            if isinstance(value, int) and abs(value) >= _LARGEST:
                raise UsageError(f"{name} is a number of over 300 digits; no figure has so many")
        return tool(*args, **kwargs)

    return call


def parse_session(text: str) -> date:
    """A day as 2026-01-23. Raises UsageError for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{clean_text(text)!r} is no day; days are written as 2026-01-23") from error


def shorten_error(text: str) -> str:
    """The text of an error, which may quote what came in, cut to length."""
    return text if len(text) <= _LONGEST_ERROR else f"{text[:_LONGEST_ERROR]} ... ({len(text):,} characters)"
