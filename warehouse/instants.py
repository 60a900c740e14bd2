"""Dates and instants: as people type them on the command line, and as text that sorts."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime


def parse_instant(text: str) -> datetime:
    """An ISO instant with a zone (2026-01-23T23:00:00Z), or a date, which stands for 00:00 UTC of that day."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no instant; write 2026-01-23T23:00:00Z, or 2026-01-23 for 00:00 UTC of that day"
        ) from error
    if found.tzinfo is None:
        if len(text.strip()) > len("2026-01-23"):
            raise argparse.ArgumentTypeError(f"{text!r} has no time zone; add Z for UTC or an offset such as -05:00")
        return found.replace(tzinfo=UTC)
    return found.astimezone(UTC)


def parse_day(text: str) -> date:
    """An ISO date, such as 2026-01-23."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-01-23") from error


def to_utc_text(instant: datetime) -> str:
    """`instant` in a form whose order as text is its order in time."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
