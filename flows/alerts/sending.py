"""Alerts to their addresses: those of the settings, asked side by side, each for a limited time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import SettingsError
from warehouse.runs.outbox import address_digest
from warehouse.settings.addresses import SETTING, address_name, fill_in, hide_secrets, log_of_apprise, new_sender
from warehouse.settings.load import FILE, read_settings_file
from warehouse.settings.model import AlertSettings

# an address that takes longer is told again at the next start
LIMIT_SECONDS = 20.0


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


def addresses_of_home(home: Path) -> list[Address]:
    """The addresses in the home's settings, also where something else in that file is refused: then they are needed."""
    given: Mapping[str, object] = {}
    with suppress(SettingsError):
        given, _ = read_settings_file(home / FILE)
    listed = given.get(SETTING)
    texts = [one if isinstance(one, str) else "" for one in listed] if isinstance(listed, list) else []
    return [Address(address_name(n, text), address_digest(text), text) for n, text in enumerate(texts) if text]


def watched_events(home: Path) -> list[str]:
    """Of what the home tells; all where that setting cannot be read."""
    default = list(AlertSettings().alert_on)
    with suppress(SettingsError):
        listed = read_settings_file(home / FILE)[0].get("alert_on", default)
        return [str(one) for one in listed] if isinstance(listed, list) else [*default]
    return [*default]


def send_to_all(messages: Sequence[tuple[Address, Message]], seconds: float = LIMIT_SECONDS) -> dict[str, str]:
    """By digest '' where the address took its message, else why not. Takes at most `seconds`, whatever the services do."""
    reasons = {address.digest: f"no answer within {seconds:.0f} s" for address, _ in messages}
    done = dict[str, str]()

    def send_one(address: Address, message: Message) -> None:
        try:
            done[address.digest] = _send(address, message)
        except Exception as error:  # noqa: BLE001 - a service of Apprise may raise whatever it likes; its text may hold the address
            done[address.digest] = f"Apprise failed with {type(error).__name__}"

    threads = [_start(lambda a=address, m=message: send_one(a, m)) for address, message in messages]  # type: ignore[misc]
    for thread in threads:
        thread.join(seconds)
    return reasons | dict(done)


def _start(work: Callable[[], None]) -> threading.Thread:
    # a daemon: the program ends beside a service that never answers
    thread = threading.Thread(target=work, name="alert", daemon=True)
    thread.start()
    return thread


def _send(address: Address, message: Message) -> str:
    """'' where the service took it, else why not, without secrets. Takes as long as the service does."""
    filled, missing = fill_in(address.text)
    if missing:
        return f"{', '.join(missing)} is not set in the environment of this process"
    from apprise import NotifyFormat, NotifyType

    sender, reason = new_sender(filled)
    if sender is None:
        return reason or "Apprise takes no such address"
    with log_of_apprise() as said:
        is_taken = sender.notify(
            message.body, title=message.subject, notify_type=NotifyType(message.kind), body_format=NotifyFormat.TEXT
        )
    return "" if is_taken else hide_secrets("; ".join(said), filled) or "the service refused it, and did not say why"
