"""Addresses of alerts, in Apprise's form: read with names of the environment filled in, checked, and named without their secrets.

Apprise takes most of a second to import, which only a home with such addresses pays, where they are checked or used.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from warehouse.settings.load import Mistake

if TYPE_CHECKING:
    from apprise import Apprise

SETTING = "alerts"
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
# a shorter part of an address is no secret, and may be a word of a sentence
_SHORTEST_SECRET = 4


def address_name(position: int, address: str) -> str:
    """What an address is called wherever it is shown: its place in the setting, and its scheme; such as `alerts[0] (slack)`."""
    scheme = _SCHEME.match(address)
    return f"{SETTING}[{position}] ({scheme[1].lower() if scheme else 'of the environment'})"


def hide_address(address: Any) -> str:
    """An address, or what stands in its place, with its scheme and names of variables alone."""
    if not isinstance(address, str):
        return "***"
    if _VARIABLE.fullmatch(address):
        return address
    scheme = _SCHEME.match(address)
    return f"{scheme[0] if scheme else ''}***"


def fill_in(address: str) -> tuple[str, list[str]]:
    """The address with the variables that it names, and those of them that are not set."""
    missing = [name for name in _VARIABLE.findall(address) if not os.environ.get(name)]
    return _VARIABLE.sub(lambda found: os.environ.get(found[1], ""), address), missing


def find_mistaken_addresses(given: Mapping[str, Any]) -> Iterator[Mistake]:
    """Addresses in the values of a file that Apprise refuses. One of a variable that is not set here is left: it may be where
    it is used. Values of a wrong type or form are left to the model."""
    addresses = given.get(SETTING)
    for position, address in enumerate(addresses if isinstance(addresses, list) else []):
        has_form = isinstance(address, str) and ("://" in address or "${" in address)
        if has_form and (fault := address_fault(address)):
            yield Mistake((SETTING, position), fault)


def address_fault(address: str) -> str:
    """Why Apprise takes no such address, and what to write; '' where it does, or where a variable that it names is not set."""
    filled, missing = fill_in(address)
    if missing:
        return ""
    if filled.startswith(("http://", "https://")) and new_sender(filled)[0] is None:
        return "is a web address of no service that Apprise knows; write json://HOST/PATH, or jsons:// for https, for a webhook"
    if not _SCHEME.match(filled):
        return "has no scheme; write it in Apprise's form, such as mailto://, slack://, msteams:// or jsons://"
    sender, reason = new_sender(filled)
    if sender is None:
        said = f": {reason.rstrip('.')}" if reason else ""
        return f"is no address that Apprise takes{said}; https://appriseit.com/services has the form of each service"
    return ""


def new_sender(filled: str) -> tuple[Apprise | None, str]:
    """A sender to one address whose variables are filled in, or None with what Apprise says of it, without its secrets."""
    from apprise import Apprise, AppriseAsset

    with log_of_apprise() as said:
        sender = Apprise(asset=AppriseAsset(app_id="Breadthwise", app_desc="Breadthwise", app_url="", async_mode=False))
        is_taken = sender.add(filled)
    # the last line repeats the address
    return (sender, "") if is_taken else (None, hide_secrets(said[0], filled) if len(said) > 1 else "")


def set_timeouts(sender: Apprise, seconds: float) -> list[float]:
    """Let each service take `seconds` to answer, and half of that to connect, unless its address says how long (rto, cto); how
    long each may take to answer. What was never connected has taken nothing, and may be asked again soon."""
    found = []
    for service in sender:
        if "socket_connect_timeout" not in vars(service):
            # of mail it is the time of each step
            is_mail = "mailto" in str(service.secure_protocol)
            service.socket_connect_timeout = seconds if is_mail else seconds / 2
        if "socket_read_timeout" not in vars(service):
            service.socket_read_timeout = seconds
        found.append(float(service.socket_read_timeout))
    return found


def hide_secrets(text: str, filled: str) -> str:
    """`text` on one line without any part of the address but its scheme."""
    rest = filled.partition("://")[2] or filled
    parts = {part for one in (rest, unquote(rest)) for part in re.split(r"[/:@?&=,;#\s]+", one)}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SHORTEST_SECRET:
            text = text.replace(part, "***")
    return " ".join(text.split())


@contextmanager
def log_of_apprise() -> Iterator[list[str]]:
    """What Apprise warns of in this thread, and nowhere else: its lines may hold the whole address."""
    from threading import get_ident

    said: list[str] = []
    thread = get_ident()

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == thread:
                said.append(record.getMessage())

    logger, keeping = logging.getLogger("apprise"), Keeping(logging.WARNING)
    logger.propagate = False
    logger.addHandler(keeping)
    try:
        yield said
    finally:
        logger.removeHandler(keeping)
