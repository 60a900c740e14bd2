"""Standard output where it is a terminal: whatever a command prints, a text of a fact cannot steer it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any, TextIO

from warehouse.controls import printable_lines


class PrintableStream:
    """`stream`, on which control characters are written as escapes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(printable_lines(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def guard_terminal() -> Iterator[None]:
    """Within it, what goes to a terminal is printable; a pipe or a file is given the bytes as they are."""
    if not sys.stdout.isatty():
        yield
        return
    with redirect_stdout(PrintableStream(sys.stdout)):
        yield
