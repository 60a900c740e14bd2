"""What could not be had, in words; and the sessions around a hole, by which a fill is proven."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from warehouse import calendar
from warehouse.errors import BreadthwiseError

_SHOWN = 3


@dataclass(frozen=True)
class Gap:
    """What is missing: of whom (`subject`, '' for the whole market), which sessions, why, and what to do.

    `source` is the one that was asked first; `error` is the class of its error.
    """

    dataset: str
    source: str
    subject: str
    sessions: tuple[date, ...]
    error: str
    message: str

    def __str__(self) -> str:
        of = f" {self.subject}" if self.subject else ""
        when = f" {describe_days(self.sessions)}" if self.sessions else ""
        return f"{self.dataset}{of}{when}: {self.error}: {self.message}"


def summarise_errors(errors: Sequence[BreadthwiseError]) -> tuple[str, str]:
    """Class of the first error, and what all of them say."""
    messages = list(dict.fromkeys(str(error) for error in errors))
    more = f"; and {len(messages) - _SHOWN} more" if len(messages) > _SHOWN else ""
    return type(errors[0]).__name__, "; then ".join(messages[:_SHOWN]) + more


def split_into_runs(days: Sequence[date]) -> Iterator[list[date]]:
    """`days` (in order) cut where more than a week lies between two."""
    run: list[date] = []
    for day in days:
        if run and (day - run[-1]).days > 7:
            yield run
            run = []
        run.append(day)
    if run:
        yield run


def neighbouring_sessions(days: Sequence[date]) -> tuple[date, date]:
    """From the session before `days` to the one after them."""
    earlier = calendar.sessions_between(days[0] - timedelta(days=10), days[0] - timedelta(days=1))
    later = calendar.sessions_between(days[-1] + timedelta(days=1), days[-1] + timedelta(days=10))
    return (earlier[-1] if earlier else days[0]), (later[0] if later else days[-1])


def describe_days(days: Sequence[date]) -> str:
    listed = ", ".join(str(day) for day in days[:_SHOWN])
    return listed if len(days) <= _SHOWN else f"{listed} and {len(days) - _SHOWN} more sessions"
