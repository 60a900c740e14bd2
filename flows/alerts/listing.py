"""Alerts for a reader: the addresses, the newest alerts, and those that wait, with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from flows.alerts.sending import Address, addresses_of_home
from warehouse.runs.outbox import Outbox, Waiting

# so many of the newest are looked through for one that was sent
_LOOKED_AT = 50


def alert_lines(home: Path, addresses: Sequence[Address], last: int) -> Iterator[str]:
    """The addresses by name, those that lack an alert with the reason; then the newest alerts."""
    outbox = Outbox(home)
    waiting = outbox.list_waiting()
    if not addresses:
        yield "nobody is told of anything: the setting alerts names no address (docs/operations.md)"
    for one in addresses:
        yield f"{one.name:<24} {_waiting_text([item for item in waiting if item.address == one.digest])}"
    yield from _gone_lines(waiting, addresses)
    taken = outbox.sent_ids()
    unsent = {item.alert.alert_id for item in waiting}
    newest = outbox.newest_alerts(last)
    # 'to nobody': there was no address when it ended
    marks = ["waits" if one.alert_id in unsent else "sent" if one.alert_id in taken else "to nobody" for one in newest]
    width = max(map(len, [*marks, "waits"]))
    for alert, mark in zip(newest, marks, strict=True):
        yield f"  {datetime.fromisoformat(alert.made_at):%Y-%m-%d %H:%M} UTC  {mark:<{width}}  {alert.subject}"


def status_line(home: Path) -> str:
    """How many addresses there are, and the newest alert that was sent; '' where there is none."""
    addresses = addresses_of_home(home)
    if not addresses:
        return ""
    outbox = Outbox(home)
    known = outbox.sent_ids() | {item.alert.alert_id for item in outbox.list_waiting()}
    newest = [one for one in outbox.newest_alerts(_LOOKED_AT) if one.alert_id in known]
    number = f"{len(addresses)} address{'' if len(addresses) == 1 else 'es'}"
    return f"{number}; {f'last told: {newest[0].subject}' if newest else 'nothing to tell so far'}"


def waiting_lines(home: Path) -> Iterator[str]:
    """A line for each address that lacks an alert, with the reason and what to do."""
    waiting, addresses = Outbox(home).list_waiting(), addresses_of_home(home)
    yield from _gone_lines(waiting, addresses)
    for one in addresses:
        mine = [item for item in waiting if item.address == one.digest]
        if mine:
            yield f"{one.name}: {_waiting_text(mine)}; `breadthwise alerts --try` tries it, the next start of a run sends"


def _gone_lines(waiting: Sequence[Waiting], addresses: Sequence[Address]) -> Iterator[str]:
    """How much waits for addresses that the settings name no more."""
    named = {one.digest for one in addresses}
    if gone := {item.alert.alert_id for item in waiting if item.address not in named}:
        waits = f"{len(gone)} alert{' waits' if len(gone) == 1 else 's wait'} for an address that is no longer named"
        yield f"{waits}: the next start of a run sends to those that are"


def _waiting_text(waiting: Sequence[Waiting]) -> str:
    if not waiting:
        return "has all that was told"
    reason = next((item.error for item in waiting if item.error), "not tried yet")
    return f"{len(waiting)} alert{'' if len(waiting) == 1 else 's'} not sent yet: {reason}"
