"""Alerts to their addresses: those of the settings, asked side by side, each for a limited time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import SettingsError
from warehouse.runs.outbox import address_digest
from warehouse.settings.addresses import (
    SETTING,
    address_name,
    fill_in,
    hide_secrets,
    log_of_apprise,
    new_sender,
    set_timeouts,
)
from warehouse.settings.load import FILE, read_settings_file
from warehouse.settings.model import AlertSettings

LIMIT_SECONDS = 20.0
# how the reason begins where a service took too long: it may have taken the message
_SLOW = "no answer within"
# by home, for where its file cannot be read any more
_read_last: dict[Path, list[Address]] = {}


@dataclass(frozen=True)
class Address:
    """Somebody to be told. `name` is what may be shown, `digest` what the outbox knows it by; `text` is a secret."""

    name: str
    digest: str
    text: str


@dataclass(frozen=True)
class Message:
    """What is sent. `kind`: info, success, warning or failure, which services show by a colour or a sign."""

    subject: str
    body: str
    kind: str


def read_addresses(home: Path) -> list[Address]:
    """The addresses in the home's settings, also where something else in that file is refused: then they are needed.

    Where the file cannot be read: those that this process read last. Raises SettingsError where it never read any.
    """
    try:
        listed = read_settings_file(home / FILE)[0].get(SETTING, [])
        if not isinstance(listed, list):
            raise SettingsError(f"{home / FILE}: {SETTING} is no list")
    except SettingsError:
        if home not in _read_last:
            raise
        return _read_last[home]
    texts = [one if isinstance(one, str) else "" for one in listed]
    found = [Address(address_name(n, text), address_digest(text), text) for n, text in enumerate(texts) if text]
    _read_last[home] = found
    return found


def addresses_of_home(home: Path) -> list[Address]:
    """The same for who only shows them, or asks whether there are any: none where the file cannot be read."""
    with suppress(SettingsError):
        return read_addresses(home)
    return []


def watched_events(home: Path) -> list[str]:
    """Of what the home tells; all where that setting cannot be read."""
    default = list(AlertSettings().alert_on)
    with suppress(SettingsError):
        listed = read_settings_file(home / FILE)[0].get("alert_on", default)
        return [str(one) for one in listed] if isinstance(listed, list) else [*default]
    return [*default]


def send_to_all(messages: Sequence[tuple[Address, Message]], seconds: float = LIMIT_SECONDS) -> dict[str, str]:
    """By digest '' where the address took its message, else why not. Takes at most `seconds`, whatever the services do."""
    reasons = {address.digest: _slow_reason(seconds) for address, _ in messages}
    done = dict[str, str]()

    def send_one(address: Address, message: Message) -> None:
        try:
            done[address.digest] = _send(address, message, seconds)
        except Exception as error:  # noqa: BLE001 - a service of Apprise may raise whatever it likes; its text may hold the address
            done[address.digest] = f"Apprise failed with {type(error).__name__}"

    threads = [_start(lambda a=address, m=message: send_one(a, m)) for address, message in messages]  # type: ignore[misc]
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return reasons | dict(done)


def is_slow(reason: str) -> bool:
    """Whether an address did not refuse a message, but took too long to answer."""
    return reason.startswith(_SLOW)


def _slow_reason(seconds: float) -> str:
    return f"{_SLOW} {seconds:.0f} s, and it may have taken it: it is asked again after a pause"


def _start(work: Callable[[], None]) -> threading.Thread:
    # a daemon: the program ends beside a service that never answers
    thread = threading.Thread(target=work, name="alert", daemon=True)
    thread.start()
    return thread


def _send(address: Address, message: Message, seconds: float) -> str:
    """'' where the service took it, else why not, without secrets. A service is waited for `seconds`, or as its address says."""
    filled, missing = fill_in(address.text)
    if missing:
        return f"{', '.join(missing)} is not set in the environment of this process"
    from apprise import NotifyFormat, NotifyType

    sender, reason = new_sender(filled)
    if sender is None:
        return reason or "Apprise takes no such address"
    patience = min(set_timeouts(sender, seconds), default=seconds)
    began = time.monotonic()
    with log_of_apprise() as said:
        is_taken = sender.notify(
            message.body, title=message.subject, notify_type=NotifyType(message.kind), body_format=NotifyFormat.TEXT
        )
    if not is_taken and time.monotonic() - began >= patience:
        return _slow_reason(patience)
    return "" if is_taken else hide_secrets("; ".join(said), filled) or "the service refused it, and did not say why"
