"""Keys and passwords in addresses, taken out of a text before anybody is shown it."""

from __future__ import annotations

import re

# parameters of an address whose value is a key
KEY_NAMES = frozenset({"apikey", "api_key", "token", "key", "access_key", "crumb", "registrationkey"})
_IN_QUERY = re.compile(r"(?i)\b([\w-]*?(?:" + "|".join(sorted(KEY_NAMES)) + r"))=([^&\s\"']+)")
# a password may hold what an address would have to quote; digits up to a slash are a port
_LOGIN = re.compile(r"(?<=://)(?:[^/\s\"'?#]+|[^/\s\"'?#@:]*:(?!\d+[/?#])[^\s\"'@]*)@")


def mask_addresses(text: str) -> str:
    """`text` with *** for the login and the keys of every address in it: http://***@host/x?apikey=***."""
    return _IN_QUERY.sub(r"\1=***", _LOGIN.sub("***@", text))
